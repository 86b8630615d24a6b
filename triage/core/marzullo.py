"""The interval that most sources agree on, after Marzullo: bounds from many pairs, some of which are wrong."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Agreement(msgspec.Struct, frozen=True):
    """Where the largest number of intervals overlap."""

    low: int
    high: int
    count: int  # intervals that hold [low, high]
    of: int


def intersect(intervals: Sequence[tuple[int, int]], spare: int = 0) -> Agreement | None:
    """The smallest interval that is inside the largest number of `intervals`; None where there are none.

    Of several equally supported places the widest wins, as the narrow ones are the likelier accident. With `spare`, the
    interval is widened to where all but that many of the best still agree, so that a few wrong ones cannot narrow it.
    O(n log n).
    """
    edges: list[tuple[int, int]] = []
    for low, high in intervals:
        if low <= high:
            edges.append((low, -1))
            edges.append((high, 1))
    if not edges:
        return None
    edges.sort()
    best = depth = 0
    found: tuple[int, int] | None = None
    for position, (at, kind) in enumerate(edges):
        if kind < 0:
            depth += 1
            end = edges[position + 1][0]
            wider = found is not None and depth == best and end - at > found[1] - found[0]
            if depth > best or wider:
                best, found = depth, (at, end)
        else:
            depth -= 1
    if found is None:
        return None
    low, high = found
    if spare:
        low, high = _widened(edges, low, high, max(best - spare, 1))
    return Agreement(low, high, best, len(edges) // 2)


def _widened(edges: list[tuple[int, int]], low: int, high: int, least: int) -> tuple[int, int]:
    """The stretch around [low, high] in which at least `least` intervals overlap."""
    depth, begun = 0, edges[0][0]
    for at, kind in edges:
        before = depth
        depth -= kind
        if before < least <= depth:
            begun = at
        elif depth < least <= before and begun <= low and at >= high:
            return begun, at
    return low, high
