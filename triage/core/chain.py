"""The best joint assignment of one chain of steps: forward-backward over a sparse lattice of candidates.

Each step is one of its candidates or nothing; from one to the next the server's log moves forward. What comes out is
the probability of each candidate given all the others, so that a coin flip reads 0.5 and a lone fit reads nearly 1.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import exp, log

from triage.core.candidates import Candidate
from triage.core.records import SECOND

AHEAD = 6  # successors looked at in log order
BEHIND = 2  # a line may overtake another
OVERTAKING = -7.0  # there are many ways to overtake, so each must be dear
JUMP = -6.0  # to anywhere else
SKIPPED = 0.3  # for each request between two of one test, the first ones dearest
SAME_THING = 1.5  # of two requests that speak of one object
FLOOR = -40.0
FAR = -1e9  # impossible
# For each candidate of a step: the first of the next step's that it may lead to, and what each from there on weighs.
Links = Sequence[tuple[int, Sequence[float]]]


def posteriors(
    lattice: Sequence[Sequence[Candidate]],
    nothing: Sequence[float],
    timed: Sequence[bool],
    again: Sequence[float],
    together: Sequence[bool] = (),
) -> list[list[float]]:
    """For each step the probability of each candidate; what is missing to 1 is “none of them”.

    `lattice[i]` is sorted by order in the log; `nothing[i]` is the score of no candidate; `timed[i]`: whether time is
    already in the scores, so that gaps need not be; `again[i]` is what it costs that the step and the one before are
    one request; `together[i]`: whether they are of the same test. Linear in the number of candidates.
    """
    together = together or [False] * len(lattice)
    orders = [[candidate.event.order for candidate in row] for row in lattice]
    links: list[Links] = [()] + [
        () if timed[i] else _links(lattice[i - 1], lattice[i], orders[i - 1], orders[i], again[i], together[i])
        for i in range(1, len(lattice))
    ]
    forward: list[list[float]] = []
    for i, row in enumerate(lattice):
        own = [candidate.likeness.score for candidate in row] + [nothing[i]]
        if i == 0:
            forward.append(_normal(own))
            continue
        before = forward[-1]
        arrived = _step(before, orders[i - 1], orders[i], links[i], timed[i], again[i])
        forward.append(_normal([own[j] + arrived[j] for j in range(len(own))]))
    backward: list[list[float]] = [[0.0] * (len(row) + 1) for row in lattice]
    for i in range(len(lattice) - 2, -1, -1):
        following = lattice[i + 1]
        own = [candidate.likeness.score for candidate in following] + [nothing[i + 1]]
        after = [own[j] + backward[i + 1][j] for j in range(len(own))]
        backward[i] = _normal(_step_back(after, orders[i], orders[i + 1], links[i + 1], timed[i + 1], again[i + 1]))
    return [
        _probabilities([f + b for f, b in zip(forward[i], backward[i], strict=True)])[:-1] for i in range(len(lattice))
    ]


def _step(
    before: list[float],
    orders: Sequence[int],
    next_orders: Sequence[int],
    links: Links,
    timed: bool,
    again: float,
) -> list[float]:
    """Scores that arrive at each candidate of the following step and, last, at nothing."""
    whole = _logsum(before)
    if timed:
        earlier, later = _running(before[:-1]), _running(before[-2::-1])
        arrived = []
        for order in next_orders:
            place = bisect_left(orders, order)
            same = place < len(orders) and orders[place] == order
            behind = later[len(orders) - place - same] + OVERTAKING
            arrived.append(_logsum([before[-1], earlier[place], behind, before[place] + again if same else FAR]))
        return [*arrived, whole]
    free = before[-1] - log(len(next_orders) + 1)
    reached = [[max(whole + JUMP, free)] for _ in next_orders]
    for score, (first, weights) in zip(before, links, strict=False):  # the last score is that of nothing
        for b, weight in enumerate(weights, start=first):
            reached[b].append(score + weight)
    return [*(_logsum(scores) for scores in reached), whole]


def _step_back(
    after: list[float],
    orders: Sequence[int],
    next_orders: Sequence[int],
    links: Links,
    timed: bool,
    again: float,
) -> list[float]:
    """Scores that each candidate, and last nothing, can expect of the steps behind it."""
    if timed:
        earlier, later = _running(after[:-1]), _running(after[-2::-1])
        result = []
        for order in orders:
            place = bisect_left(next_orders, order)
            same = place < len(next_orders) and next_orders[place] == order
            ahead = later[len(next_orders) - place - same]
            result.append(
                _logsum([after[-1], ahead, earlier[place] + OVERTAKING, after[place] + again if same else FAR])
            )
        return [*result, _logsum(after)]
    anywhere = _logsum(after[:-1]) if next_orders else FAR
    result = []
    for first, weights in links:
        scores = [after[-1], anywhere + JUMP]
        scores += [after[b] + weight for b, weight in enumerate(weights, start=first)]
        result.append(_logsum(scores))
    return [*result, _logsum([after[-1], anywhere - log(len(next_orders) + 1)])]


def _running(scores: Sequence[float]) -> list[float]:
    """Log sums of the first none, one, two … of the scores."""
    sums = [FAR]
    for score in scores:
        top = max(sums[-1], score)
        sums.append(top + log(exp(max(sums[-1] - top, FLOOR)) + exp(max(score - top, FLOOR))))
    return sums


def _links(
    rows: Sequence[Candidate],
    following: Sequence[Candidate],
    orders: Sequence[int],
    next_orders: Sequence[int],
    again: float,
    together: bool,
) -> Links:
    links = []
    for candidate, order in zip(rows, orders, strict=True):
        place = bisect_left(next_orders, order)
        first = max(place - BEHIND, 0)
        near = following[first : place + AHEAD]
        links.append((first, [_weight(candidate, other, again, together) for other in near]))
    return links


def _weight(one: Candidate, other: Candidate, again: float, together: bool) -> float:
    """From one candidate to the next where time is not in the scores: the log moves forward, and not far.

    The requests of one test tend to be about the same things, those of two tests about different ones.
    """
    if one.event.served == other.event.served:
        return again
    gap = other.event.order - one.event.order
    weight = OVERTAKING if gap < 0 else 0.0
    if together and gap > 0:
        weight -= SKIPPED * (log(gap) + min(gap - 1, AHEAD))
    if one.event.things and other.event.things and len(one.event.things) < 9:
        same = not one.event.things.isdisjoint(other.event.things)
        weight += (SAME_THING if same else -SAME_THING / 2) if together else (-SAME_THING if same else 0.0)
    if one.event.timed and other.event.timed:
        weight -= 0.7 * log(1 + max(other.event.low - one.event.high, 0) / (SECOND / 5))
    return weight


def _logsum(scores: Sequence[float]) -> float:
    top = max(scores)
    return top + log(sum(exp(max(score - top, FLOOR)) for score in scores))


def _normal(scores: list[float]) -> list[float]:
    top = max(scores)
    return [max(score - top, FLOOR) for score in scores]


def _probabilities(scores: list[float]) -> list[float]:
    top = max(scores)
    weights = [exp(max(score - top, FLOOR)) for score in scores]
    total = sum(weights)
    return [weight / total for weight in weights]
