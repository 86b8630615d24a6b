"""The lineup of a whole run: every test as a bar, every process with all its traffic, and one verdict's crossing."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dashboard.timeline import boxes, lanes
from dashboard.timeline.axis import Axis, Item, breaks, clock_time, spread, ticks
from dashboard.timeline.columns import FIRST_ROW
from dashboard.timeline.ends import both, drawn_crossing
from dashboard.timeline.heaps import heaps, standing, wider
from dashboard.timeline.layout import LANES_BELOW, LEFT, RIGHT, WIDTH, axis_of, knots, shown
from dashboard.timeline.lives import marks
from dashboard.timeline.picture import Heap, Picture, Row, ServedBox, SpanBar
from dashboard.timeline.scene import Scene, Span
from dashboard.timeline.stage import Stage, staged
from dashboard.timeline.text import fit, span_words, visible
from dashboard.timeline.window import Window
from triage.core.findings import Served
from triage.core.records import Outcome

ROWS = 8  # rows of tests at most; what finds no free row is drawn over the last
ROW_PITCH, BAR = 26.0, 18.0
BARS = 110  # more tests than this in sight are drawn as the failed ones and heaps of the others
HEAP = 16.0  # pixels of a heap of tests
FAILED = (Outcome.FAILED, Outcome.ERROR)


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """The tests in sight, each in its row, and those that are only counted."""

    bars: tuple[tuple[int, Span], ...]
    counted: tuple[Span, ...]

    @property
    def count(self) -> int:
        return max((row for row, _ in self.bars), default=-1) + 1 + bool(self.counted) or 1


def draw_whole(scene: Scene, *, adjusted: bool = True, window: Window | None = None) -> Picture:
    """`scene.spans` on top instead of steps; of the served requests only the verdict's own two get a box."""
    scene = msgspec.structs.replace(scene, steps=(), served=_named(scene))
    stage = staged(scene, adjusted=adjusted, window=window)
    rows = _rows(stage)
    top = FIRST_ROW + rows.count * ROW_PITCH + LANES_BELOW
    places = lanes.places(lanes.own_lanes(scene), top)
    axis = _axis(stage, places, rows)
    served = _ends(stage, lanes.lane_of(places), axis)
    crossing, away = drawn_crossing(stage, (), served, places, axis, LEFT)
    stand = standing(scene.traffic, [p.processes for p in places], axis, stage.work.now)
    finished = tuple(lanes.lane(scene, p, here, axis, stage.work.now) for p, here in zip(places, stand, strict=True))
    return Picture(
        width=round(axis.right + RIGHT, 1),
        height=top + max(0, len(places) - 1) * lanes.PITCH + 48,
        left=LEFT,
        floor=top + max(0, len(places) - 1) * lanes.PITCH + 26,
        ticks=ticks(axis),
        breaks=breaks(axis),
        rows=(
            Row(
                y=FIRST_ROW,
                name="tests",
                detail=f"{scene.tests or len(scene.spans)} in this run",
                title="all tests of the run",
            ),
        ),
        spans=_bars(scene, rows.bars, axis),
        lanes=finished,
        marks=marks(scene, places, axis, stage.work),
        served=served,
        heaps=(
            *_heaps(rows, axis),
            *heaps(scene, [(here, p.y) for p, here in zip(places, stand, strict=True)], axis),
        ),
        crossing=crossing,
        away=away,
        shown=shown(stage, axis),
        whole=stage.whole,
        ends=both(stage),
        knots=knots(axis),
        in_view=len(rows.bars) + len(rows.counted),
        background=sum(lane.requests for lane in finished),
        notes=_notes(scene, rows),
    )


def _rows(stage: Stage) -> Rows:
    """Failed tests always have bars; where there are too many for all, the others are counted in a row of their own."""
    window = stage.window
    seen = [s for s in stage.scene.spans if window is None or window.meets(s.start_us, s.stop_us)]
    if len(seen) <= BARS:
        return Rows(bars=_packed(seen), counted=())
    named = [s for s in seen if s.outcome in FAILED or s.test == stage.scene.test][:BARS]
    kept = {s.position for s in named}
    return Rows(bars=_packed(named), counted=tuple(s for s in seen if s.position not in kept))


def _packed(spans: Sequence[Span]) -> tuple[tuple[int, Span], ...]:
    """Each test in the first row that is free when it starts."""
    free: list[int] = []
    done = []
    for span in sorted(spans, key=lambda s: s.start_us):
        row = next((i for i, until in enumerate(free) if until <= span.start_us), len(free))
        if row == len(free) and row < ROWS:
            free.append(0)
        row = min(row, ROWS - 1)
        free[row] = max(free[row], span.stop_us)
        done.append((row, span))
    return tuple(done)


