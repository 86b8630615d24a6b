"""True time of a log's stamps: how far each kind of stamp is off is measured against the truth of the run.

A log may lack zone, date or year, and its clock may be wrong or jump: all of that is one number a stretch of stamps.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

SECOND = 1_000_000
NOISE_US = 5_000  # by which two pairs of one stretch may differ beyond their last digit
LATE_US = 20_000  # how much later than it happened most lines are stamped
SLOW_US = 60_000  # how much later than its beginning a request that is held up says something
ENOUGH = 3  # lines that can be about one thing only
QUARTER_US = 900 * SECOND
EARLY_US = 2_000
NEARLY = 0.8  # of the most lines that agree on anything
SAMPLE = 400


@dataclass(frozen=True, slots=True)
class Pair:
    """A stamp and the true instant of what it stamps."""

    us: int
    tick_us: int
    true_us: int


def shifts(pairs: Sequence[Pair]) -> list[int]:
    """For each pair, in the order of the log: what its stamp shows beyond the true instant.

    Neighbours whose pairs agree share one number; where they cannot, the clock jumped and a new stretch begins.
    """
    result: list[int] = []
    start = 0
    while start < len(pairs):
        low, high = _bounds(pairs[start])
        end = start + 1
        while end < len(pairs):
            next_low, next_high = _bounds(pairs[end])
            if max(low, next_low) > min(high, next_high) + NOISE_US:
                break
            low, high = max(low, next_low), min(high, next_high)
            end += 1
        result += [_settled(low, high)] * (end - start)
        start = end
    return result


def _bounds(pair: Pair) -> tuple[int, int]:
    return pair.us - pair.true_us, pair.us - pair.true_us + pair.tick_us


def _settled(low: int, high: int) -> int:
    middle = (low + high) // 2
    zone = round(middle / QUARTER_US) * QUARTER_US
    return zone if high - low > 20_000 and min(low, high) - NOISE_US <= zone <= max(low, high) + NOISE_US else middle


def voted(offers: Sequence[Sequence[int]], tick_us: int) -> int | None:
    """The shift that most lines agree on; `offers`: of each line, stamp minus instant of all that it may be about."""
    certain = [row for row in offers if len(row) == 1]
    rows = certain if len(certain) >= ENOUGH else offers
    flat = sorted((offer, line) for line, row in enumerate(rows[:SAMPLE]) for offer in row)
    if not flat:
        return None
    width = tick_us + LATE_US
    best, best_from = 0, 0
    counts: dict[int, int] = {}
    end = 0
    for start, (offer, line) in enumerate(flat):
        while end < len(flat) and flat[end][0] <= offer + width:
            counts[flat[end][1]] = counts.get(flat[end][1], 0) + 1
            end += 1
        if len(counts) > best:
            best, best_from = len(counts), start
        counts[line] -= 1
        if not counts[line]:
            del counts[line]
    low = flat[best_from][0]
    zone = round((low + width / 2) / QUARTER_US) * QUARTER_US
    span = (zone - tick_us - EARLY_US, zone + LATE_US)
    at_zone = {line for _, line in flat[bisect_left(flat, (span[0], -1)) : bisect_left(flat, (span[1], -1))]}
    slow = {line for _, line in flat[bisect_left(flat, (span[0], -1)) : bisect_left(flat, (zone + SLOW_US, -1))]}
    near = abs(low - zone) <= SLOW_US + tick_us and len(slow) >= NEARLY * len(rows[:SAMPLE])
    if near or len(at_zone) >= NEARLY * best:
        return zone  # a clock that is right, read in some zone
    window = [offer for offer, _ in flat[best_from : bisect_left(flat, (low + width + 1, -1))]]
    return window[len(window) // 10] if tick_us < SECOND // 10 else window[len(window) * 9 // 10]
