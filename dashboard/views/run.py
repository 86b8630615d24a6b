"""The run page and its fragments."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.pages.lines import around_served, around_step
from dashboard.pages.lineup import Choice
from dashboard.pages.run import progress_view, run_page
from triage.models import Project, Test
from triage.people import for_people, run_or_404

LONGEST_NODEID = 4_000
HIGHEST_POSITION = 2**31 - 1


@require_safe
@for_people
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    found = run_or_404(request, run_id)
    choice = Choice(
        test=request.GET.get("test", "")[:LONGEST_NODEID].replace("\0", ""),
        raw=request.GET.get("times") == "raw",
        whole=request.GET.get("span") == "run",
        table=request.GET.get("view") == "table",
    )
    try:
        may = Project.objects.is_triaged_by(request.user, found.project)
        page = run_page(found, choice, timezone.now(), may=may)
    except Test.DoesNotExist:
        raise Http404 from None
    wants_lineup = request.headers.get("HX-Target") == "lineup" and page.lineup is not None
    return render(request, "_lineup.html" if wants_lineup else "run.html", {"page": page, "project": found.project})


@require_safe
@for_people
def progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """What moves while a run is in work; when nothing does any more, the page loads itself anew."""
    found = run_or_404(request, run_id)
    view = progress_view(found)
    if view is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "_progress.html", {"progress": view})


@require_safe
@for_people
def lines(request: HttpRequest, run_id: UUID) -> HttpResponse:
    found = run_or_404(request, run_id)
    step, served = _position(request, "step"), _position(request, "served")
    page = None
    if step is not None:
        page = around_step(found, step, timezone.now())
    elif served is not None:
        page = around_served(found, served, timezone.now())
    if page is None:
        raise Http404
    fragment = bool(request.headers.get("HX-Request"))
    return render(request, "_lines.html" if fragment else "lines.html", {"page": page, "project": found.project})


def _position(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    return min(int(text), HIGHEST_POSITION)
