"""Time to pixels: as even as the marks allow.

Everything keeps its order and its room; between crowded marks the axis stretches, a long silence is cut out and
said so, and the ticks always tell the true times.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from dashboard.timeline.picture import Break, Tick
from dashboard.timeline.text import span_words, width_of
from triage.core.records import SECOND, instant

GAP = 14.0  # between two marks on the same line
BREAK = 96.0  # what a silence that is cut out takes
TICK_ROOM = 84.0
LABEL_SIZE = 12.5
BETWEEN_LABELS = 6.0
BEYOND = 20.0  # a label may hang so far over the axis' end, where the picture goes on
HALVINGS = 26  # until the scale is right to a thousandth of a pixel
MINUTE = 60 * SECOND
STEPS_US = [
    *(n * 10**e for e in range(6) for n in (1, 2, 5)),
    *(n * SECOND for n in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)),
]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something that needs room: half its width on each of the lines where it stands."""

    key: str
    at: int  # microseconds
    reach: tuple[tuple[str, float], ...] = ()
    half: float = 0.0  # the widest of them

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "half", max((h for _, h in self.reach), default=0.0))


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """Where every item stands, and where any other moment does."""

    places: dict[str, float]
    times: tuple[int, ...]  # of the items, in order
    xs: tuple[float, ...]
    left: float
    right: float
    scale: float  # pixels a microsecond where nothing crowds
    broken: tuple[int, ...] = ()  # i: the silence between items i and i + 1 is cut out

    def shows(self, low: int, high: int) -> bool:
        """True where something between these moments lies on the axis and not in a silence that is cut out."""
        if not self.times or self.scale <= 0:
            return bool(self.times) and high >= self.times[0] and low <= self.times[-1]
        first = self.times[0] - (self.xs[0] - self.left) / self.scale
        last = self.times[-1] + (self.right - self.xs[-1]) / self.scale
        return high >= first and low <= last

    def us(self, x: float) -> int:
        """The moment that stands at a place: `x` the other way round."""
        if not self.times:
            return 0
        i = bisect_left(self.xs, x)
        if i < len(self.xs) and self.xs[i] == x:
            return self.times[i]
        if i in (0, len(self.xs)):
            end = 0 if i == 0 else -1
            return self.times[end] + (round((x - self.xs[end]) / self.scale) if self.scale > 0 else 0)
        share = (x - self.xs[i - 1]) / (self.xs[i] - self.xs[i - 1])
        return self.times[i - 1] + round(share * (self.times[i] - self.times[i - 1]))

    def x(self, us: int) -> float:
        if not self.times:
            return self.left
        i = bisect_left(self.times, us)
        if i < len(self.times) and self.times[i] == us:
            return self.xs[i]
        if i == 0:
            return max(self.left, self.xs[0] - (self.times[0] - us) * self.scale)
        if i == len(self.times):
            return min(self.right, self.xs[-1] + (us - self.times[-1]) * self.scale)
        share = (us - self.times[i - 1]) / (self.times[i] - self.times[i - 1])
        return self.xs[i - 1] + share * (self.xs[i] - self.xs[i - 1])


def spread(items: Sequence[Item], left: float, right: float, *, cut: bool = True) -> Axis:
    """Places the items in order of time between `left` and `right`; grows past `right` where they need it.

    `cut`: long silences are left out.
    """
    order = sorted(items, key=lambda item: item.at)
    gaps = [b.at - a.at for a, b in pairwise(order)]
    broken = _silences(gaps) if cut else set()
    span = sum(g for i, g in enumerate(gaps) if i not in broken)
    low, high = 0.0, (right - left) / max(1, span) if span else 0.0
    room = GAP if span else _even(order, left, right, broken)
    # Where the marks alone take more room than there is, no scale makes them fit.
    fits = bool(span) and _end(order, _place(order, gaps, broken, left, 0.0, room)) <= right
    for _ in range(HALVINGS if fits else 0):
        middle = (low + high) / 2
        if _end(order, _place(order, gaps, broken, left, middle, room)) <= right:
            low = middle
        else:
            high = middle
    xs = _place(order, gaps, broken, left, low, room)
    return Axis(
        places={item.key: x for item, x in zip(order, xs, strict=True)},
        times=tuple(item.at for item in order),
        xs=tuple(xs),
        left=left,
        right=max(right, _end(order, xs)),
        scale=low,
        broken=tuple(sorted(broken)),
    )


