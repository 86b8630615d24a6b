"""Where a project's evidence comes from, and the lines that send more."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.pages.overview import mark_of
from dashboard.pages.sources import sources_page
from dashboard.views.overview import site
from triage.models import Project
from triage.people import for_people, project_or_404


@require_safe
@for_people
def sources(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "sources.html", sources_shown(request, project_or_404(request, slug)))


@require_safe
@for_people
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Where these lines stood before."""
    return redirect("sources", slug=project_or_404(request, slug).slug, permanent=True)


def sources_shown(request: HttpRequest, project: Project) -> dict[str, Any]:
    """What the page and its living part are drawn from."""
    now = timezone.now()
    page = sources_page(
        project,
        site(request),
        now,
        may_lead=Project.objects.is_led_by(request.user, project),
        may_drop=Project.objects.is_triaged_by(request.user, project),
        mark=mark_of(project, request.user, now),
    )
    return {"page": page, "project": project}
