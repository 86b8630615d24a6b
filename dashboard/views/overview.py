"""The way in: the person's projects, and the overview of one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.pages.filters import read_filters
from dashboard.pages.overview import overview_page
from dashboard.pages.projects import projects_page
from dashboard.pages.snippets import curl_line
from triage.models import Project
from triage.people import for_people, may_make_projects, project_or_404


@require_safe
@for_people
def home(request: HttpRequest) -> HttpResponse:
    """A person with one project has no use for a list of it."""
    projects = list(Project.objects.seen_by(request.user).with_counts())
    if len(projects) == 1:
        return redirect("overview", slug=projects[0].slug)
    page = projects_page(projects, timezone.now(), may_make=may_make_projects(request.user))
    return render(request, "projects.html", {"page": page})


@require_safe
@for_people
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "overview.html", overview_shown(request, project_or_404(request, slug)))


def overview_shown(request: HttpRequest, project: Project) -> dict[str, Any]:
    """What the overview and its living parts are drawn from."""
    may_drop = Project.objects.is_triaged_by(request.user, project)
    page = overview_page(project, request.user, read_filters(request.GET), timezone.now(), may_drop=may_drop)
    return {"page": page, "project": project, "curl": curl_line(site(request))}


def site(request: HttpRequest) -> str:
    """The address that CI jobs reach: the configured one, else the one that this person came by."""
    return settings.BASE_URL or f"{request.scheme}://{request.get_host()}"
