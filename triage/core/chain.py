"""The best joint assignment of one chain of steps: forward-backward over a sparse lattice of candidates.

Each step is one of its candidates or nothing; from one to the next the server's log moves forward, also past steps that
left no line: a step of nothing remembers where the log was. What comes out is the probability of each candidate given
all the others, so that a coin flip reads 0.5 and a lone fit reads nearly 1.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from heapq import nlargest
from math import exp, log

import msgspec

from triage.core.candidates import Candidate
from triage.core.crowd import Crowd
from triage.core.records import SECOND

AHEAD = 6  # successors looked at in log order
BEHIND = 2  # a line may overtake another
MEMORY = 6  # places in the log that a step of nothing remembers
OVERTAKING = -7.0  # there are many ways to overtake, so each must be dear
SWAPPED = -3.0  # two lines of two processes that were written at nearly the same time
NEARLY = 50_000  # microseconds
JUMP = -6.0  # to anywhere else
FURTHER = -9.0  # ahead in the log, however many strangers are in between
SAME_THING = 1.5  # of two requests that speak of one object
FLOOR = -40.0  # what is less likely than this, beside the likeliest, is so no more

_OVERTAKE, _JUMP, _FURTHER = exp(OVERTAKING), exp(JUMP), exp(FURTHER)
_SWAP = exp(SWAPPED) - _OVERTAKE


class Stage(msgspec.Struct, frozen=True, gc=False):
    """One step of a chain: what it may be, and what leads to it. Scores and prices are log-odds."""

    row: Sequence[Candidate]  # sorted by order in the log
    nothing: float  # score of no candidate
    timed: bool  # whether time is already in the scores
    again: float  # price of being one request with the step before
    crowd: Crowd | None  # price of strangers in between; None: what lies between tells nothing


class _Reached(msgspec.Struct, gc=False):
    """Where in the log a chain may be after a step, as odds of which the highest is one."""

    places: list[Candidate]  # by order, each once
    orders: list[int]
    odds: list[float]
    nowhere: float  # odds of having no place yet, or one that was forgotten


class _Row(msgspec.Struct, gc=False):
    """A step's candidates in odds, of which the highest is one."""

    orders: list[int]
    odds: list[float]
    nothing: float


def posteriors(stages: Sequence[Stage]) -> list[list[float]]:
    """For each step the probability of each candidate; what is missing to 1 is “none of them”. Linear in candidates."""
    rows = [_row(stage) for stage in stages]
    reached: list[_Reached] = []
    chances: list[list[float]] = []
    before = _Reached([], [], [], 1.0)
    for stage, row in zip(stages, rows, strict=True):
        arrived = _arrivals(before, stage, row)
        before, own = _after(before, stage, row, [own * come for own, come in zip(row.odds, arrived, strict=True)])
        reached.append(before)
        chances.append(own)
    # Of the step at hand: what every place, and none, can expect of the steps behind it.
    expected: dict[int, float] = dict.fromkeys(before.orders, 1.0)
    nowhere = 1.0
    for i in range(len(stages) - 1, -1, -1):
        here, orders = reached[i], rows[i].orders
        whole = here.nowhere * nowhere
        whole += sum(odds * expected[order] for odds, order in zip(here.odds, here.orders, strict=True))
        chances[i] = [min(own * expected[order] / whole, 1.0) for own, order in zip(chances[i], orders, strict=True)]
        if i:
            expected, nowhere = _expectations(reached[i - 1], stages[i], rows[i], expected, nowhere)
    return chances


def _row(stage: Stage) -> _Row:
    scores = [candidate.likeness.score for candidate in stage.row]
    top = max((stage.nothing, *scores))
    return _Row(
        orders=[candidate.event.order for candidate in stage.row],
        odds=[exp(max(score - top, FLOOR)) for score in scores],
        nothing=exp(max(stage.nothing - top, FLOOR)),
    )


def _after(before: _Reached, stage: Stage, row: _Row, own: list[float]) -> tuple[_Reached, list[float]]:
    """Where the chain may be behind a step: at one of its candidates, or still where it was; and the former alone."""
    top = max((row.nothing * before.nowhere, *(row.nothing * odds for odds in before.odds), *own))
    still = row.nothing / top
    own = [odds / top for odds in own]
    held: Sequence[int] = range(len(before.odds))
    if len(held) > MEMORY:
        held = nlargest(MEMORY, held, key=before.odds.__getitem__)
    memory = {before.orders[n]: (before.odds[n] * still, before.places[n]) for n in held}
    kept = sum(before.odds[n] for n in held)
    nowhere = (before.nowhere + max(sum(before.odds) - kept, 0.0)) * still
    for candidate, order, odds in zip(stage.row, row.orders, own, strict=True):
        known = memory.get(order)
        memory[order] = (odds + known[0] if known is not None else odds, candidate)
    orders = sorted(memory)
    return _Reached(
        places=[memory[order][1] for order in orders],
        orders=orders,
        odds=[memory[order][0] for order in orders],
        nowhere=nowhere,
    ), own


