"""The run page and its fragments."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.pages.addresses import address
from dashboard.pages.chosen import shown
from dashboard.pages.lines import around_marks
from dashboard.pages.lineup import Choice
from dashboard.pages.peek import peek
from dashboard.pages.run import progress_view, run_page
from dashboard.pages.windows import read_window
from triage import tasks
from triage.models import Project, Test
from triage.people import for_people, run_or_404, triaged_run
from triage.store.text import clean

LONGEST_NODEID = 4_000
HIGHEST_POSITION = 2**31 - 1


@require_safe
@for_people
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    found, choice = run_or_404(request, run_id), read_choice(request)
    try:
        if request.headers.get("HX-Target") == "lineup" and (part := shown(found, choice)) is not None:
            return render(request, "_lineup.html", {"v": part.lineup, "project": found.project})
        may = Project.objects.is_triaged_by(request.user, found.project)
        page = run_page(found, choice, timezone.now(), may=may)
    except Test.DoesNotExist:
        raise Http404 from None
    return render(request, "run.html", {"page": page, "project": found.project})


def read_choice(request: HttpRequest) -> Choice:
    query = request.GET
    return Choice(
        test=clean(query.get("test", ""), LONGEST_NODEID),
        raw=query.get("times") == "raw",
        whole=query.get("span") == "run",
        table=query.get("view") == "table",
        window=read_window(query),
        first=max(1, min(_position(query.get("step", "")) or 1, HIGHEST_POSITION)),
    )


@require_safe
@for_people
def progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """What moves while a run is in work; when nothing does any more, the page loads itself anew."""
    found = run_or_404(request, run_id)
    view = progress_view(found)
    if view is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "_progress.html", {"progress": view})


@require_POST
@for_people
def analyse_again(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Decides anew from what is kept, such as after an update of Lineup or with a new line format."""
    found = triaged_run(request, run_id)
    if tasks.analyse_again(found.pk):
        messages.info(request, "This run is being analysed again.")
    else:
        messages.error(request, "This run cannot be analysed again: retention has dropped its log lines.")
    return redirect(address("run", found, read_choice(request).test))


@require_safe
@for_people
def lines(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The lines of both logs around one mark, or around the write and the read; a glance at them for a pointer."""
    found, marks = run_or_404(request, run_id), _marks(request)
    if request.headers.get("HX-Target") == "peek":
        glance = peek(found, marks)
        if glance is None:
            raise Http404
        return render(request, "_peek.html", {"peek": glance})
    page = around_marks(found, marks, timezone.now())
    if page is None:
        raise Http404
    fragment = bool(request.headers.get("HX-Request"))
    return render(request, "_lines.html" if fragment else "lines.html", {"page": page, "project": found.project})


def _marks(request: HttpRequest) -> list[tuple[str, int]]:
    """`?step=3`, `?served=8`, or two of them."""
    asked = [(kind, text) for kind in ("step", "served") for text in request.GET.getlist(kind)[:2]]
    found = [(kind, _position(text)) for kind, text in asked[:2]]
    if any(position is None for _, position in found):
        raise Http404
    return [(kind, position) for kind, position in found if position is not None]


def _position(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    return min(int(text), HIGHEST_POSITION)
