"""Who may see a page: signed-in people, and of projects only their own. What is not theirs does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.vary import vary_on_headers

from triage.models import FailureGroup, Meeting, Project, Run

View = Callable[..., HttpResponseBase]


def for_people(view: View) -> View:
    """Signed-in people only; answers are private to them and asked for again each time."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Refresh": "true"})  # a sign-in page inside a fragment would help nobody
        return redirect_to_login(request.get_full_path(), "sign-in")

    private: View = cache_control(private=True, no_cache=True)(vary_on_headers("HX-Request")(guarded))
    return private


def project_or_404(request: HttpRequest, slug: str) -> Project:
    project: Project | None = Project.objects.seen_as(request.user, slug)
    if project is None:
        raise Http404
    return project


def may_make_projects(user: Any) -> bool:
    """Operators always; everybody else where the operator allows it."""
    return settings.NEW_PROJECTS or bool(user.is_superuser)


def led_project(request: HttpRequest, slug: str) -> Project:
    """A project that this person may change. Raises PermissionDenied where they may only see it."""
    project = project_or_404(request, slug)
    if not Project.objects.is_led_by(request.user, project):
        raise PermissionDenied
    return project


def triaged_project(request: HttpRequest, slug: str) -> Project:
    """A project whose failures this person may decide on. Raises PermissionDenied where they may only see them."""
    project = project_or_404(request, slug)
    if not Project.objects.is_triaged_by(request.user, project):
        raise PermissionDenied
    return project


def run_or_404(request: HttpRequest, run_id: object) -> Run:
    run: Run | None = Run.objects.seen_as(request.user, run_id)
    if run is None:
        raise Http404
    return run


def triaged_run(request: HttpRequest, run_id: object) -> Run:
    """A run whose verdicts this person may judge. Raises PermissionDenied where they may only see it."""
    run = run_or_404(request, run_id)
    if not Project.objects.is_triaged_by(request.user, run.project):
        raise PermissionDenied
    return run


def group_or_404(request: HttpRequest, pk: int) -> FailureGroup:
    group: FailureGroup | None = FailureGroup.objects.seen_as(request.user, pk)
    if group is None:
        raise Http404
    return group


def meeting_or_404(request: HttpRequest, pk: int) -> Meeting:
    meeting: Meeting | None = Meeting.objects.seen_as(request.user, pk)
    if meeting is None:
        raise Http404
    return meeting


def triaged_meeting(request: HttpRequest, pk: int) -> Meeting:
    """A meeting that this person may decide in. Raises PermissionDenied where they may only watch."""
    meeting = meeting_or_404(request, pk)
    if not Project.objects.is_triaged_by(request.user, meeting.project):
        raise PermissionDenied
    return meeting
