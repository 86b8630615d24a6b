"""The steps of one test as the picture and the table need them: all, those in sight, or a page; the others counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from dashboard.rows import step_of
from dashboard.timeline.scene import Crowd
from dashboard.timeline.window import Window
from triage.core.findings import PlacedStep, Verdict
from triage.models import Match as MatchRow
from triage.models import Part as PartRow
from triage.models import Run as RunRow
from triage.models import Step as StepRow
from triage.models import Test as TestRow

FETCHED = 300  # steps of one test, or of one window of it, that are fetched; more than that are counted
SLICES = 150  # of the time looked at: what a rail of dots can show
NEAR = 20  # steps on either side of a verdict's ends that are fetched where not all are
FAILED = 40  # and of those that say that something failed
PAGE = 100  # rows of a table


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    steps: tuple[PlacedStep, ...]
    crowd: tuple[Crowd, ...] = ()
    count: int = 0  # of the test, fetched or not
    reach: tuple[int, int] | None = None  # client time of all, where not all are fetched

    @property
    def partial(self) -> bool:
        return self.count > len(self.steps)


def fetch(
    run: RunRow, parts: Sequence[PartRow], test: TestRow, verdict: Verdict | None, window: Window | None
) -> Fetched:
    """For the picture. The verdict's own steps are there also where they belong to another test."""
    ends = _ends(verdict)
    rows = list(StepRow.objects.of_test(test)[: FETCHED + 1])
    if len(rows) <= FETCHED:
        steps = _placed(run, parts, test, rows, ends)
        return Fetched(steps=steps, count=len(steps))
    low, high, count = StepRow.objects.reach(test)
    if low is None or high is None or low == high:  # no times: a stretch of the test that holds what matters
        first = min((row.n for row in StepRow.objects.at_positions(run, ends)), default=1)
        rows = StepRow.objects.from_number(test, max(1, first - FETCHED // 3), FETCHED)
        return Fetched(steps=_placed(run, parts, test, rows, ends), count=count)
    seen = window if window is not None else Window(low, high)
    rows = StepRow.objects.about(test, ends, NEAR, FAILED)
    crowd = _crowd(test, seen, {row.position for row in rows})
    if sum(c.count for c in crowd) <= FETCHED:
        rows, crowd = StepRow.objects.between(test, seen.low, seen.high, 2 * FETCHED), ()
    return Fetched(steps=_placed(run, parts, test, rows, ends), crowd=crowd, count=count, reach=(low, high))


def fetch_page(run: RunRow, parts: Sequence[PartRow], test: TestRow, verdict: Verdict | None, first: int) -> Fetched:
    """For the table: a page of the test's steps from its `first`-th on."""
    rows = StepRow.objects.from_number(test, first, PAGE + 1)
    further = rows[PAGE].n if len(rows) > PAGE else 0  # there is a next page: how many more is told by none
    steps = _placed(run, parts, test, rows[:PAGE], _ends(verdict) if first <= 1 else set())
    return Fetched(steps=steps, count=further or len(steps))


def _ends(verdict: Verdict | None) -> set[int]:
    ends = (verdict.write, verdict.read) if verdict is not None else ()
    return {e.step for e in ends if e is not None and e.step is not None}


def _crowd(test: TestRow, seen: Window, fetched: set[int]) -> tuple[Crowd, ...]:
    rows = StepRow.objects.slices(test, seen.low, seen.high, slices=SLICES, apart_from=fetched)
    return tuple(Crowd(first=row["first"], low_us=row["low"], high_us=row["high"], count=row["count"]) for row in rows)


def _placed(
    run: RunRow, parts: Sequence[PartRow], test: TestRow, rows: list[StepRow], ends: set[int]
) -> tuple[PlacedStep, ...]:
    """With who served them, and with the verdict's own steps of other tests (state split between test workers)."""
    missing = ends - {row.position for row in rows}
    if missing:
        foreign = [row for row in StepRow.objects.at_positions(run, missing) if row.test_id != test.pk]
        rows = sorted([*rows, *foreign], key=lambda row: row.position)
    matches = defaultdict(list)
    for match in MatchRow.objects.of_steps([row.pk for row in rows]):
        matches[match.step_id].append(match)
    at = {part.pk: part.position for part in parts}
    names = {row.pk: row.test.nodeid if row.test_id not in (None, test.pk) else test.nodeid for row in rows}
    return tuple(step_of(row, names[row.pk], matches[row.pk], at) for row in rows)