def _axis(stage: Stage, places: Sequence[lanes.Place], rows: Rows) -> Axis:
    scene, where = stage.scene, lanes.lane_of(places)
    found = [_item(stage, where, one) for one in scene.served]
    if stage.window is not None:
        return axis_of(stage, [i for i in found if stage.window.holds(i.at)], places)
    moments = [us for s in scene.spans for us in (s.start_us, s.stop_us)]
    moments += stage.traffic or ()
    edges = {min(moments), max(moments)} if moments else set()
    found = [*(Item(key=f"edge{us}", at=us) for us in sorted(edges)), *found]
    return axis_of(stage, found, places) if found else spread((), LEFT, WIDTH - RIGHT)


def _item(stage: Stage, where: dict[int, lanes.Place], one: Served) -> Item:
    half = boxes.served_width(boxes.served_label(stage.scene, one)) / 2
    reach = (("crossing", half + 14), (lanes.line(where, one.process), half))
    return Item(key=f"served{one.index}", at=stage.work.now(one.low_us, one.process), reach=reach)


def _named(scene: Scene) -> tuple[Served, ...]:
    verdict = scene.verdict
    ends = {e.served for e in (verdict.write, verdict.read) if e is not None} if verdict is not None else set()
    return tuple(s for s in scene.served if s.index in ends)


def _ends(stage: Stage, where: dict[int, lanes.Place], axis: Axis) -> tuple[ServedBox, ...]:
    scene, done = stage.scene, []
    for one in scene.served:
        key = f"served{one.index}"
        if key not in axis.places or one.process not in where:
            continue
        x, y = axis.places[key], where[one.process].y
        done.append(boxes.served_box(scene, one, x, y, lanes.colour(one.process)))
    return tuple(done)


def _bars(scene: Scene, rows: Sequence[tuple[int, Span]], axis: Axis) -> tuple[SpanBar, ...]:
    """Without labels in a row where bars had to be drawn over each other."""
    until: dict[int, int] = {}
    crowded = set()
    for row, span in rows:
        if span.start_us < until.get(row, span.start_us):
            crowded.add(row)
        until[row] = max(until.get(row, span.stop_us), span.stop_us)
    bars = [(_bar(scene, span, row, axis), row) for row, span in rows]
    return tuple(msgspec.structs.replace(bar, label="") if row in crowded else bar for bar, row in bars)


def _bar(scene: Scene, span: Span, row: int, axis: Axis) -> SpanBar:
    start, stop = axis.x(span.start_us), axis.x(span.stop_us)
    width = max(3.0, stop - start)
    role = "here" if span.test == scene.test else "failed" if span.outcome in FAILED else "passed"
    if span.outcome is Outcome.SKIPPED:
        role = "skipped"
    name = span.test.rsplit("::", 1)[-1]
    took = span_words(span.stop_us - span.start_us)
    return SpanBar(
        x=round(start, 1),
        y=FIRST_ROW + row * ROW_PITCH,
        width=round(width, 1),
        height=BAR,
        label=fit(name, width - 12, 11.5) if width > 48 else "",
        title=visible(f"{span.test[:300]}: {span.outcome.value}, {clock_time(span.start_us)}, {took}"),
        test=span.test,
        role=role,
    )


def _heaps(rows: Rows, axis: Axis) -> tuple[Heap, ...]:
    """The tests that are only counted, by where they begin, in the last row."""
    piles: dict[int, list[Span]] = {}
    for span in rows.counted:
        piles.setdefault(int(axis.x(span.start_us) // HEAP), []).append(span)
    y = FIRST_ROW + (rows.count - 1) * ROW_PITCH
    done = []
    for cell, pile in sorted(piles.items()):
        low, high = min(s.start_us for s in pile), max(s.stop_us for s in pile)
        done.append(
            Heap(
                x=round(max(axis.left, cell * HEAP), 1),
                y=y,
                width=HEAP - 2,
                height=BAR,
                count=len(pile),
                title=f"{len(pile):,} tests that did not fail, {clock_time(low)} to {clock_time(high)}",
                window=wider(low, high),
                tests=True,
            )
        )
    return tuple(done)


def _notes(scene: Scene, rows: Rows) -> tuple[str, ...]:
    notes = []
    untimed = scene.tests - len(scene.spans)
    if untimed > 0:
        notes.append(f"The test logs tell no times of {untimed} of {scene.tests} tests, so these have no bars.")
    if rows.counted:
        notes.append(f"{len(rows.counted):,} tests that did not fail are counted in the last row; zoom in to see each.")
    return tuple(notes)
