"""The meetings of a project: begin one, set when they are, and who is on duty."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.acts import schedules
from dashboard.pages.meetings import meetings_page
from dashboard.sent import key_of
from triage.models import Project
from triage.people import for_people, project_or_404, triaged_project
from triage.store.meetings.begin import begin
from triage.store.refused import Refused


@require_safe
@for_people
def meetings(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_or_404(request, slug)
    may = Project.objects.is_triaged_by(request.user, project)
    deleted = key_of(request.GET.get("deleted", ""))
    page = meetings_page(project, request.user, timezone.now(), may=may, deleted=deleted)
    return render(request, "meetings.html", {"page": page, "project": project})


@require_POST
@for_people
def begin_meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Where one runs already, that one: two people who press the button at once meet."""
    project = triaged_project(request, slug)
    meeting = begin(project, request.user, timezone.now(), name=request.POST.get("name", ""))
    return redirect("meeting", pk=meeting.pk)


@require_POST
@for_people
def add_schedule(request: HttpRequest, slug: str) -> HttpResponse:
    project = triaged_project(request, slug)
    return _done(request, project, lambda: schedules.add(project, request.user, request.POST, timezone.now()))


@require_POST
@for_people
def change_schedule(request: HttpRequest, slug: str, pk: int, name: str) -> HttpResponse:
    """Change, pause, resume, delete and restore, by name."""
    project = triaged_project(request, slug)
    if name not in schedules.ACTS:
        raise Http404
    answer = _done(request, project, lambda: schedules.ACTS[name](project, pk, request.POST, timezone.now()))
    if name == "delete":
        answer["Location"] = f"{reverse('meetings', args=[project.slug])}?deleted={pk}"
    return answer


@require_POST
@for_people
def set_duty(request: HttpRequest, slug: str) -> HttpResponse:
    project = triaged_project(request, slug)
    return _done(request, project, lambda: schedules.set_duty(project, request.POST, timezone.now()))


@require_POST
@for_people
def end_duty(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = triaged_project(request, slug)
    return _done(request, project, lambda: schedules.end_duty(project, pk))


def _done(request: HttpRequest, project: Project, what: Callable[[], str]) -> HttpResponse:
    try:
        said = what()
        if said:
            messages.info(request, said)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("meetings", slug=project.slug)