def _arrivals(before: _Reached, stage: Stage, row: _Row) -> list[float]:
    """What arrives at each candidate of a step from everything before it."""
    if not stage.timed:
        return _jumps(before, stage, row)
    again, total, count = exp(stage.again), sum(before.odds), len(before.odds)
    passed, place, ahead = 0.0, 0, _Ahead(stage.crowd)
    arrived = []
    for candidate, order in zip(stage.row, row.orders, strict=True):
        while place < count and before.orders[place] < order:
            ahead.add(before.orders[place], before.odds[place])
            passed += before.odds[place]
            place += 1
        same = before.odds[place] if place < count and before.orders[place] == order else 0.0
        behind = max(total - passed - same, 0.0)
        swapped = 0.0
        if behind:
            beyond = range(place + (same > 0.0), min(place + 2, count))
            swapped = sum(before.odds[n] for n in beyond if _nearly(candidate, before.places[n]))
        arrived.append(before.nowhere + ahead.at(order) + behind * _OVERTAKE + swapped * _SWAP + same * again)
    return arrived


def _jumps(before: _Reached, stage: Stage, row: _Row) -> list[float]:
    """The same where time does not say which: to those next in the log, or anywhere at a price."""
    anywhere = max((before.nowhere + sum(before.odds)) * _JUMP, before.nowhere / (len(row.orders) + 1))
    arrived = [anywhere] * len(row.orders)
    for place, order, odds in zip(before.places, before.orders, before.odds, strict=True):
        for b in _near(row.orders, order):
            arrived[b] += odds * exp(_weight(place, stage.row[b], stage))
    return arrived


def _expectations(
    before: _Reached, stage: Stage, row: _Row, expected: dict[int, float], nowhere: float
) -> tuple[dict[int, float], float]:
    """What each place before a step, and none, can expect of the step and of all behind it; the highest is one."""
    after = [odds * expected[order] for odds, order in zip(row.odds, row.orders, strict=True)]
    total = sum(after)
    result = [row.nothing * expected.get(order, nowhere) for order in before.orders]
    none = row.nothing * nowhere
    if stage.timed:
        none += total
        again, place = exp(stage.again), len(after) - 1
        passed, ahead = 0.0, _Ahead(stage.crowd)
        for n in range(len(result) - 1, -1, -1):
            order = before.orders[n]
            while place >= 0 and row.orders[place] > order:
                ahead.add(-row.orders[place], after[place])
                passed += after[place]
                place -= 1
            same = after[place] if place >= 0 and row.orders[place] == order else 0.0
            behind, swapped = max(total - passed - same, 0.0), 0.0
            if behind:
                beyond = range(max(place - 1, 0), place + (same == 0.0))
                swapped = sum(after[b] for b in beyond if _nearly(stage.row[b], before.places[n]))
            result[n] += ahead.at(-order) + behind * _OVERTAKE + swapped * _SWAP + same * again
    else:
        none += total / (len(after) + 1)
        for n, (place_before, order) in enumerate(zip(before.places, before.orders, strict=True)):
            result[n] += total * _JUMP + sum(
                after[b] * exp(_weight(place_before, stage.row[b], stage)) for b in _near(row.orders, order)
            )
    top = max((none, *result))
    return {order: odds / top for order, odds in zip(before.orders, result, strict=True)}, none / top


class _Ahead:
    """What arrives at a place from all places before it, each stranger in between at its price."""

    __slots__ = ("_all", "_at", "_crowd", "_fade", "_few", "_many", "_price", "_rare")

    def __init__(self, crowd: Crowd | None) -> None:
        self._all = self._few = self._many = 0.0
        self._at = 0
        self._crowd = crowd is not None
        self._fade, self._rare, self._price = (
            (exp(crowd.fade), exp(crowd.rare_fade), exp(crowd.rare)) if crowd is not None else (1.0, 1.0, 1.0)
        )

    def add(self, order: int, odds: float) -> None:
        """A place at `order`, not before those that were added."""
        self._all += odds
        if not self._crowd:
            return
        gap = order + 1 - self._at
        self._few = self._few * self._fade**gap + odds if self._few else odds
        self._many = self._many * self._rare**gap + odds if self._many else odds
        self._at = order + 1

    def at(self, order: int) -> float:
        """What comes to a request at `order` from all that were added."""
        if not self._crowd:
            return self._all
        if not self._all:
            return 0.0
        gap = order - self._at
        way = self._few * self._fade**gap + self._price * self._many * self._rare**gap
        return max(way, self._all * _FURTHER)


def _nearly(one: Candidate, other: Candidate) -> bool:
    """Whether a request that comes first in the log may have been answered after the other."""
    return (
        one.event.timed
        and other.event.timed
        and one.event.pid != other.event.pid
        and abs(other.event.high - one.event.high) < NEARLY
    )


def _near(nexts: Sequence[int], order: int) -> range:
    """The candidates of a step that a place in the log may lead to, where time does not say which."""
    place = bisect_left(nexts, order)
    return range(max(place - BEHIND, 0), min(place + AHEAD, len(nexts)))


def _weight(one: Candidate, other: Candidate, stage: Stage) -> float:
    """From one place to a candidate where time is not in the scores: the log moves forward, and not far.

    The requests of one test tend to be about the same things, those of two tests about different ones.
    """
    if one.event.served == other.event.served:
        return stage.again
    gap = other.event.order - one.event.order
    weight = OVERTAKING if gap < 0 else 0.0
    crowd = stage.crowd
    if crowd is not None and gap > 0:
        weight += max(crowd.fade * (gap - 1), crowd.rare + crowd.rare_fade * (gap - 1))
    if one.event.things and other.event.things and len(one.event.things) < 9:
        same = not one.event.things.isdisjoint(other.event.things)
        weight += (SAME_THING if same else -SAME_THING / 2) if crowd is not None else (-SAME_THING if same else 0.0)
    if one.event.timed and other.event.timed:
        weight -= 0.7 * log(1 + max(other.event.low - one.event.high, 0) / (SECOND / 5))
    return weight
