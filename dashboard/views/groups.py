"""Failure groups: the list of a project's, and one of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.pages.group import group_page
from dashboard.pages.groups import Filters, groups_page
from triage.people import for_people, group_or_404, project_or_404


@require_safe
@for_people
def groups(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_or_404(request, slug)
    wanted = {
        name: request.GET.get(name, "")[:200].replace("\0", "").strip()
        for name in ("q", "kind", "level", "order", "cursor")
    }
    page = groups_page(project, Filters(**wanted), timezone.now())
    return render(request, "groups.html", {"page": page, "project": project})


@require_safe
@for_people
def group(request: HttpRequest, pk: int) -> HttpResponse:
    found = group_or_404(request, pk)
    page = group_page(found, request.GET.get("cursor", "")[:60], timezone.now())
    return render(request, "group.html", {"page": page, "project": found.project})
