"""Exact tests and rates for small counts, in plain Python.

Without scipy: importing it would cost each worker process some 60 MB for four short formulas.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import comb, exp, lgamma

from triage.core.history.records import Table

MOST_RUNS = 1_000  # more passing runs than that nobody waits for
Beta = tuple[float, float]

# How often a test with state in one process fails where write and read meet different ones: usually, as the answer
# lacks what was written; not always, as a related request may not touch what was written.
FAILS_APART: Beta = (3.0, 1.0)
# And where they meet the same one: hardly ever; what remains is a step tied to the wrong process, or another fault.
FAILS_TOGETHER: Beta = (0.5, 12.0)
# How often any other test fails, whoever answers: mostly nearly never or nearly always (Jeffreys' prior).
FAILS_ANYHOW: Beta = (0.5, 0.5)
# Of the failure rate so far, when further passes are foretold: every rate alike, so that one failure of one run is not
# taken for a test that always fails.
RATE: Beta = (1.0, 1.0)


def fisher(table: Table) -> float:
    """Fisher's exact test, one-sided: the chance of at least so many failures among the different ones.

    Given how many failed and how many differed, were the two independent. In whole numbers up to the last division.
    """
    return stratified((table,))


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


def expected_rate(counts: Iterable[int]) -> float | None:
    """1 - sum of p squared: how often two requests meet different processes that serve in these shares.

    From the shares seen, never 1 - 1/N: of five workers one may do nearly all the work. None where nothing was served.
    """
    known = [count for count in counts if count > 0]
    total = sum(known)
    return 1 - sum((count / total) ** 2 for count in known) if total else None


def chance_of(passed_runs: int, failed: int, total: int) -> float:
    """The chance that so many further runs all pass, given `failed` of `total` so far and that nothing changed.

    Posterior predictive (beta-binomial): the failure rate is not taken for known, so few runs promise little. One
    failure is left out of the count: it is why anybody looks at this test and not at one of the thousands of others, so
    a test that failed in its one run is not taken for one that always fails.
    """
    if failed <= 0:
        return 1.0
    fails, passes = RATE[0] + failed - 1, RATE[1] + max(total - failed, 0)
    return exp(_log_beta(fails, passes + max(passed_runs, 0)) - _log_beta(fails, passes))


def runs_that_decide(failed: int, total: int, certainty: float) -> int | None:
    """How many passing runs in a row exclude chance at `certainty`; None where none failed or none in reason do."""
    allowed = (1 - certainty) * (1 + 1e-9)  # what rounding adds must not ask for one more run
    if failed <= 0 or not 0 < certainty < 1 or chance_of(MOST_RUNS, failed, total) > allowed:
        return None
    low, high = 0, MOST_RUNS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if chance_of(middle, failed, total) > allowed else (low, middle)
    return high


def log_evidence(prior: Beta, failed: int, passed: int) -> float:
    """The logarithm of the chance of these outcomes in this order, the failure rate averaged over its prior."""
    return _log_beta(prior[0] + failed, prior[1] + passed) - _log_beta(*prior)


def _log_beta(first: float, second: float) -> float:
    return lgamma(first) + lgamma(second) - lgamma(first + second)
