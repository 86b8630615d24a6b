"""Clocks that are set while a run goes on: stretches of pairs that agree on one offset each and not on the next's."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from triage.core.marzullo import intersect
from triage.core.records import SECOND

FEWEST = 4  # pairs on each side of a jump
FEWEST_SMALL = 8  # of a jump by less than a second
SMALL = SECOND
LEAST = 60_000  # offsets closer to each other than this are one offset and a late line
PLACES = 6  # offsets that are tried
WRONG = 2.5  # what a pair costs that does not keep to the offset of its stretch
SWITCH = 9.0  # what a jump costs: as much as four wrong pairs
BACK = 4.0  # and where stamps run backwards, which nothing else explains
BACKWARDS = SECOND // 2
SAMPLE = 2_000


class Stretch(msgspec.Struct, frozen=True):
    """Neighbours in the order of the log that agree on one offset: positions [first, last]."""

    first: int
    last: int
    low: int  # where most of them agree
    high: int
    count: int


def stretches(intervals: Sequence[tuple[int, int]], back: Sequence[bool]) -> tuple[Stretch, ...]:
    """The cheapest division into stretches: one where no jump is proven. Near-linear.

    `intervals`: bounds of the offset by each pair, in the order of the log, skew taken out. `back`: whether the stamps
    run backwards between a pair and the one before it.
    """
    places = _places(intervals)
    if len(places) < 2:
        return ()
    path = _cheapest(intervals, back, places)
    found = _runs(intervals, places, path)
    while len(found) > 1:
        weak = next((n for n in range(len(found)) if _doubtful(found, n)), None)
        if weak is None:
            break
        path = _without(found, weak, path)
        found = _runs(intervals, places, path)
    return tuple(found) if len(found) > 1 else ()


def _places(intervals: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Offsets that many pairs agree on; each found among those that the ones before it leave out."""
    left = list(intervals[:: max(1, -(-len(intervals) // SAMPLE))])
    enough = max(3, len(left) // 50)
    places: list[tuple[int, int]] = []
    while len(places) < PLACES and len(left) >= enough:
        agreed = intersect(left)
        if agreed is None or agreed.count < enough:
            break
        places.append((agreed.low, agreed.high))
        left = [each for each in left if not _holds(each, (agreed.low, agreed.high))]
    return places


def _holds(interval: tuple[int, int], place: tuple[int, int]) -> bool:
    return interval[0] <= place[0] and place[1] <= interval[1]


def _cheapest(
    intervals: Sequence[tuple[int, int]], back: Sequence[bool], places: Sequence[tuple[int, int]]
) -> list[int]:
    """For each pair the place that its stretch agrees on, after Viterbi."""
    costs = [0.0] * len(places)
    came: list[list[int]] = []
    for interval, backwards in zip(intervals, back, strict=True):
        best = min(range(len(places)), key=costs.__getitem__)
        dear = costs[best] + (BACK if backwards else SWITCH)
        row, now = [], []
        for n, place in enumerate(places):
            stays = costs[n] <= dear
            row.append(n if stays else best)
            now.append((costs[n] if stays else dear) + (0.0 if _holds(interval, place) else WRONG))
        came.append(row)
        costs = now
    at = min(range(len(places)), key=costs.__getitem__)
    path = []
    for row in reversed(came):
        path.append(at)
        at = row[at]
    return path[::-1]


def _runs(
    intervals: Sequence[tuple[int, int]], places: Sequence[tuple[int, int]], path: Sequence[int]
) -> list[Stretch]:
    found: list[Stretch] = []
    first = 0
    for position in range(1, len(path) + 1):
        if position < len(path) and path[position] == path[first]:
            continue
        place = places[path[first]]
        count = sum(_holds(interval, place) for interval in intervals[first:position])
        found.append(Stretch(first, position - 1, *place, count))
        first = position
    return found


def _doubtful(found: Sequence[Stretch], n: int) -> bool:
    """Too few pairs, too close to a neighbour, or there and back again as a stretch of late lines would look."""
    mine = found[n]
    for other in found[max(n - 1, 0) : n] + found[n + 1 : n + 2]:  # type: ignore[operator]
        apart = max(mine.low - other.high, other.low - mine.high)
        if apart < LEAST or mine.count < (FEWEST if apart >= SMALL else FEWEST_SMALL):
            return True
    around = [found[n - 1], found[n + 1]] if 0 < n < len(found) - 1 else []
    return (
        len(around) == 2
        and (around[0].low, around[0].high) == (around[1].low, around[1].high)
        and (max(mine.low - around[0].high, around[0].low - mine.high) < SMALL)
    )


def _without(found: Sequence[Stretch], n: int, path: Sequence[int]) -> list[int]:
    """The path with a stretch given to its larger neighbour."""
    neighbours = [other for other in (n - 1, n + 1) if 0 <= other < len(found)]
    heir = max(neighbours, key=lambda other: found[other].count)
    changed = list(path)
    for position in range(found[n].first, found[n].last + 1):
        changed[position] = path[found[heir].first]
    return changed
