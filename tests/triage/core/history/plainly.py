"""The sums behind history written as they are defined, run by run and table by table: slow, to compare with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from fractions import Fraction
from math import comb, log

from triage.core.history.period import Seen, processes
from triage.core.history.proof import BRANCHES, CHANGES, as_often, busy
from triage.core.history.records import Pair, Relation, Table
from triage.core.history.segments import DEPENDS, HAZARD, NEAR, Run
from triage.core.history.statistics import FAILS_ANYHOW, FAILS_APART, FAILS_TOGETHER

_TINY = 1e-250
Key = Callable[[int, Seen], Hashable]
Count = Callable[[Iterable[Seen]], Table]


class _Stretch:
    """The likelihood of runs in a row under both models, one more run at a time."""

    __slots__ = ("apart", "depends", "one_rate", "rates", "rivals", "together")

    def __init__(self) -> None:
        self.depends = self.one_rate = 1.0
        self.apart = [0, 0]  # failed and passed
        self.together = [0, 0]
        self.rivals: list[float] = []
        self.rates: dict[tuple[int, Hashable], list[int]] = {}

    def take(self, run: Run) -> None:
        if run.apart is None:
            return
        counts = self.apart if run.apart else self.together
        prior = FAILS_APART if run.apart else FAILS_TOGETHER
        self.depends *= _next(prior, counts[0], counts[1], run.failed)
        failed, passed = self.apart[0] + self.together[0], self.apart[1] + self.together[1]
        self.one_rate *= _next(FAILS_ANYHOW, failed, passed, run.failed)
        counts[0 if run.failed else 1] += 1
        if not self.rivals:
            self.rivals = [1.0] * len(run.sorts)
        for place, sort in enumerate(run.sorts):
            rate = self.rates.setdefault((place, sort), [0, 0])
            self.rivals[place] *= _next(FAILS_ANYHOW, rate[0], rate[1], run.failed)
            rate[0 if run.failed else 1] += 1

    @property
    def anyhow(self) -> float:
        return (self.one_rate + sum(self.rivals)) / (1 + len(self.rivals))

    @property
    def either(self) -> float:
        return DEPENDS * self.depends + (1 - DEPENDS) * self.anyhow


def _next(prior: tuple[float, float], failed: int, passed: int, fails: bool) -> float:
    """The chance of one more outcome after so many, the rate averaged over what is known of it."""
    rate = (prior[0] + failed) / (prior[0] + prior[1] + failed + passed)
    return rate if fails else 1 - rate


def log_factor(runs: Sequence[Run], place: int) -> float:
    """The log Bayes factor that the stretch of the run at `place` fails as processes differ, against anyhow.

    What that run says alone is taken out again: its own verdict has said it.
    """
    first, last = max(place - NEAR, 0), min(place + NEAR + 1, len(runs))
    near, own = runs[first:last], place - first
    before = _rows(near[:own])
    after = _rows(near[:own:-1])  # from the last run backwards
    depends = anyhow = 0.0
    growing: list[tuple[float, _Stretch]] = []
    for start in range(own + 1):  # stretches that begin at `start`
        stretch = _Stretch()
        for run in near[start : own + 1]:
            stretch.take(run)
        begun = before[start] * (HAZARD if start else 1.0) * (1 - HAZARD) ** (own - start)
        growing.append((begun, stretch))
    for end in range(own, len(near)):  # and that end with `end`
        closed = after[len(near) - 1 - end] * (HAZARD if end < len(near) - 1 else 1.0)
        for begun, stretch in growing:
            if end > own:
                stretch.take(near[end])
            share = begun * closed * (1 - HAZARD) ** (end - own)
            depends += share * stretch.depends
            anyhow += share * stretch.anyhow
    alone = _Stretch()
    alone.take(near[own])
    return log(max(depends, _TINY) / max(anyhow, _TINY)) - log(alone.depends / alone.anyhow)


def _rows(runs: Sequence[Run]) -> list[float]:
    """For each number of runs from the first on, the likelihood of those, however they fall into stretches."""
    found = [1.0]
    for end in range(1, len(runs) + 1):
        stretch, total = _Stretch(), 0.0
        for start in range(end - 1, -1, -1):
            stretch.take(runs[start])  # within a stretch the order does not matter
            total += found[start] * (HAZARD if start else 1.0) * (1 - HAZARD) ** (end - 1 - start) * stretch.either
        found.append(total)
    return found


def chance_at_most(seen: Sequence[Seen], pair: Pair, count: Count = processes) -> float:
    """The greatest of the p-values that remain when runs are compared with their like only."""
    alike = as_often(seen, pair)
    known = [each for each in alike if each.meeting.relation is not Relation.UNKNOWN]
    return max((_stratified(known, key, count) for key in _divisions(known)), default=1.0)


def _divisions(seen: Sequence[Seen]) -> Iterator[Key]:
    """By how busy the server was, and by that and one moment, or one branch, at a time."""
    yield lambda place, each: busy(each)
    borders = [place for place in range(1, len(seen)) if seen[place].occasion.failed != seen[place - 1].occasion.failed]
    stride = -(-len(borders) // CHANGES) or 1
    for border in borders[::stride]:
        yield lambda place, each, border=border: (busy(each), place < border)  # type: ignore[misc]
    failed = Counter(each.occasion.branch for each in seen if each.occasion.failed)
    if len({each.occasion.branch for each in seen}) > 1:
        for branch, _ in failed.most_common(BRANCHES):
            yield lambda place, each, branch=branch: (busy(each), each.occasion.branch == branch)  # type: ignore[misc]


def _stratified(seen: Sequence[Seen], key: Key, count: Count) -> float:
    parts: dict[Hashable, list[Seen]] = defaultdict(list)
    for place, each in enumerate(seen):
        parts[key(place, each)].append(each)
    return stratified(count(part) for part in parts.values())


def stratified(tables: Iterable[Table]) -> float:
    """The same over several tables, each of which compares like with like; none of them alone needs to say much.

    The exact conditional test of a common odds ratio (Mehta, Patel and Gray 1985): each table's number of failures
    among the different ones is hypergeometric, and what counts is their sum.
    """
    ways = [1]
    seen = least = 0
    for table in tables:
        low, own = _hypergeometric(table)
        least += low
        seen += table.failed_different
        ways = _convolved(ways, own)
    return float(Fraction(sum(ways[seen - least :]), sum(ways)))


def _hypergeometric(table: Table) -> tuple[int, list[int]]:
    """The least possible number of failures among the different ones, and in how many ways each number comes about."""
    different, same = table.different, table.same
    failed = table.failed_different + table.failed_same
    low, high = max(0, failed - same), min(failed, different)
    return low, [comb(different, count) * comb(same, failed - count) for count in range(low, high + 1)]


def _convolved(first: Sequence[int], second: Sequence[int]) -> list[int]:
    result = [0] * (len(first) + len(second) - 1)
    for place, ways in enumerate(first):
        for other, more in enumerate(second):
            result[place + other] += ways * more
    return result