def _place(
    order: Sequence[Item], gaps: Sequence[int], broken: set[int], left: float, scale: float, room: float
) -> list[float]:
    taken: dict[str, float] = {}
    xs: list[float] = []
    for i, item in enumerate(order):
        x = left + item.half
        if i:
            x = max(x, xs[-1] + (BREAK + item.half if i - 1 in broken else gaps[i - 1] * scale))
        for line, half in item.reach:
            if line in taken:
                x = max(x, taken[line] + room + half)
        for line, half in item.reach:
            taken[line] = x + half
        xs.append(x)
    return xs


def _end(order: Sequence[Item], xs: Sequence[float]) -> float:
    return max((x + item.half for item, x in zip(order, xs, strict=True)), default=0.0)


def _even(order: Sequence[Item], left: float, right: float, broken: set[int]) -> float:
    """The room between items that tell no times apart, so that they fill a reasonable part of the width."""
    used = _end(order, _place(order, [0] * len(order), broken, left, 0.0, GAP))
    return min(72.0, GAP + max(0.0, right - used) / max(1, len(order)))


def _silences(gaps: Sequence[int]) -> set[int]:
    """Gaps so long that an even axis would have no room for the rest: over six times all shorter ones together."""
    known = 0
    threshold: int | None = None
    for count, gap in enumerate(sorted(g for g in gaps if g > 0)):
        if count >= 2 and gap > 6 * known and gap > 2 * SECOND:
            threshold = gap
            break
        known += gap
    if threshold is None:
        # Two clusters with nothing known inside them: minutes apart is a silence all the same.
        return {i for i, g in enumerate(gaps) if g > 300 * SECOND and g > 20 * (sum(gaps) - g)}
    return {i for i, g in enumerate(gaps) if g >= threshold}


def breaks(axis: Axis) -> tuple[Break, ...]:
    return tuple(
        Break(round((axis.xs[i] + axis.xs[i + 1]) / 2, 1), span_words(axis.times[i + 1] - axis.times[i]))
        for i in axis.broken
    )


def ticks(axis: Axis) -> tuple[Tick, ...]:
    """Round times where the axis is even, and the marks' own times where it is stretched.

    A label that would lie on another, on that of a silence, or beyond the picture's edge is left out with its line.
    """
    if not axis.times:
        return ()
    found = _round_times(axis)
    for us, x in zip(axis.times, axis.xs, strict=True):
        if all(abs(x - other) >= TICK_ROOM * 1.6 for _, other in found):
            found.append((us, x))
    return _labelled(sorted(found, key=lambda pair: pair[1]), axis)


def _round_times(axis: Axis) -> list[tuple[int, float]]:
    if axis.scale <= 0:
        return []
    step = next((s for s in STEPS_US if s * axis.scale >= TICK_ROOM), STEPS_US[-1])
    found: list[tuple[int, float]] = []
    us = -(-axis.times[0] // step) * step
    edges = [(axis.times[i], axis.times[i + 1]) for i in axis.broken]
    last = axis.times[-1] + int((axis.right - axis.xs[-1]) / axis.scale)
    while us <= last and len(found) < 80:
        hidden = next((high for low, high in edges if low < us < high), None)
        if hidden is not None:
            us = -(-hidden // step) * step
            continue
        found.append((us, axis.x(us)))
        us += step
    return found


def _labelled(found: Sequence[tuple[int, float]], axis: Axis) -> tuple[Tick, ...]:
    silent = [(b.x, half_of(b)) for b in breaks(axis)]
    done: list[Tick] = []
    last = -1  # the moment of the label before
    for us, x in found:
        fine = clock_time(us, digits=3 if us % SECOND else 0)
        tick = Tick(round(x, 1), fine if us // MINUTE != last // MINUTE else fine[6:])
        half = half_of(tick)
        taken = [*silent, *((t.x, half_of(t)) for t in done[-1:])]
        free = all(abs(tick.x - other) >= half + room + BETWEEN_LABELS for other, room in taken)
        apart = not done or (us > last and x - done[-1].x >= TICK_ROOM * 0.8)
        if free and apart and x + half <= axis.right + BEYOND:
            done.append(tick)
            last = us
    return tuple(done)


def half_of(label: Tick | Break) -> float:
    """Half of the room that a label of the axis takes: it stands on its middle."""
    return width_of(label.label, LABEL_SIZE) / 2


def pinned(items: Sequence[Item], low: int, high: int) -> list[Item]:
    """The items, with the two ends of what is looked at, so that the axis begins and ends there."""
    return [Item(key="from", at=low), *items, Item(key="to", at=high)]


def clock_time(us: int, digits: int = 3) -> str:
    """Hours, minutes and seconds of an instant, in UTC, with as many decimals as wanted."""
    try:
        at = instant(us)
    except OverflowError:
        return "?"
    text = at.strftime("%H:%M:%S")
    return f"{text}.{at.microsecond:06d}"[: 9 + digits] if digits else text
