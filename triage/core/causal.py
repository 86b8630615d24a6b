"""A clock from pairs of lines: sent ≤ handled ≤ received bounds the offset; with skew and jumps where it must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from triage.core.events import ClientEvent, ServerEvent
from triage.core.findings import Clock, Jump
from triage.core.jumps import BACKWARDS, Stretch, stretches
from triage.core.marzullo import intersect
from triage.core.records import SECOND
from triage.core.skew import (
    LEAST_SPAN,
    USUAL,
    Constraint,
    best_slope,
    feasible,
    levelled,
    span_of,
    trend,
)

LATE = 20_000  # an access line may follow the client's own line by this much
LAG = 5_000  # a journal stamps a line when it reads it, not when it was written
QUICK = 30_000  # an HTTP library logs an answer this soon after the server did
ENOUGH = 8  # pairs that can show a skew or a jump
AFTERWARDS = 20_000  # testers speak of a request this soon after it, so that the line before says little
UNTOLD = 2 * SECOND  # before a line of which nothing else is known, its request may have been sent so long ago

Pair = tuple[ClientEvent, ServerEvent]


class _Held(msgspec.Struct, frozen=True):
    """A pair with what it allows."""

    pair: Pair
    bound: Constraint


class _Fit(msgspec.Struct, frozen=True):
    """A way to read the pairs: one slope, and the stretches of one offset each."""

    ppm: float
    parts: tuple[tuple[_Held, ...], ...]
    kept: int  # pairs that it agrees with

    @property
    def worth(self) -> float:
        return self.kept - 3 * bool(self.ppm) - 4 * (len(self.parts) - 1)

    @property
    def strain(self) -> int:
        """What passes at the jumps on the clock that was not set: little, where the stretches stand in their order."""
        return sum(_passed(one[-1].pair, other[0].pair) for one, other in pairwise(self.parts))


class _Place(msgspec.Struct, frozen=True):
    """Where the offset of one stretch lies, at `about`."""

    low: int
    high: int
    point: int
    count: int
    since: int = 0  # client time at which the first pair that agrees is surely over, and the last one has surely begun
    until: int = 0
    server_since: int = 0  # and the same in server time
    server_until: int = 0


def from_pairs(
    host: str,
    pairs: Sequence[Pair],
    guess: int,
    hits: int,
    remarks: tuple[str, ...] = (),
    order: Mapping[int, int] | None = None,
    written: Mapping[int, int] | None = None,
) -> Clock:
    """Bounds from causality, and the likeliest offset inside them. Near-linear in the pairs.

    `order` and `written`: place of each step and of each served request in its log, which the lines themselves tell
    even where their stamps go back.
    """
    held = sorted(
        (_Held(pair, bound) for pair in pairs if (bound := constraint(*pair)) is not None), key=lambda h: h.bound.at
    )
    if not held:
        return Clock(
            host=host,
            offset_us=guess,
            low_us=guess - 2 * SECOND,
            high_us=guess + 2 * SECOND,
            basis=f"{hits} steps that find a partner at this offset",
            matched=hits,
            decided=True,
            remarks=remarks,
        )
    about = held[len(held) // 2].bound.at
    fit = _fit(held, about, order or {}, written or {})
    ppm, error = _slope(fit, about) if fit.ppm else (0.0, 0.0)
    places = [_place(part, ppm, about) for part in fit.parts]
    first, count = places[0], sum(place.count for place in places)
    noun = "request" if any(c.request is not None for c, _ in pairs) else "line"
    return Clock(
        host=host,
        offset_us=first.point,
        low_us=first.low,
        high_us=first.high,
        basis=f"{count} matched {noun}{'' if count == 1 else 's'}",
        matched=count,
        decided=True,
        remarks=remarks,
        jumps=tuple(_jump(places[n], places[n + 1]) for n in range(len(places) - 1)),
        skew_ppm=ppm,
        skew_error_ppm=error,
        at_us=about if ppm or error else None,
    )


def constraint(client: ClientEvent, server: ServerEvent) -> Constraint | None:
    """What one pair allows; None where the client's line has no time."""
    if client.low is None or client.high is None:
        return None
    late = LATE if server.ended else LAG
    lowest = server.low - client.high - late
    sent = client.sent if client.sent is not None else client.low - UNTOLD
    if client.request is None:
        sent = min(sent, client.low - AFTERWARDS)
    likely = (lowest, server.high - client.low + QUICK) if client.quick and client.stamped else None
    return Constraint((client.low + client.high) // 2, lowest, max(server.high - sent, lowest), likely)


def _fit(held: Sequence[_Held], about: int, order: Mapping[int, int], written: Mapping[int, int]) -> _Fit:
    """One offset; a slope or jumps only where one offset leaves too many pairs out."""
    flat = _straight(held, 0.0, about)
    if len(held) < ENOUGH or len(held) - flat.kept < max(3, len(held) // 25):
        return flat
    fits = [flat]
    ppm = best_slope([each.bound for each in held], about)
    if ppm:
        fits.append(_straight(held, ppm, about))
    if len(held) - max(fit.kept for fit in fits) >= max(3, len(held) // 25):
        # A server writes its log as things happen; the tests' log often is not in order of time: what failed, then what
        # passed.
        orders = [
            sorted(held, key=lambda each: written.get(each.pair[1].served, each.pair[1].served)),
            sorted(held, key=lambda each: order.get(each.pair[0].step, each.pair[0].step)),
            held,
        ]
        fits += [_broken(order, slope, about) for order in orders for slope in dict.fromkeys((0.0, ppm))]
    return max(fits, key=lambda fit: (fit.worth, -fit.strain))


def _straight(held: Sequence[_Held], ppm: float, about: int) -> _Fit:
    agreed = intersect(levelled([each.bound for each in held], ppm, about))
    return _Fit(ppm, (tuple(held),), agreed.count if agreed is not None else 0)


def _broken(held: Sequence[_Held], ppm: float, about: int) -> _Fit:
    back = [False]
    for one, other in pairwise(held):
        back.append(_backwards(one.pair, other.pair))
    found = stretches(levelled([each.bound for each in held], ppm, about), back)
    if not found or _twice(held, found):
        return _straight(held, ppm, about)
    parts = tuple(tuple(held[each.first : each.last + 1]) for each in found)
    # The slope shows in the longest stretch, now that it is known to be one.
    longest = max(parts, key=len)
    finer = best_slope([each.bound for each in longest], about)
    if finer != ppm:
        again = stretches(levelled([each.bound for each in held], finer, about), back)
        if sum(each.count for each in again) > sum(each.count for each in found):
            found, ppm = again, finer
            parts = tuple(tuple(held[each.first : each.last + 1]) for each in found)
    return _Fit(ppm, parts, sum(each.count for each in found))


def _backwards(one: Pair, other: Pair) -> bool:
    low, later = one[0].low, other[0].low
    if low is not None and later is not None and later < low - BACKWARDS:
        return True
    return other[1].high < one[1].low - BACKWARDS


def _passed(one: Pair, other: Pair) -> int:
    """How far the clock went that moved less from one pair to the next."""
    low, later = one[0].low, other[0].low
    server = abs(other[1].low - one[1].high)
    return server if low is None or later is None else min(abs(later - low), server)


def _twice(held: Sequence[_Held], found: Sequence[Stretch]) -> bool:
    """Stretches that claim the same served requests are one stretch and a repetition."""
    seen: set[int] = set()
    again = 0
    for each in found:
        mine = {one.pair[1].served for one in held[each.first : each.last + 1]}
        again += len(mine & seen)
        seen |= mine
    return again * 5 > len(seen)


def _place(part: Sequence[_Held], ppm: float, about: int) -> _Place:
    bounds = [each.bound for each in part]
    level = levelled(bounds, ppm, about)
    core = intersect(level)
    agreed = intersect(level, spare=len(level) // 10 + (len(level) > 3))
    if core is None or agreed is None:
        return _Place(0, 0, 0, 0)
    low, high = agreed.low, agreed.high
    # A skew that nothing shows may still be there: the bounds have to hold with it from end to end.
    agreeing = _agreeing(part, ppm, about)
    kept = [each.bound for each in agreeing]
    line = None
    if ppm:
        line = feasible(kept, ppm, about)
    elif span_of(bounds) >= LEAST_SPAN:
        line = feasible(
            kept, ppm, about, most=USUAL, ends=(min(each.at for each in bounds), max(each.at for each in bounds))
        )
    if line is not None:
        low, high = min(low, line.low), max(high, line.high)
    point = intersect([_shifted(each, ppm, about) for each in bounds if each.likely is not None])
    middle = (point.low + point.high) // 2 if point is not None and point.count > 1 else (low + high) // 2
    (first, began), (last, ended) = agreeing[0].pair, agreeing[-1].pair
    return _Place(
        low,
        high,
        min(max(middle, low), high),
        core.count,
        since=first.high or 0,
        until=last.low or 0,
        server_since=began.high,
        server_until=ended.low,
    )


def _shifted(bound: Constraint, ppm: float, about: int) -> tuple[int, int]:
    off = round(ppm * (bound.at - about) / 1_000_000)
    low, high = bound.likely or (bound.low, bound.high)
    return low - off, high - off


def _jump(before: _Place, after: _Place) -> Jump:
    return Jump(
        at_us=after.since,
        by_us=after.point - before.point,
        low_us=after.low - before.high,
        high_us=after.high - before.low,
        until_us=before.until,
        server_at_us=after.server_since,
        server_until_us=before.server_until,
    )


def _slope(fit: _Fit, about: int) -> tuple[float, float]:
    """The skew in parts per million, and by how much it may be wrong, from the longest stretch."""
    kept = [each.bound for each in _agreeing(max(fit.parts, key=len), fit.ppm, about)]
    line = feasible(kept, fit.ppm, about)
    if line is None:
        return round(fit.ppm, 1), USUAL
    ppm = trend(kept, line)
    return round(ppm, 1), round(max(ppm - line.least, line.most - ppm) + 0.1, 1)


def _agreeing(part: Sequence[_Held], ppm: float, about: int) -> list[_Held]:
    """Those of the largest number of pairs that one offset keeps."""
    level = levelled([each.bound for each in part], ppm, about)
    core = intersect(level)
    if core is None:
        return []
    return [each for each, (low, high) in zip(part, level, strict=True) if low <= core.low and core.high <= high]
