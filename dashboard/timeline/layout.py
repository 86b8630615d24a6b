"""The lineup of one test in numbers: its steps on top, one lane per process, and who served what."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from dashboard.timeline import columns, lanes
from dashboard.timeline.axis import Axis, Item, breaks, pinned, spread, ticks
from dashboard.timeline.boxes import BOX_HEIGHT
from dashboard.timeline.columns import FIRST_ROW, ROW_PITCH, Columns
from dashboard.timeline.dots import Own, anchors, dots, owned
from dashboard.timeline.ends import both, drawn_crossing
from dashboard.timeline.heaps import heaps, standing
from dashboard.timeline.lives import life_items, marks
from dashboard.timeline.picture import Picture, Row
from dashboard.timeline.scene import Scene
from dashboard.timeline.stage import Stage, staged
from dashboard.timeline.window import Window

WIDTH = 1180.0
LEFT, RIGHT = 204.0, 24.0
LANES_BELOW = 62.0  # from the last row's foot to the first lane
COUNTS = (18, 15, 12, 10, 8, 7, 6, 5, 4, 3, 2)  # boxes that are tried, until the picture is no wider than its sheet
NOTHING = Own("", "")


class Arranged(msgspec.Struct, frozen=True, kw_only=True):
    """Everything with a box in its place."""

    cols: Columns
    rows: dict[str, Row]
    top: float
    places: tuple[lanes.Place, ...]
    axis: Axis


def draw(scene: Scene, *, adjusted: bool = True, window: Window | None = None) -> Picture:
    """The picture of one test. Raw times put each side where its own clock says it was."""
    stage = staged(scene, adjusted=adjusted, window=window)
    found = _fitting(stage, lanes.own_lanes(scene))
    cols, axis, places = found.cols, found.axis, found.places
    steps = columns.step_boxes(stage, cols, found.rows, axis)
    served = columns.served_boxes(stage, cols, places, axis)
    own = owned(stage, cols.rest, {s.index for s in served}, places, axis)
    crossing, away = drawn_crossing(stage, steps, served, places, axis, LEFT)
    now = stage.work.now
    stand = standing(stage.scene.traffic, [p.processes for p in places], axis, now)
    finished = tuple(
        lanes.lane(stage.scene, p, here, axis, now, own.get(p.y, NOTHING).bars, own.get(p.y, NOTHING).ties)
        for p, here in zip(places, stand, strict=True)
    )
    return Picture(
        width=round(axis.right + RIGHT, 1),
        height=_foot(found.top, places) + 22,
        left=LEFT,
        floor=_foot(found.top, places),
        ticks=ticks(axis) if _timed(scene) else (),
        breaks=breaks(axis),
        rows=tuple(found.rows.values()),
        steps=steps,
        dots=dots(stage, cols.rest, axis),
        lanes=finished,
        marks=marks(scene, places, axis, stage.work),
        served=served,
        ties=columns.ties(stage, steps, served),
        heaps=heaps(stage.scene, [(here, p.y) for p, here in zip(places, stand, strict=True)], axis),
        crossing=crossing,
        away=away,
        shown=shown(stage, axis),
        whole=stage.whole,
        ends=both(stage),
        knots=knots(axis),
        in_view=len(stage.scene.steps) + sum(c.count for c in stage.scene.crowd),
        background=sum(lane.requests for lane in finished),
        notes=_notes(scene, cols),
    )


def _fitting(stage: Stage, own: lanes.Own) -> Arranged:
    """With as many boxes as stand side by side in the picture's width. More boxes are never narrower: it is halved."""
    found: dict[int, Arranged] = {}

    def fits(most: int) -> bool:
        found[most] = _arranged(stage, most, own)
        return found[most].axis.right <= WIDTH - RIGHT

    most = COUNTS[0] if fits(COUNTS[0]) else COUNTS[bisect_left(COUNTS, True, 1, len(COUNTS) - 1, key=fits)]
    return found[most] if most in found else _arranged(stage, most, own)


def _arranged(stage: Stage, most: int, own: lanes.Own) -> Arranged:
    cols = columns.columns(stage, most)
    lines = columns.rows(stage, cols.wanted)
    top = FIRST_ROW + len(lines) * ROW_PITCH - (ROW_PITCH - BOX_HEIGHT) + LANES_BELOW
    places = lanes.places(own, top)
    items = [*columns.items(stage, cols, places), *anchors(stage, cols.rest)]
    return Arranged(cols=cols, rows=lines, top=top, places=places, axis=axis_of(stage, items, places))


def axis_of(stage: Stage, items: Sequence[Item], places: Sequence[lanes.Place]) -> Axis:
    """With the beginnings and ends of processes, and from end to end of the window where one is looked at."""
    where, window = lanes.lane_of(places), stage.window
    if window is not None:
        inside = [i for i in life_items(stage.scene, where, stage.work, window.low, window.high) if window.holds(i.at)]
        return spread(pinned([*items, *inside], window.low, window.high), LEFT, WIDTH - RIGHT, cut=False)
    low, high = min((i.at for i in items), default=0), max((i.at for i in items), default=0)
    return spread([*items, *life_items(stage.scene, where, stage.work, low, high)], LEFT, WIDTH - RIGHT)


def shown(stage: Stage, axis: Axis) -> Window | None:
    """What lies between the axis' ends; None where nothing can be looked at more closely."""
    if stage.whole is None or axis.scale <= 0:
        return None
    if stage.window is not None:
        return stage.window
    return Window(min(stage.whole.low, axis.us(axis.left)), max(stage.whole.high, axis.us(axis.right)))


def knots(axis: Axis) -> tuple[tuple[float, int], ...]:
    """Where the axis bends, with both its ends: what turns a place under the pointer into a moment."""
    if axis.scale <= 0:
        return ()
    inner = [(round(x, 1), us) for x, us in zip(axis.xs, axis.times, strict=True) if axis.left < x < axis.right]
    ends = [(axis.left, axis.us(axis.left)), *inner, (axis.right, axis.us(axis.right))]
    kept: list[tuple[float, int]] = []
    for x, us in ends:
        if not kept or (x > kept[-1][0] and us > kept[-1][1]):
            kept.append((x, us))
    return tuple(kept)


def _foot(top: float, places: Sequence[lanes.Place]) -> float:
    """Where the picture's lines end: below the last lane, or below the steps where there is none."""
    return places[-1].y + 26 if places else top - LANES_BELOW + 14


def _timed(scene: Scene) -> bool:
    return bool(scene.served) or any(s.at_us is not None for s in scene.steps)


def _notes(scene: Scene, cols: Columns) -> tuple[str, ...]:
    notes = []
    if scene.steps and all(s.at_us is None for s in scene.steps):
        notes.append("The test log carries no times: its steps stand in order, beside the entries that served them.")
        if scene.step_count > len(scene.steps):
            notes.append(
                f"It has {scene.step_count:,} steps, more than can be told apart: {len(scene.steps)} are drawn."
            )
    if len(cols.rest) > 1 or scene.crowd:
        notes.append(
            "Steps that matter less are dots, with their number where several share one; the table names them."
        )
    if not scene.processes:
        notes.append("No server log came with this run, so there are no lanes.")
    elif scene.steps and not any(s.matches for s in scene.steps):
        notes.append("No entry of the server log belongs to a step of this test.")
    return tuple(notes)
