"""Making a project, and what it is called."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from dashboard.pages.projects import new_project_page, project_settings_page, read_name, read_new_project
from triage.limits import PROJECTS
from triage.models import Project
from triage.people import for_people, led_project, may_make_projects, project_or_404
from triage.store import projects as store

log = logging.getLogger(__name__)

TAKEN = "That address is taken: choose another one."
TOO_MANY = "You made many projects today already. Go on tomorrow, or ask whoever runs this Lineup."


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def new_project(request: HttpRequest) -> HttpResponse:
    """Whoever makes a project is its first admin."""
    if not may_make_projects(request.user):
        raise PermissionDenied
    if request.method != "POST":
        return render(request, "new_project.html", {"page": new_project_page()})
    draft, problems = read_new_project(request.POST.dict())
    if not problems and not PROJECTS.note(str(request.user.pk)):
        problems = {"name": TOO_MANY}
    if not problems:
        made = store.new_project(draft["slug"], draft["name"], request.user)
        if made is not None:
            log.info("%s made the project %s", request.user, made.slug)
            messages.info(request, f"{made.name} is there. Send it the logs of a first run.")
            return redirect("sources", slug=made.slug)
        problems = {"slug": TAKEN}
    return render(request, "new_project.html", {"page": new_project_page(draft, problems)}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def project_settings(request: HttpRequest, slug: str) -> HttpResponse:
    if request.method == "POST":
        project = led_project(request, slug)
        name, problem = read_name(request.POST.get("name", ""))
        if not problem:
            store.rename(project, name)
            messages.info(request, "Saved.")
            return redirect("project-settings", slug=slug)
    else:
        project, name, problem = project_or_404(request, slug), "", ""
    may_lead = Project.objects.is_led_by(request.user, project)
    page = project_settings_page(project, timezone.now(), may_lead=may_lead, name=name, problem=problem)
    status = 422 if problem else 200
    return render(request, "project_settings.html", {"page": page, "project": project}, status=status)
