"""How long a project keeps its server lines. Keeping less is asked twice: what is dropped does not come back."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from dashboard.pages.retention import read_days, retention_page
from triage.models import Project
from triage.people import for_people, led_project, project_or_404
from triage.store import projects as store

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def retention(request: HttpRequest, slug: str) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, project_or_404(request, slug))
    project = led_project(request, slug)
    days, problem = read_days(request.POST.get("days", ""))
    if problem:
        return _shown(request, project, problem=problem, typed=request.POST.get("days", "")[:20])
    if days < project.retention_days and request.POST.get("confirmed") != str(days):
        return _shown(request, project, asked=days)
    store.keep_for(project, days)
    log.info("%s set the retention of %s to %s days", request.user, slug, days)
    messages.info(request, f"Server lines are kept for {days:,} days from now on.")
    return redirect("retention", slug=slug)


def _shown(
    request: HttpRequest, project: Project, *, problem: str = "", typed: str = "", asked: int = 0
) -> HttpResponse:
    may_lead = Project.objects.is_led_by(request.user, project)
    page = retention_page(project, timezone.now(), may_lead=may_lead, problem=problem, typed=typed, asked=asked)
    status = 422 if problem else 200
    return render(request, "retention.html", {"page": page, "project": project}, status=status)
