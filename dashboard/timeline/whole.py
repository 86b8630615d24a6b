"""The lineup of a whole run: every test as a bar, every process with all its traffic, and one verdict's crossing."""

from __future__ import annotations

import msgspec

from dashboard.timeline import boxes, lanes
from dashboard.timeline.axis import Axis, Item, breaks, clock_time, spread, ticks
from dashboard.timeline.crossing import crossing
from dashboard.timeline.layout import FIRST_ROW, LANES_BELOW, LEFT, RIGHT, WIDTH, request_words_of
from dashboard.timeline.lives import Clockwork, life_items, marks
from dashboard.timeline.picture import Crossing, Picture, Row, ServedBox, SpanBar
from dashboard.timeline.scene import Scene, Span
from dashboard.timeline.text import fit, span_words, visible
from triage.core.findings import Served
from triage.core.records import Outcome

ROWS = 8  # rows of tests at most; what finds no free row is drawn over the last
ROW_PITCH, BAR = 26.0, 18.0
BARS = 400  # more tests than this are drawn as the failed ones and a count
FAILED = (Outcome.FAILED, Outcome.ERROR)


def draw_whole(scene: Scene, *, adjusted: bool = True) -> Picture:
    """`scene.spans` on top instead of steps; of the served requests only the verdict's own two get a box."""
    work = Clockwork(processes=scene.processes, clocks=scene.clocks, adjusted=adjusted)
    spans = scene.spans if len(scene.spans) <= BARS else tuple(s for s in scene.spans if s.outcome in FAILED)[:BARS]
    rows = _packed(spans)
    count = max([row for row, _ in rows], default=0) + 1
    top = FIRST_ROW + count * ROW_PITCH + LANES_BELOW
    places = lanes.places(scene, top)
    where = lanes.lane_of(places)
    axis = spread(_items(scene, spans, where, work), LEFT, WIDTH - RIGHT)
    served = _ends(scene, where, axis)
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
        spans=_bars(scene, rows, axis),
        lanes=tuple(lanes.lane(scene, place, axis, work.now) for place in places),
        marks=marks(scene, places, axis, work),
        served=served,
        crossing=_crossing(scene, served, axis),
        background=sum(t.count for t in scene.traffic),
        notes=_notes(scene, spans),
    )


def _packed(spans: tuple[Span, ...]) -> list[tuple[int, Span]]:
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
    return done


def _items(scene: Scene, spans: tuple[Span, ...], where: dict[int, lanes.Place], work: Clockwork) -> list[Item]:
    moments = [us for s in spans for us in (s.start_us, s.stop_us)]
    moments += [work.now(us, t.process) for t in scene.traffic for us in (t.low_us, t.high_us)]
    edges = {min(moments), max(moments)} if moments else set()
    items = [Item(key=f"edge{us}", at=us) for us in sorted(edges)]
    for one in _named(scene):
        half = boxes.served_width(boxes.served_label(scene, one)) / 2
        at = work.now(one.low_us, one.process)
        reach = (("crossing", half + 14), (lanes.line(where, one.process), half))
        items.append(Item(key=f"served{one.index}", at=at, reach=reach))
    if not items:
        return []
    return [*items, *life_items(scene, where, work, min(i.at for i in items), max(i.at for i in items))]


def _named(scene: Scene) -> tuple[Served, ...]:
    verdict = scene.verdict
    ends = {e.served for e in (verdict.write, verdict.read) if e is not None} if verdict is not None else set()
    return tuple(s for s in scene.served if s.index in ends)


def _ends(scene: Scene, where: dict[int, lanes.Place], axis: Axis) -> tuple[ServedBox, ...]:
    done = []
    for one in _named(scene):
        label = boxes.served_label(scene, one)
        width = boxes.served_width(label)
        done.append(
            ServedBox(
                x=round(axis.places[f"served{one.index}"] - width / 2, 1),
                y=where[one.process].y - 14,
                width=width,
                height=28,
                label=label,
                title=boxes.served_title(one, scene.processes),
                index=one.index,
                colour=lanes.colour(one.process),
                role=boxes.served_role(scene, one),
            )
        )
    return tuple(done)


def _bars(scene: Scene, rows: list[tuple[int, Span]], axis: Axis) -> tuple[SpanBar, ...]:
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


def _crossing(scene: Scene, served: tuple[ServedBox, ...], axis: Axis) -> Crossing | None:
    verdict = scene.verdict
    if verdict is None or verdict.write is None or verdict.read is None:
        return None
    write = next((s for s in served if s.role == "write"), None)
    read = next((s for s in served if s.role == "read"), None)
    if write is None or read is None or verdict.kind.value not in ("split_state", "lost_state"):
        return None
    return crossing(
        write,
        read,
        written="written here" + (f": {scene.written}" if scene.written else ""),
        seen="read here" + (f": {scene.read}" if scene.read else ""),
        failure=scene.failure,
        left=LEFT,
        right=axis.right,
        title=visible(
            f"{request_words_of(verdict.write.method, verdict.write.path)} by {verdict.write.pid}, "
            f"{request_words_of(verdict.read.method, verdict.read.path)} by {verdict.read.pid}"
        ),
    )


def _notes(scene: Scene, spans: tuple[Span, ...]) -> tuple[str, ...]:
    notes = []
    untimed = scene.tests - len(scene.spans)
    if untimed > 0:
        notes.append(f"The test logs tell no times of {untimed} of {scene.tests} tests, so these have no bars.")
    if len(spans) < len(scene.spans):
        notes.append(f"Of {len(scene.spans)} tests only those that failed are drawn.")
    return tuple(notes)
