"""Steps without a box: on a rail above the boxes, those that would touch counted together, and tied to their lanes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from dashboard.timeline import heaps, lanes
from dashboard.timeline.axis import Axis, Item, clock_time
from dashboard.timeline.picture import Dot
from dashboard.timeline.stage import Stage, tied
from dashboard.timeline.text import visible, width_of
from dashboard.timeline.window import Window
from triage.core.findings import PlacedStep

ANCHORS = 40
TIES = 260  # thin lines of one picture
RAIL = 42.0
FOOT = 8.0  # how far above its lane a thin line ends


class _Group(msgspec.Struct, kw_only=True):
    x: float
    low: int
    high: int
    count: int
    first: int
    text: str


class Own(msgspec.Struct, frozen=True, gc=False):
    """Path data for one lane: the test's requests without a box, and the lines to them."""

    bars: str
    ties: str


def dots(stage: Stage, rest: Sequence[PlacedStep], axis: Axis) -> tuple[Dot, ...]:
    told = [(stage.times[s.index], stage.times[s.index], 1, s.index, f"step {s.n}: {s.text[:400]}") for s in rest]
    told += [(c.low_us, c.high_us, c.count, c.first, "") for c in stage.scene.crowd]
    groups: list[_Group] = []
    for low, high, count, first, text in sorted(told, key=lambda t: (t[0], t[3])):
        x = axis.x(low)
        if groups and x - groups[-1].x < _pill(groups[-1].count + count) + 3:
            groups[-1].count += count
            groups[-1].high = max(groups[-1].high, high)
        else:
            groups.append(_Group(x=x, low=low, high=high, count=count, first=first, text=text))
    return tuple(_dot(group) for group in groups)


def _pill(count: int) -> float:
    """How wide the mark of so many steps is."""
    return round(max(13.0, width_of(str(count), 10.5) + 8), 1) if count > 1 else 7.0


def _dot(group: _Group) -> Dot:
    several = group.count > 1
    title = (
        f"{group.count:,} more steps, {clock_time(group.low)} to {clock_time(group.high)}" if several else group.text
    )
    more = max(1, (group.high - group.low) // 20)
    return Dot(
        x=round(group.x, 1),
        y=RAIL,
        width=_pill(group.count),
        height=13.0 if several else 7.0,
        count=group.count,
        index=group.first,
        title=visible(title),
        window=Window(group.low - more, group.high + more) if several and group.high > group.low else None,
    )


def anchors(stage: Stage, rest: Sequence[PlacedStep]) -> list[Item]:
    """Points without width that keep the axis from cutting out a stretch in which only dots stand."""
    moments = {stage.times[s.index] for s in rest} | {us for c in stage.scene.crowd for us in (c.low_us, c.high_us)}
    ordered = sorted(moments)
    every = max(1, -(-len(ordered) // ANCHORS))
    return [Item(key=f"dot{us}", at=us) for us in dict.fromkeys([*ordered[::every], *ordered[-1:]])]


def owned(
    stage: Stage, rest: Sequence[PlacedStep], drawn: set[int], places: Sequence[lanes.Place], axis: Axis
) -> dict[float, Own]:
    """By the height of a lane: what the steps without a box asked of its processes."""
    served = {s.index: s for s in stage.scene.served}
    where = lanes.lane_of(places)
    marks: dict[float, list[float]] = {}
    lines: dict[float, set[tuple[int, int]]] = {}
    for step in rest:
        found = tied(step)
        one = served.get(found) if found is not None else None
        if one is None or one.index in drawn or one.process not in where:
            continue
        y, x = where[one.process].y, axis.x(stage.work.now(one.low_us, one.process))
        marks.setdefault(y, []).append(x)
        lines.setdefault(y, set()).add((round(axis.x(stage.times[step.index]) / 4) * 4, round(x / 4) * 4))
    each = TIES // max(1, len(lines))
    return {
        y: Own(heaps.bars(at, y), "".join(map(_line(y), sorted(lines[y])[:: max(1, -(-len(lines[y]) // each))])))
        for y, at in marks.items()
    }


def _line(y: float) -> Callable[[tuple[int, int]], str]:
    return lambda ends: f"M{ends[0]} {RAIL + 7:.0f}L{ends[1]} {y - FOOT:.0f}"
