"""How much faster one clock runs than the other: the line that fits what every pair allows, after Moon and Zhang.

A pair of lines bounds the offset at one moment of the client's time. Lines through all these gaps are found with convex
hulls, which is linear programming in two variables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from triage.core.marzullo import intersect
from triage.core.records import SECOND

MOST = 500.0  # parts per million; clocks of computers are off by less
USUAL = 200.0  # what has to be reckoned with where nothing shows it
LEAST_SPAN = 10 * SECOND  # in less than this no skew can be seen
SAMPLE = 600  # constraints that a slope is searched with
_STEPS = 24  # slopes tried on each side of zero
_FINER = 6  # each pass looks so much closer around the best
_SLOPES = 16  # feasible slopes that bounds are read from
_MILLION = 1_000_000


class Constraint(msgspec.Struct, frozen=True, gc=False):
    """What one pair of lines allows: at this moment of the client's time the offset lay in [low, high]."""

    at: int
    low: int
    high: int
    likely: tuple[int, int] | None = None  # where it lay most likely


class Line(msgspec.Struct, frozen=True):
    """Feasible slopes in parts per million, and bounds of the offset at `about`."""

    least: float
    most: float
    low: int
    high: int


def levelled(constraints: Sequence[Constraint], ppm: float, about: int) -> list[tuple[int, int]]:
    """The bounds as they would stand at `about` if the server's clock ran faster by `ppm`."""
    if not ppm:
        return [(each.low, each.high) for each in constraints]
    rate = ppm / _MILLION
    return [
        (each.low - round(rate * (each.at - about)), each.high - round(rate * (each.at - about)))
        for each in constraints
    ]


def best_slope(constraints: Sequence[Constraint], about: int) -> float:
    """The slope with which most constraints agree, in parts per million; 0 unless it is clearly better than none."""
    if not constraints or span_of(constraints) < LEAST_SPAN:
        return 0.0
    sample = constraints[:: max(1, -(-len(constraints) // SAMPLE))]

    def agreeing(ppm: float) -> int:
        found = intersect(levelled(sample, ppm, about))
        return found.count if found is not None else 0

    level = agreeing(0.0)
    clearly = max(3, len(sample) // 25)
    if len(sample) - level < clearly:
        return 0.0
    step = MOST / _STEPS
    tried = {n * step: agreeing(n * step) for n in range(-_STEPS, _STEPS + 1)}
    while step > 1.0:
        best = _middle(tried)
        step /= _FINER
        tried |= {ppm: agreeing(ppm) for n in range(-_FINER, _FINER + 1) if abs(ppm := best + n * step) <= MOST}
    best = _middle(tried)
    return best if tried.get(best, agreeing(best)) - level >= clearly else 0.0


def _middle(tried: dict[float, int]) -> float:
    """The slope in the middle of those that serve best."""
    most = max(tried.values())
    slopes = sorted(ppm for ppm, count in tried.items() if count == most)
    return slopes[len(slopes) // 2]


def span_of(constraints: Sequence[Constraint]) -> int:
    return max(each.at for each in constraints) - min(each.at for each in constraints)


def feasible(
    constraints: Sequence[Constraint], ppm: float, about: int, *, most: float = MOST, ends: tuple[int, int] = (0, 0)
) -> Line | None:
    """All lines that keep every constraint; None where none does. `ppm` is where to begin. O(n log n).

    Their bounds hold at `about`, or, where one number is to stand for all of a run, between its `ends`.
    """
    above = _hull([(each.at - about, each.high) for each in constraints], 1)
    below = _hull([(each.at - about, each.low) for each in constraints], -1)

    def room(slope: float) -> tuple[float, float]:
        rate = slope / _MILLION
        return max(y - rate * x for x, y in below), min(y - rate * x for x, y in above)

    def fits(slope: float) -> bool:
        low, high = room(slope)
        return low <= high

    if not fits(ppm):
        return None
    least, greatest = _edge(fits, ppm, -most), _edge(fits, ppm, most)
    lows, highs = [], []
    for n in range(_SLOPES + 1):
        slope = least + (greatest - least) * n / _SLOPES
        moved = [slope / _MILLION * (end - about) for end in ends if end]
        low, high = room(slope)
        lows.append(low + min(moved, default=0.0))
        highs.append(high + max(moved, default=0.0))
    return Line(least, greatest, round(min(lows)), round(max(highs)))


def _edge(fits: Callable[[float], bool], inside: float, outside: float) -> float:
    """The last slope from `inside` towards `outside` that fits; those that fit are an interval."""
    if (outside - inside) * (1 if outside > 0 else -1) <= 0:
        return inside
    if fits(outside):
        return outside
    for _ in range(24):
        middle = (inside + outside) / 2
        if fits(middle):
            inside = middle
        else:
            outside = middle
    return inside


def _hull(points: list[tuple[int, int]], side: int) -> list[tuple[int, int]]:
    """The points that a line from below (`side` 1) or from above (-1) can touch."""
    hull: list[tuple[int, int]] = []
    for x, y in sorted(points, key=lambda point: (point[0], point[1] * side)):
        if hull and hull[-1][0] == x:
            continue
        while len(hull) > 1 and side * _turn(hull[-2], hull[-1], (x, y)) <= 0:
            hull.pop()
        hull.append((x, y))
    return hull


def _turn(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def trend(constraints: Sequence[Constraint], line: Line) -> float:
    """The likeliest feasible slope: the median of the slopes between likely places half a run apart, after Theil."""
    placed = sorted((each.at, each.likely[0] + each.likely[1]) for each in constraints if each.likely is not None)
    half = len(placed) // 2
    slopes = sorted(
        (later[1] - sooner[1]) / 2 / (later[0] - sooner[0]) * _MILLION
        for sooner, later in zip(placed, placed[half:], strict=False)
        if later[0] > sooner[0]
    )
    if len(slopes) < 4:
        return (line.least + line.most) / 2
    return min(max(slopes[len(slopes) // 2], line.least), line.most)
