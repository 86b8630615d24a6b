"""The way in: the person's projects, and the overview of one."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.pages.overview import Filters, overview_page
from dashboard.pages.projects import projects_page
from dashboard.pages.upload import curl_line
from triage.models import Project
from triage.people import for_people, project_or_404


@require_safe
@for_people
def home(request: HttpRequest) -> HttpResponse:
    """A person with one project has no use for a list of it."""
    projects = list(Project.objects.seen_by(request.user).with_counts())
    if len(projects) == 1:
        return redirect("overview", slug=projects[0].slug)
    return render(request, "projects.html", {"page": projects_page(projects, timezone.now())})


@require_safe
@for_people
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_or_404(request, slug)
    wanted = {
        name: request.GET.get(name, "")[:300].replace("\0", "") for name in ("branch", "verdict", "status", "cursor")
    }
    page = overview_page(project, Filters(**wanted), timezone.now())
    return render(request, "overview.html", {"page": page, "project": project, "curl": curl_line(site(request))})


def site(request: HttpRequest) -> str:
    """The address that CI jobs reach: the configured one, else the one that this person came by."""
    return settings.BASE_URL or f"{request.scheme}://{request.get_host()}"
