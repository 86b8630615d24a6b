"""Failure groups: the list of a project's, and one of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.pages.group import group_page
from dashboard.pages.groups import Filters, groups_page
from triage.models import Project
from triage.people import for_people, group_or_404, project_or_404
from triage.store import mentions
from triage.store.text import clean


@require_safe
@for_people
def groups(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_or_404(request, slug)
    asked = Filters(**{name: _text(request, name) for name in Filters.__struct_fields__})
    may = Project.objects.is_triaged_by(request.user, project)
    page = groups_page(project, asked, request.user, timezone.now(), may=may)
    return render(request, "groups.html", {"page": page, "project": project})


@require_safe
@for_people
def group(request: HttpRequest, pk: int) -> HttpResponse:
    found, now = group_or_404(request, pk), timezone.now()
    may = Project.objects.is_triaged_by(request.user, found.project)
    page = group_page(found, request.GET.get("cursor", "")[:60], request.user, now, may=may)
    return render(request, "group.html", {"page": page, "project": found.project})


@require_POST
@for_people
def seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody has looked. The page says so once it is in front of them; without JavaScript they do."""
    found = group_or_404(request, pk)
    mentions.seen(request.user, found, timezone.now())
    return HttpResponse(status=204) if request.headers.get("HX-Request") else redirect("group", pk=pk)


def _text(request: HttpRequest, name: str) -> str:
    return clean(request.GET.get(name, ""), 200).strip()
