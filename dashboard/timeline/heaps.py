"""What stands too close for a mark of its own: drawn as blocks, and counted in heaps that say what they hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import msgspec

from dashboard.timeline.axis import Axis, clock_time
from dashboard.timeline.picture import Heap
from dashboard.timeline.scene import Scene, Traffic
from dashboard.timeline.text import process_name, visible
from dashboard.timeline.window import LEAST_US, Window

CELL = 6  # pixels of one block
HEAPS = 120  # of one picture: each is a link
THIN = 12.0  # a heap that is narrower cannot be hit with a finger
TALL = 34.0  # of what a pointer hits
Now = Callable[[int, int], int]


class Slice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Traffic as it stands on the axis."""

    left: float
    right: float
    low: int  # on the axis' clock
    high: int
    traffic: Traffic


class Standing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The traffic of one lane."""

    slices: tuple[Slice, ...]  # what of it the axis shows
    requests: int  # of others than the test, shown or not


def standing(
    traffic: Iterable[Traffic], lanes: Sequence[tuple[int, ...]], axis: Axis, now: Now
) -> tuple[Standing, ...]:
    """For each lane, which is given by its processes. Once a picture: there may be thousands of slices."""
    at = {process: place for place, processes in enumerate(lanes) for process in processes}
    found: list[list[Slice]] = [[] for _ in lanes]
    requests = [0] * len(lanes)
    for one in traffic:
        place = at.get(one.process)
        if place is None:
            continue
        requests[place] += one.count - one.own
        low, high = now(one.low_us, one.process), now(one.high_us, one.process)
        if axis.shows(low, high):
            left = max(axis.left, min(axis.right, axis.x(low)))
            right = max(axis.left, min(axis.right, axis.x(high))) if high != low else left
            found[place].append(Slice(left=left, right=right, low=low, high=high, traffic=one))
    return tuple(Standing(slices=tuple(s), requests=n) for s, n in zip(found, requests, strict=True))


def blocks(found: Iterable[Slice], y: float) -> str:
    """Path data of blocks on a lane, taller where more was served: bounded by the pixels, not by the requests."""
    cells: dict[int, float] = {}
    for one in found:
        first, last = int(one.left // CELL), int(one.right // CELL)
        for cell in range(first, last + 1):
            cells[cell] = cells.get(cell, 0.0) + one.traffic.count / (last - first + 1)
    joined: list[list[int]] = []  # first cell, last cell, height
    for cell in sorted(cells):
        height = 4 + 4 * min(4, int(math.log2(1 + cells[cell])))
        if joined and joined[-1][1] == cell - 1 and joined[-1][2] == height:
            joined[-1][1] = cell
        else:
            joined.append([cell, cell, height])
    return "".join(f"M{a * CELL} {y - h / 2:.0f}h{(b - a + 1) * CELL}v{h}h-{(b - a + 1) * CELL}z" for a, b, h in joined)


def bars(places: Iterable[float], y: float) -> str:
    """Path data of upright bars on a lane: one request each, several at one place drawn as one."""
    return "".join(f"M{x - 2} {y - 8:.0f}h4v16h-4z" for x in sorted({round(place) for place in places}))


def heaps(scene: Scene, lanes: Sequence[tuple[Standing, float]], axis: Axis) -> tuple[Heap, ...]:
    """`lanes`: what stands on each, and the height of its line. Heaps grow wider where there are many lanes."""
    width = max(THIN, math.ceil((axis.right - axis.left) * len(lanes) / HEAPS))
    done = []
    for here, y in lanes:
        piles: dict[int, list[Slice]] = {}
        for one in here.slices:
            piles.setdefault(int((one.left - axis.left) // width), []).append(one)
        done += [_heap(scene, pile, y, width, axis) for _, pile in sorted(piles.items())]
    return tuple(done)


def _heap(scene: Scene, pile: Sequence[Slice], y: float, width: float, axis: Axis) -> Heap:
    left = min(one.left for one in pile)
    right = max(left + THIN, min(left + width, max(one.right for one in pile) + CELL))
    low, high = min(one.low for one in pile), max(one.high for one in pile)
    count = sum(one.traffic.count for one in pile)
    alone = pile[0].traffic.served if count == 1 else None
    return Heap(
        x=round(min(left, axis.right - THIN), 1),
        y=y - TALL / 2,
        width=round(right - left, 1),
        height=TALL,
        count=count,
        title=_title(scene, pile, count, low, high),
        served=alone,
        window=None if alone is not None else wider(low, high),
    )


def _title(scene: Scene, pile: Sequence[Slice], count: int, low: int, high: int) -> str:
    names = list(dict.fromkeys(process_name(scene.processes[one.traffic.process]) for one in pile))
    who = names[0] if len(names) == 1 else f"{len(names)} processes"
    if count == 1:
        return visible(" · ".join(w for w in (pile[0].traffic.words or "request", who, clock_time(low)) if w))
    errors, own = (sum(getattr(one.traffic, name) for one in pile) for name in ("errors", "own"))
    told = [
        f"{count:,} requests on {who}",
        f"{own:,} of this test" if own else "",
        f"{errors:,} failed" if errors else "",
    ]
    return visible(f"{', '.join(t for t in told if t)}, {clock_time(low)} to {clock_time(high)}")


def wider(low: int, high: int) -> Window:
    """What to look at to see what is in a heap: it alone, with a little room."""
    more = max(LEAST_US, (high - low) // 10)
    return Window(low - more, high + more)
