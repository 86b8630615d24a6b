"""How much a row of runs says for a cause, where any commit may have brought the cause, or taken it away.

A Bayesian change-point model (Barry and Hartigan 1993): the runs fall into stretches, in each of which a test fails
either as processes differ or anyhow. All ways to divide them are summed up, so that what passed before a bug came, or
after it was mended, neither acquits nor accuses by itself. Within a stretch, “anyhow” means one rate for all runs, or
one for each kind of run, such as busy and idle ones: what differs between runs is a rival of what differs within them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from itertools import accumulate
from math import exp, log
from operator import mul

import msgspec

from triage.core.history.statistics import FAILS_ANYHOW, FAILS_APART, FAILS_TOGETHER, Beta, log_evidence

HAZARD = 0.02  # about every fiftieth run something is changed that matters to a test
DEPENDS = 0.2  # of the other stretches, how many are taken for ones in which processes matter
NEAR = 30  # runs looked at on each side
_TINY = 1e-250
_MOST = 2 * NEAR + 1
_FAILED, _PASSED = 64, 1  # outcomes of up to 63 runs as one number: 64 a failure and one a pass
_STAYS = tuple((1 - HAZARD) ** size for size in range(_MOST))  # that nothing changes so many times


class Run(msgspec.Struct, frozen=True):
    """One run as the model sees it."""

    failed: bool
    apart: bool | None  # write and read met different processes, or the holder was replaced; None where not known
    sorts: tuple[Hashable, ...] = ()  # which kind of run it is, under each rival explanation


def log_factor(runs: Sequence[Run], place: int) -> float:
    """The log Bayes factor that the stretch of the run at `place` fails as processes differ, against anyhow.

    What that run says alone is taken out again: its own verdict has said it.
    """
    first = max(place - NEAR, 0)
    near, own = tuple(runs[first : place + NEAR + 1]), place - first
    last = len(near) - 1
    depends = _depends(tuple(_counted(each, True) for each in near), tuple(_counted(each, False) for each in near))
    anyhow = _anyhow(tuple(map(_outcome, near)), tuple(each.sorts for each in near))
    begun = _begun(own, lambda start, end: DEPENDS * depends[start][end] + (1 - DEPENDS) * anyhow[start][end])
    ended = _begun(  # the same from the last run backwards
        last - own,
        lambda start, end: (
            DEPENDS * depends[last - end][last - start] + (1 - DEPENDS) * anyhow[last - end][last - start]
        ),
    )[::-1]
    on_process = by_chance = 0.0
    for start in range(own + 1):  # the stretches around the run
        shares = [begun[start] * closes * stays for closes, stays in zip(ended, _STAYS[own - start :], strict=False)]
        on_process += sum(map(mul, shares, depends[start][own:]))
        by_chance += sum(map(mul, shares, anyhow[start][own:]))
    alone = log(depends[own][own] / anyhow[own][own])
    return log(max(on_process, _TINY) / max(by_chance, _TINY)) - alone


def _begun(size: int, either: Callable[[int, int], float]) -> list[float]:
    """For each number of runs up to `size`, the likelihood of those, however they fall, and of a stretch after them."""
    found = [1.0]
    for end in range(size):
        total = sum([found[start] * _STAYS[end - start] * either(start, end) for start in range(end + 1)])
        found.append(total * HAZARD)
    return found


@lru_cache(maxsize=16)
def _depends(apart: tuple[int, ...], together: tuple[int, ...]) -> list[list[float]]:
    """The likelihood of every stretch, by its first run and its last, if a test fails as processes differ."""
    one, other = _likelihoods(FAILS_APART), _likelihoods(FAILS_TOGETHER)
    found = []
    for start in range(len(apart)):
        there, here = accumulate(apart[start:]), accumulate(together[start:])
        found.append([0.0] * start + [one[a] * other[b] for a, b in zip(there, here, strict=True)])
    return found


@lru_cache(maxsize=16)
def _anyhow(outcomes: tuple[int, ...], sorts: tuple[tuple[Hashable, ...], ...]) -> list[list[float]]:
    """The same if it fails anyhow: at one rate for all runs, or for each rival at one for each sort of run."""
    likely = _likelihoods(FAILS_ANYHOW)
    rivals = list(zip(*sorts, strict=True))
    telling = [rival for rival in rivals if len(set(rival)) > 1]  # the others are the one rate once more
    alike = 1 + len(rivals) - len(telling)
    found = []
    for start in range(len(outcomes)):
        rest = outcomes[start:]
        rows = [[likely[each] for each in accumulate(rest)]] * alike
        rows += [_by_sort(rest, rival[start:], likely) for rival in telling]
        found.append([0.0] * start + [sum(each) / len(rows) for each in zip(*rows, strict=True)])
    return found


def _by_sort(outcomes: Sequence[int], sorts: Sequence[Hashable], likely: Sequence[float]) -> list[float]:
    seen: dict[Hashable, int] = dict.fromkeys(sorts, 0)
    product, found = 1.0, []
    for outcome, sort in zip(outcomes, sorts, strict=True):
        if outcome:
            before = seen[sort]
            now = seen[sort] = before + outcome
            product *= likely[now] / likely[before]
        found.append(product)
    return found


@lru_cache(maxsize=8)
def _likelihoods(prior: Beta) -> list[float]:
    """The chance of each number of outcomes in a given order, the failure rate averaged over what is known of it."""
    found = [0.0] * (_FAILED * _FAILED)
    for failed in range(_MOST + 1):
        for passed in range(_MOST + 1 - failed):
            found[failed * _FAILED + passed * _PASSED] = exp(log_evidence(prior, failed, passed))
    return found


def _outcome(run: Run) -> int:
    return 0 if run.apart is None else _FAILED if run.failed else _PASSED


def _counted(run: Run, apart: bool) -> int:
    return _outcome(run) if run.apart is apart else 0
