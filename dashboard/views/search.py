"""Search over failures, runs and log lines, and one line with its neighbours."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.pages.line import line_page
from dashboard.pages.search import search_page
from triage.people import for_people, project_or_404, run_or_404
from triage.store.text import clean

LONGEST = 2_000  # characters that are taken; the query reads fewer, and says so
HIGHEST = 2**62


@require_safe
@for_people
def search(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_or_404(request, slug)
    text = clean(request.GET.get("q", ""), LONGEST).strip()
    cursor = request.GET.get("cursor", "")[:80]
    page = search_page(project, request.user, text, cursor, timezone.now())
    return render(request, "search.html", {"page": page, "project": project})


@require_safe
@for_people
def line(request: HttpRequest, run_id: UUID, position: int, number: int) -> HttpResponse:
    """A line of a log, by the place of its part in the run; alone it is a page, to htmx a fragment."""
    run = run_or_404(request, run_id)
    text = clean(request.GET.get("q", ""), LONGEST)
    page = line_page(run, min(position, 2**31 - 1), min(number, HIGHEST), text, timezone.now())
    if page is None:
        raise Http404
    fragment = bool(request.headers.get("HX-Request"))
    return render(request, "_line.html" if fragment else "line.html", {"page": page, "project": run.project})
