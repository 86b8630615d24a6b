"""Loads what the timeline draws: one test of a run, or the whole run, in a bounded number of queries."""

from __future__ import annotations

import msgspec

from dashboard.pages import steps
from dashboard.rows import clocks_of, process_of, served_of
from dashboard.timeline.scene import Scene, Span, Traffic
from dashboard.timeline.text import few_words, request_words
from dashboard.timeline.window import Window
from triage.core.clock_scale import clock_of, to_client, to_server
from triage.core.findings import Clock, End, PlacedStep, Process, Served, Verdict
from triage.core.records import SECOND, Outcome, Request
from triage.models import Entry as EntryRow
from triage.models import Part as PartRow
from triage.models import Process as ProcessRow
from triage.models import Run as RunRow
from triage.models import Served as ServedRow
from triage.models import Step as StepRow
from triage.models import Test as TestRow

SLICES = 150  # of the window, a process: what a lane can show
MARGIN_US = SECOND  # traffic shown before the first and after the last step
Edges = tuple[int | None, int | None]  # of a stretch of time, where it is known


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The log line behind one end of a verdict."""

    end: End
    part: str  # its file's name
    line: int
    raw: str
    message: str


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    scene: Scene
    write: Proof | None = None
    read: Proof | None = None


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What of a run is to be loaded."""

    whole: bool = False  # the run instead of one test
    adjusted: bool = True
    window: Window | None = None  # on the axis' clock; None: all
    table_from: int | None = None  # for a table, from this step on


def load(run: RunRow, parts: list[PartRow], test: TestRow | None, verdict: Verdict | None, look: Look) -> Loaded:
    """`test` is None only where a run has no tests; `parts` are the run's, in order."""
    clocks = clocks_of(run)
    fetched = _fetched(run, parts, test, verdict, look)
    ends = [end for end in (verdict.write, verdict.read) if end is not None] if verdict is not None else []
    wanted = {m.served for s in fetched.steps for m in s.matches} | {e.served for e in ends if e.served is not None}
    served = tuple(served_of(row) for row in ServedRow.objects.at_positions(run, wanted)) if wanted else ()
    named = {s.process for s in served} | {e.process for e in ends if e.process is not None}
    processes, at = _processes(run, named)
    served = tuple(msgspec.structs.replace(s, process=at[s.process]) for s in served)
    verdict = _renumbered(verdict, at)
    write = _proof(run, parts, verdict.write, served) if verdict is not None and verdict.write is not None else None
    read = _proof(run, parts, verdict.read, served) if verdict is not None and verdict.read is not None else None
    span: Edges = (None, None)
    if look.whole and look.window is None and look.table_from is None:
        traffic, span = _all_traffic(run, processes, at)
    else:
        span = ServedRow.objects.span(run) if look.whole else span
        seen = _seen(fetched, served, processes, clocks, look) if look.table_from is None else None
        apart, asked_by = set() if look.whole else wanted, test if fetched.crowd else None
        traffic = _traffic(run, seen, apart, at, asked_by)
    scene = Scene(
        test=test.nodeid if test is not None else "",
        outcome=Outcome(test.outcome) if test is not None else Outcome.PASSED,
        failure=test.message if test is not None else "",
        ended_us=test.stopped_us if test is not None else None,
        steps=fetched.steps,
        processes=processes,
        served=served,
        traffic=traffic,
        crowd=fetched.crowd,
        step_count=fetched.count,
        reach=_reach(span, processes, clocks, look) if look.whole else fetched.reach,
        clocks=clocks,
        verdict=verdict,
        written=_words(write, verdict.write if verdict is not None else None, fetched.steps),
        read=_words(read, verdict.read if verdict is not None else None, fetched.steps),
        spans=_spans(run) if look.whole else (),
        tests=run.tests_total,
    )
    return Loaded(scene=scene, write=write, read=read)


def _fetched(
    run: RunRow, parts: list[PartRow], test: TestRow | None, verdict: Verdict | None, look: Look
) -> steps.Fetched:
    if test is None or look.whole:
        return steps.Fetched(steps=())
    if look.table_from is not None:
        return steps.fetch_page(run, parts, test, verdict, look.table_from)
    return steps.fetch(run, parts, test, verdict, look.window)


def _processes(run: RunRow, named: set[int]) -> tuple[tuple[Process, ...], dict[int, int]]:
    """The run's first processes and those named, numbered as they stand here; and where each position stands.

    A log may name ten thousand processes, more than a page can look at.
    """
    rows = list(ProcessRow.objects.in_order(run))
    missing = named - {row.position for row in rows}
    if missing:
        rows += ProcessRow.objects.at_positions(run, missing)
    at = {row.position: number for number, row in enumerate(rows)}
    return tuple(msgspec.structs.replace(process_of(row), index=at[row.position]) for row in rows), at


def _renumbered(verdict: Verdict | None, at: dict[int, int]) -> Verdict | None:
    if verdict is None:
        return None
    write, read = (
        msgspec.structs.replace(end, process=at.get(end.process))
        if end is not None and end.process is not None
        else end
        for end in (verdict.write, verdict.read)
    )
    return msgspec.structs.replace(verdict, write=write, read=read)


