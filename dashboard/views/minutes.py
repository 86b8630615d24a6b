"""The minutes of a meeting: as a page, as Markdown, and sent again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.pages.minutes import file_name, minutes_page
from triage.core.meeting.markdown import markdown
from triage.models import Project
from triage.people import for_people, meeting_or_404, triaged_meeting
from triage.store.meetings.running import send_again
from triage.store.meetings.writing import minutes_of


@require_safe
@for_people
def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request, pk)
    may = Project.objects.is_triaged_by(request.user, meeting.project)
    page = minutes_page(meeting, timezone.now(), may=may)
    return render(request, "minutes.html", {"page": page, "project": meeting.project})


@require_safe
@for_people
def as_markdown(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request, pk)
    response = HttpResponse(markdown(minutes_of(meeting)), content_type="text/markdown; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(meeting)}"'
    return response


@require_POST
@for_people
def send(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = triaged_meeting(request, pk)
    if meeting.ended_at is None:
        messages.error(request, "The meeting still runs: its minutes are sent when it ends.")
    else:
        send_again(meeting, minutes_of(meeting), timezone.now())
        messages.info(request, "Sent again, to every rule of this project that asks for minutes.")
    return redirect("minutes", pk=pk)
