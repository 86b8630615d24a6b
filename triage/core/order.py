"""The order in which the tests of a run ran, where its reports tell it: by times, by dots, or by a full listing."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

from triage.core.findings import TestCase
from triage.core.records import Outcome, PartRecords, RunEvidence, Side
from triage.core.results import FAILING

DENSE = 3  # lines a test at most in a listing of all tests
UNNAMED = TestCase(test="", outcome=Outcome.PASSED)  # a test that passed and that no report names
_LETTERS = {
    ".": Outcome.PASSED,
    "F": Outcome.FAILED,
    "E": Outcome.ERROR,
    "s": Outcome.SKIPPED,
    "x": Outcome.XFAILED,
    "X": Outcome.XPASSED,
}


def in_order(evidence: RunEvidence, tests: Sequence[TestCase]) -> tuple[tuple[TestCase, ...], int]:
    """The tests in the order in which they ran, and how many more there were, nobody knows where.

    Without order, the failing ones alone are in the order in which the report shows them.
    """
    if tests and all(test.started_us is not None or test.outcome is Outcome.SKIPPED for test in tests):
        return tuple(sorted(tests, key=lambda test: test.started_us or 0)), 0
    unlisted = _unlisted(evidence, tests)
    for part in evidence.parts:
        if part.side is Side.TESTS:
            dots = _by_dots(part, tests)
            if dots is not None:
                return dots, 0
            if _dense(part, tests):
                return tuple(tests), unlisted
    failing = tuple(test for test in tests if test.outcome in FAILING)
    return failing, len(tests) - len(failing) + unlisted


def _by_dots(part: PartRecords, tests: Sequence[TestCase]) -> tuple[TestCase, ...] | None:
    """`tests/test_cars.py ..F.` tells which place the failing ones have among all."""
    lines = [fact.value for fact in part.facts if fact.name == "progress"]
    if not lines:
        return None
    waiting: dict[tuple[str, Outcome], deque[TestCase]] = defaultdict(deque)
    for test in tests if _summed_up(part) else [test for test in tests if test.outcome in FAILING]:
        waiting[test.test.partition("::")[0], test.outcome].append(test)
        waiting["", test.outcome].append(test)
    ordered: list[TestCase] = []
    file = ""
    for line in lines:
        words = line.split()
        if "." in words[0].strip("."):
            file, words = words[0], words[1:]
        for letter in words[0] if words else "":
            outcome = _LETTERS.get(letter)
            if outcome is None:
                continue
            queue = waiting.get((file, outcome))
            if queue:
                ordered.append(queue.popleft())
            elif outcome in FAILING:
                return None
            else:
                ordered.append(UNNAMED)
    failing = sum(test.outcome in FAILING for test in tests)
    return tuple(ordered) if sum(test.outcome in FAILING for test in ordered) == failing else None


def _summed_up(part: PartRecords) -> bool:
    """Whether those that passed stand line by line in the summary, which lists them in their order."""
    lines = sorted(result.line for result in part.results if result.outcome is Outcome.PASSED)
    return not lines or lines[-1] - lines[0] < len(lines)


def _dense(part: PartRecords, tests: Sequence[TestCase]) -> bool:
    """Whether the part lists all tests in one go, as `-v` and the machine's formats do."""
    lines: dict[str, int] = {}
    for result in part.results:
        lines.setdefault(result.test, result.line)
    if len(lines) < len(tests) or not lines:
        return False
    if part.format not in ("", "pytest-terminal"):
        return True
    return max(lines.values()) - min(lines.values()) <= DENSE * len(lines)


def _unlisted(evidence: RunEvidence, tests: Sequence[TestCase]) -> int:
    """How many tests passed that no report lists."""
    told = [
        int(fact.value)
        for part in evidence.parts
        if part.side is Side.TESTS
        for fact in part.facts
        if fact.name == "tests_passed" and fact.value.isdigit() and len(fact.value) < 10
    ]
    return max(max(told, default=0) - sum(test.outcome is Outcome.PASSED for test in tests), 0)
