"""The lines of both logs around one step or one served request, whole, with raw and adjusted times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.urls import reverse

from dashboard.pages.lineup import Choice, about
from dashboard.pages.words import Piece, age, pieces, short_test
from dashboard.rows import clocks_of
from dashboard.timeline.axis import clock_time
from dashboard.timeline.scene import client_time
from dashboard.timeline.text import visible
from triage.core.clock_scale import to_server
from triage.models import Entry, Match, Part, Reading, Run, Served, Step
from triage.store import readings

EACH_SIDE = 6
RAW_CUT = 4_000  # characters of one line
BLOB_LIMIT = 1_000_000  # compressed bytes of a tests part that a page unfolds to show its lines as they were
UNFOLDED_LIMIT = 10_000_000  # and what they may unfold to: a megabyte of one repeated line is more than a page can hold
ZONE_STEP_US = 900_000_000  # zones and dates shift clocks by whole quarters of an hour


class Line(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    raw_at: str
    at: str  # on the tests' clock
    who: str
    text: tuple[Piece, ...]
    cut: str
    here: bool


class SideLines(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    part: str
    lines: tuple[Line, ...] = ()
    empty: str = ""  # why there are none
    raw: bool = False  # each line has a time as logged beside the one on the tests' clock


class LinesPage(msgspec.Struct, frozen=True, kw_only=True):
    run: Run
    title: str
    back: str
    shown: str  # address of the picture around it; "" where it has no time
    evidence_age: str
    sides: tuple[SideLines, ...]  # the tests' first


def around_marks(run: Run, marks: Sequence[tuple[str, int]], now: datetime) -> LinesPage | None:
    """`marks`: ("step", position) or ("served", position); of two, such as a verdict's ends, all sides on one page."""
    found = [(around_step if kind == "step" else around_served)(run, position, now) for kind, position in marks[:2]]
    pages = [page for page in found if page is not None]
    if not pages or len(pages) < len(found):
        return None
    first, *others = pages
    if not others:
        return first
    return msgspec.structs.replace(
        first, title="Around the write and the read", sides=tuple(side for page in pages for side in page.sides)
    )


def around_step(run: Run, position: int, now: datetime) -> LinesPage | None:
    """None where the run has no such step."""
    step = Step.objects.at_positions(run, [position]).first()
    if step is None:
        return None
    match = Match.objects.of_steps([step.pk]).first()
    served = Served.objects.at_positions(run, [match.served.position]).first() if match is not None else None
    anchor = served if served is not None else _nearest_served(run, step)
    return _page(run, step, anchor, sure=served is not None, title=f"Around step {step.n}", now=now)


def around_served(run: Run, position: int, now: datetime) -> LinesPage | None:
    """None where the run has no such served request."""
    served = Served.objects.at_positions(run, [position]).first()
    if served is None:
        return None
    match = Match.objects.steps_of(served).first()
    at = client_time(clocks_of(run), served.process.host, served.low_us)
    found = Step.objects.at_positions(run, [match.step.position]).first() if match is not None else None
    step = found if found is not None else Step.objects.nearest(run, at)
    words = " ".join(str(part) for part in (served.method, served.path, served.status) if part is not None)
    title = f"Around {visible(words) or 'this entry'}"
    return _page(run, step, served, sure=True, title=title, now=now, matched=match is not None)


def _nearest_served(run: Run, step: Step) -> Served | None:
    if step.at_us is None:
        return None
    clocks = clocks_of(run)
    return Served.objects.nearest(run, to_server(clocks[0], step.at_us) if clocks else step.at_us)


def _page(
    run: Run, step: Step | None, served: Served | None, *, sure: bool, title: str, now: datetime, matched: bool = True
) -> LinesPage:
    test = step.test if step is not None else None
    query = Choice(test=test.nodeid if test is not None else "")
    base = reverse("run", args=[run.pk])
    return LinesPage(
        run=run,
        title=title + (f" of {short_test(test.nodeid)}" if test is not None else ""),
        back=base + query.query(),
        shown=base + query.query(window=about(step.at_us)) if step is not None and step.at_us is not None else "",
        evidence_age=age(run.changed_at, now),
        sides=(
            _tests_side(run, step, matched) if step is not None else _nothing("Test log", "No step lies near it."),
            _server_side(run, served, sure) if served is not None else _no_server(),
        ),
    )


def _nothing(title: str, why: str) -> SideLines:
    return SideLines(title=title, part="", empty=why)


def _no_server() -> SideLines:
    return _nothing("Server log", "No entry of a server log lies near this step.")


def _tests_side(run: Run, step: Step, matched: bool) -> SideLines:
    rows = Step.objects.around(run, step.part_id, step.line, each_side=EACH_SIDE)
    raw = raw_lines(step.part)
    lines = []
    for row in rows:
        text = raw.get(row.line, row.text)
        at = clock_time(row.at_us) if row.at_us is not None else ""
        lines.append(
            Line(
                line=row.line,
                raw_at="",
                at=at,
                who="",
                text=(Piece(visible(text[:RAW_CUT].rstrip("\n"))),),
                cut=_cut(text),
                here=row.pk == step.pk and matched,
            )
        )
    return SideLines(title="Test log", part=visible(step.part.name), lines=tuple(lines))


def raw_lines(part: Part, limit: int = BLOB_LIMIT) -> dict[int, str]:
    """The part's lines as they were; empty where unfolding them would cost too much: then the steps' words stand in."""
    reading = Reading.objects.small(part.pk, limit)
    if reading is None or readings.unfolded(reading) > UNFOLDED_LIMIT:
        return {}
    try:
        records = readings.load(reading)
    except readings.Unreadable:
        return {}
    return {step.line: step.raw for step in records.steps}


def _server_side(run: Run, served: Served, sure: bool) -> SideLines:
    part = served.part
    part.run = run  # its day names the partition
    rows = Entry.objects.around(part, served.line, before=EACH_SIDE, after=EACH_SIDE)
    if not rows:
        why = "Retention has dropped these lines." if run.lines_gone_at else "These lines were not kept."
        return SideLines(title="Server log", part=visible(part.name), empty=why)
    own = {line for position, line in served.lines if position == part.position} | {served.line}
    clocks = clocks_of(run)
    shift = _zone_shift(rows, served)
    lines = []
    for row in rows:
        at = row.stamp_us
        lines.append(
            Line(
                line=row.line,
                raw_at=clock_time(at) if at is not None else "",
                at=clock_time(client_time(clocks, row.host, at + shift))
                if at is not None and shift is not None
                else "",
                who=visible(f"{row.unit} {row.pid}" if row.pid is not None else row.unit),
                text=pieces(row.raw[:RAW_CUT].rstrip("\n"), [f"[{row.pid}]"] if row.pid and row.line in own else []),
                cut=_cut(row.raw),
                here=sure and row.line in own,
            )
        )
    title = "Server log" if sure else "Server log at that time (no entry belongs to the step)"
    return SideLines(title=title, part=visible(part.name), lines=tuple(lines), raw=True)


def _zone_shift(rows: list[Entry], served: Served) -> int | None:
    """What turns the part's raw stamps into server time, as the analysis placed the served request."""
    anchor = next((row for row in rows if row.line == served.line and row.stamp_us is not None), None)
    if anchor is None or anchor.stamp_us is None:
        return None
    return round((served.low_us - anchor.stamp_us) / ZONE_STEP_US) * ZONE_STEP_US


def _cut(text: str) -> str:
    return f"{len(text) - RAW_CUT:,} more characters" if len(text) > RAW_CUT else ""
