"""How many tests ran, in pytest's own count where the log names only some of them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from triage.core.findings import Lineup, TestCase, Totals
from triage.core.records import Outcome, RunEvidence, Side

# How the outcomes of pytest fall into the five counts. An expected failure asserts nothing, as a skip does; a test
# that passed against expectation passed; an attempt that was to be run again and never was has failed.
COUNTED_AS: dict[Outcome, str] = {
    Outcome.PASSED: "passed",
    Outcome.XPASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.RERUN: "failed",
    Outcome.ERROR: "error",
    Outcome.SKIPPED: "skipped",
    Outcome.XFAILED: "skipped",
}

# A rerun is not another test.
_TOLD_AS = {f"tests_{outcome}": name for outcome, name in COUNTED_AS.items() if outcome is not Outcome.RERUN}


def named_totals(tests: Iterable[TestCase]) -> Totals:
    """The counts of the tests that are known by name."""
    counts = {"passed": 0, "failed": 0, "error": 0, "skipped": 0}
    total = 0
    for test in tests:
        total += 1
        counts[COUNTED_AS[test.outcome]] += 1
    return Totals(total=total, **counts)


def told_totals(evidence: RunEvidence, tests: Iterable[TestCase]) -> Totals:
    """The named tests, and those that pytest's last line counts without a name.

    Failures have names practically always, and one test may count there as failed and as an error; so that line is
    believed about failures only where it knows of more.
    """
    named = named_totals(tests)
    told = {"passed": 0, "failed": 0, "error": 0, "skipped": 0}
    for part in evidence.parts:
        if part.side is not Side.TESTS:
            continue
        counts = dict.fromkeys(told, 0)
        for fact in part.facts:
            counted_as = _TOLD_AS.get(fact.name)
            if counted_as is not None and fact.value.isdigit() and len(fact.value) < 10:
                counts[counted_as] += int(fact.value)
        told = {name: max(count, counts[name]) for name, count in told.items()}
    more = told["failed"] + told["error"] > named.failed + named.error and told["failed"] >= named.failed
    passed, skipped = max(named.passed, told["passed"]), max(named.skipped, told["skipped"])
    failed, error = named.failed, named.error
    if more and (told["failed"] > named.failed or not named.failed):
        failed, error = max(failed, told["failed"]), max(error, told["error"])
    return Totals(total=passed + failed + error + skipped, passed=passed, failed=failed, error=error, skipped=skipped)


def totals_of(lineup: Lineup) -> Totals:
    """The counts of a lineup, whether or not it carries what pytest counted."""
    return lineup.totals if lineup.totals is not None else named_totals(lineup.tests)


def counts(totals: Totals) -> dict[str, int]:
    """total, passed, failed, error and skipped; the last four always add up to the first."""
    return msgspec.structs.asdict(totals)
