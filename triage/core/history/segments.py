"""How much a row of runs says for a cause, where any commit may have brought the cause, or taken it away.

A Bayesian change-point model (Barry and Hartigan 1993): the runs fall into stretches, in each of which a test fails
either as processes differ or anyhow. All ways to divide them are summed up, so that what passed before a bug came, or
after it was mended, neither acquits nor accuses by itself. Within a stretch, “anyhow” means one rate for all runs, or
one for each kind of run, such as busy and idle ones: what differs between runs is a rival of what differs within them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import log

import msgspec

from triage.core.history.statistics import FAILS_ANYHOW, FAILS_APART, FAILS_TOGETHER

HAZARD = 0.02  # about every fiftieth run something is changed that matters to a test
DEPENDS = 0.2  # of the other stretches, how many are taken for ones in which processes matter
NEAR = 30  # runs looked at on each side
_TINY = 1e-250


class Run(msgspec.Struct, frozen=True):
    """One run as the model sees it."""

    failed: bool
    apart: bool | None  # write and read met different processes, or the holder was replaced; None where not known
    sorts: tuple[Hashable, ...] = ()  # which kind of run it is, under each rival explanation


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