def _known(processes: tuple[Process, ...], clocks: tuple[Clock, ...]) -> list[Clock]:
    """The clock of each host."""
    return [clock for host in {p.host for p in processes} if (clock := clock_of(clocks, host)) is not None]


def _seen(
    fetched: steps.Fetched,
    served: tuple[Served, ...],
    processes: tuple[Process, ...],
    clocks: tuple[Clock, ...],
    look: Look,
) -> tuple[int, int] | None:
    """The stretch of server time whose traffic is in sight, whatever each host's clock says."""
    known = _known(processes, clocks) if look.adjusted or look.window is None else []
    if look.window is not None:
        edges = (look.window.low, look.window.high)
        moments = [to_server(clock, us) for clock in known for us in edges] or list(edges)
        return min(moments), max(moments)
    moments = [us for one in served for us in (one.low_us, one.high_us)]
    for us in [*(s.at_us for s in fetched.steps if s.at_us is not None), *(fetched.reach or ())]:
        moments += [to_server(clock, us) for clock in known] or [us]
    return (min(moments) - MARGIN_US, max(moments) + MARGIN_US) if moments else None


def _reach(
    span: Edges, processes: tuple[Process, ...], clocks: tuple[Clock, ...], look: Look
) -> tuple[int, int] | None:
    """On the axis' clock, of all that was served in the run."""
    low, high = span
    if low is None or high is None:
        return None
    known = _known(processes, clocks) if look.adjusted else []
    moments = [to_client(clock, us) for clock in known for us in (low, high)] or [low, high]
    return min(moments), max(moments)


def _all_traffic(run: RunRow, processes: tuple[Process, ...], at: dict[int, int]) -> tuple[tuple[Traffic, ...], Edges]:
    """Of the whole run, and from when to when it was.

    The lines of the processes tell nearly when; where these reach far beyond the requests, which are then counted too
    coarsely, it is counted once more.
    """
    low = min((p.first_us for p in processes if p.first_us is not None), default=None)
    high = max((p.last_us for p in processes if p.last_us is not None), default=None)
    if low is None or high is None:
        low, high = ServedRow.objects.span(run)
    if low is None or high is None:
        return (), (None, None)
    traffic = _traffic(run, (low, high), set(), at, None)
    if not traffic:
        return (), (None, None)
    first, last = min(t.low_us for t in traffic), max(t.high_us for t in traffic)
    if 2 * (last - first) < high - low:
        traffic = _traffic(run, (first, last), set(), at, None)
    return traffic, (first, last)


def _traffic(
    run: RunRow, seen: tuple[int, int] | None, wanted: set[int], at: dict[int, int], asked_by: TestRow | None
) -> tuple[Traffic, ...]:
    """Of the processes that stand on the page; `at` as `_processes` gives it."""
    if seen is None:
        return ()
    rows = ServedRow.objects.traffic(run, *seen, slices=SLICES, apart_from=wanted, asked_by=asked_by)
    return tuple(
        Traffic(
            process=at[row.process],
            low_us=row.low,
            high_us=row.high,
            count=row.count,
            errors=row.errors,
            own=row.own,
            served=row.first if row.count == 1 else None,
            words=" ".join(str(word) for word in (row.verb, row.where, row.answer) if word is not None),
        )
        for row in rows
        if row.process in at
    )


def _spans(run: RunRow) -> tuple[Span, ...]:
    """Every test whose times are known, from its report or else from its steps."""
    rows = TestRow.objects.spans(run)
    known = {row["position"] for row in rows}
    rows += [row for row in StepRow.objects.spans_of_tests(run) if row["position"] not in known]
    return tuple(
        Span(
            position=row["position"],
            test=row["nodeid"],
            outcome=Outcome(row["outcome"]),
            start_us=row["started_us"],
            stop_us=row["stopped_us"] if row["stopped_us"] is not None else row["started_us"],
            worker=row["worker"],
        )
        for row in rows
    )


def _proof(run: RunRow, parts: list[PartRow], end: End, served: tuple[Served, ...]) -> Proof | None:
    """The entry that proves an end best; None where retention took it, or none was kept."""
    ref = end.line or next((s.entries[0] for s in served if s.index == end.served and s.entries), None)
    part = next((p for p in parts if ref is not None and p.position == ref.part), None)
    if ref is None or part is None:
        return None
    part.run = run  # its day names the partition; without this Django would ask for the run again
    row = EntryRow.objects.at_lines(part, [ref.line]).first()
    if row is None:
        return None
    return Proof(end=end, part=part.name, line=ref.line, raw=row.raw, message=row.message)


def _words(proof: Proof | None, end: End | None, placed: tuple[PlacedStep, ...]) -> str:
    """What an end did, in a few of the log's own words."""
    if proof is not None and proof.message:
        return few_words(proof.message)
    step = next((s for s in placed if end is not None and end.step == s.index), None)
    if step is not None and step.text:
        return few_words(step.text)
    return request_words(Request(method=end.method, path=end.path)) if end is not None else ""
