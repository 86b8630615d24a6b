"""Exact tests and rates for small counts, in plain Python.

Without scipy: importing it would cost each worker process some 60 MB for four short formulas.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import comb, exp, lgamma, prod
from operator import mul

from triage.core.history.records import Table

MOST_RUNS = 1_000  # more passing runs than that nobody waits for
Beta = tuple[float, float]
Counts = Sequence[int]

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
    return stratified_counts(
        (each.failed_different, each.passed_different, each.failed_same, each.passed_same) for each in tables
    )


def stratified_counts(tables: Iterable[Counts]) -> float:
    """The same of bare numbers: failed and passed where different, failed and passed where not."""
    return _exact(
        tuple(
            (failed + passed, failed_same + passed_same, failed, failed + failed_same)
            for failed, passed, failed_same, passed_same in tables
            if failed + passed and failed_same + passed_same and failed + failed_same
        )
    )


@lru_cache(maxsize=1_024)  # all failures of one test are held against the same tables
def _exact(telling: tuple[tuple[int, int, int, int], ...]) -> float:
    """Of the numbers of different ones, of the same, of failures among the different ones, and of all failures."""
    # Whole numbers as the digits of one, so that a product of polynomials is one product: all its digits together are
    # the ways to choose the failures among the runs, so with digits that long nothing is ever carried.
    total = prod(comb(different + same, failures) for different, same, _, failures in telling)
    width = total.bit_length() // 8 + 1  # bytes of a digit
    ways = 1
    above = 0  # failures among the different ones beyond the fewest possible
    for different, same, seen, failures in telling:
        low, high = max(0, failures - same), min(failures, different)
        above += seen - low
        own = map(mul, _ways(different)[low : high + 1], _ways(same)[failures - high : failures - low + 1][::-1])
        ways *= int.from_bytes(b"".join([each.to_bytes(width, "little") for each in own]), "little")
    ways >>= 8 * width * above
    # The sum of a number's digits is what it leaves when divided by the base less one.
    return (ways % ((1 << 8 * width) - 1)) / total


@lru_cache(maxsize=512)
def _ways(number: int) -> list[int]:
    """In how many ways none, one, two … of so many runs can be chosen."""
    return [comb(number, chosen) for chosen in range(number + 1)]


def expected_rate(counts: Iterable[int]) -> float | None:
    """1 - sum of p squared: how often two requests meet different processes that serve in these shares.

    From the shares seen, never 1 - 1/N: of five workers one may do nearly all the work. None where nothing was served.
    """
    known = [count for count in counts if count > 0]
    total = sum(known)
    return 1 - sum([count * count for count in known]) / total**2 if total else None


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
