"""One line of a server's log among its neighbours, and whose request it belongs to."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.urls import reverse

from dashboard.pages.addresses import address
from dashboard.pages.search_marks import marked
from dashboard.pages.words import Piece, age, short_test
from dashboard.timeline.axis import clock_time
from dashboard.timeline.text import request_words, visible
from triage.core.records import Request
from triage.core.search.match import marking
from triage.core.search.query import read_query
from triage.models import Entry, Match, Part, Run, Served

EACH_SIDE = 12
CUT = 4_000  # characters of one line


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    at: str
    who: str
    text: tuple[Piece, ...]
    cut: str
    here: bool


class LinePage(msgspec.Struct, frozen=True, kw_only=True):
    run: Run
    title: str
    part: str
    evidence_age: str
    lines: tuple[LineView, ...]
    gone: bool  # retention has dropped them
    asked: str  # the request that the line belongs to
    step: str  # the step that sent it, in words
    href: str  # where the run shows that
    earlier: str
    later: str


def line_page(run: Run, position: int, number: int, text: str, now: datetime) -> LinePage | None:
    """None where the run has no such part. Seven queries at most."""
    part = Part.objects.at_position(run, position)
    if part is None:
        return None
    part.run = run  # its day names the partition
    pattern = marking(read_query(text, now).terms)
    rows = Entry.objects.around(part, number, before=EACH_SIDE, after=EACH_SIDE)
    served = Served.objects.of_line(part, number)
    match = Match.objects.steps_of(served).select_related("step__test").first() if served is not None else None
    step = match.step if match is not None else None
    here = [reverse("line", args=[run.pk, part.position, row.line]) for row in rows[:1] + rows[-1:]]
    return LinePage(
        run=run,
        title=f"Line {number:,} of {visible(part.name)}",
        part=visible(part.name),
        evidence_age=age(run.changed_at, now),
        lines=tuple(_view(row, row.line == number, pattern) for row in rows),
        gone=not rows and run.lines_gone_at is not None,
        asked=visible(request_words(Request(method=served.method, path=served.path))) if served is not None else "",
        step=f"step {step.n} of {short_test(step.test.nodeid)}" if step is not None and step.test is not None else "",
        href=address("run", run, step.test.nodeid if step is not None and step.test is not None else ""),
        earlier=here[0] if rows and rows[0].line != number else "",
        later=here[-1] if rows and rows[-1].line != number else "",
    )


def _view(row: Entry, here: bool, pattern: object) -> LineView:
    who = f"{row.unit.removesuffix('.service')} {row.pid}" if row.pid is not None else row.unit
    raw = row.raw.rstrip("\n")
    return LineView(
        number=row.line,
        at=clock_time(row.stamp_us) if row.stamp_us is not None else "",
        who=visible(f"{row.host} {who}".strip()),
        text=marked(raw[:CUT], pattern if here else None),  # type: ignore[arg-type]
        cut=f"{len(raw) - CUT:,} more characters" if len(raw) > CUT else "",
        here=here,
    )
