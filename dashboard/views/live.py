"""What pages ask for while they are open: nothing where nothing changed, else the parts that did.

All is told from Postgres, so any process may answer, and none has to remember who is looking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.pages.group import group_mark, newest_decision
from dashboard.pages.overview import mark_of
from dashboard.views.overview import overview_shown
from dashboard.views.sources import sources_shown
from triage.models import Project
from triage.people import for_people, group_or_404, project_or_404


@require_safe
@for_people
def fresh(request: HttpRequest, slug: str) -> HttpResponse:
    """The lists and figures of the overview, with the filters of its address."""
    return _answer(request, slug, "_fresh.html", overview_shown)


@require_safe
@for_people
def fresh_sources(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of a project's sources."""
    return _answer(request, slug, "_fresh_sources.html", sources_shown)


@require_safe
@for_people
def fresh_group(request: HttpRequest, pk: int) -> HttpResponse:
    """What was decided about a failure since its page was loaded: in a meeting, or by somebody beside it."""
    group = group_or_404(request, pk)
    mark = group_mark(group)
    if request.headers.get("If-None-Match") == mark:
        return HttpResponseNotModified(headers={"ETag": mark})
    page = {"news": newest_decision(group), "href": reverse("group", args=[pk])}
    response = render(request, "_fresh_group.html", {"page": page})
    response.headers["ETag"] = mark
    return response


def _answer(
    request: HttpRequest, slug: str, template: str, shown: Callable[[HttpRequest, Project], dict[str, Any]]
) -> HttpResponse:
    project = project_or_404(request, slug)
    mark = mark_of(
        project, request.user, timezone.now()
    )  # before the rows are read: what changes meanwhile is asked for again
    if request.headers.get("If-None-Match") == mark:
        return HttpResponseNotModified(headers={"ETag": mark})
    response = render(request, template, shown(request, project))
    response.headers["ETag"] = mark
    return response
