"""One test case a test: the results that several reports give of it, merged."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from triage.core.client_time import ClientTime
from triage.core.findings import TestCase
from triage.core.node_ids import NodeIds
from triage.core.records import Outcome, RunEvidence, Side, TestResult

# Which outcome stands where one attempt has several (a failing call and a failing teardown).
_SEVERITY = (
    Outcome.SKIPPED,
    Outcome.PASSED,
    Outcome.XFAILED,
    Outcome.XPASSED,
    Outcome.RERUN,
    Outcome.ERROR,
    Outcome.FAILED,
)
FAILING = (Outcome.FAILED, Outcome.ERROR)


class Told(msgspec.Struct, frozen=True):
    """A result and the part that told it."""

    part: int
    result: TestResult


class TestNames:
    """Which test a name in a report means."""

    def __init__(self, evidence: RunEvidence) -> None:
        exact: dict[str, None] = {}
        lossy: dict[str, None] = {}
        self._failing: set[str] = set()
        for part in evidence.parts:
            if part.side is not Side.TESTS:
                continue
            for result in part.results:
                (lossy if result.lossy else exact)[result.test] = None
                if result.outcome in FAILING:
                    self._failing.add(result.test)
            for step in part.steps:
                if step.test and ".py::" in step.test:
                    exact[step.test] = None
        self._ids = NodeIds(exact)
        # What only lossy reports name: the ones with a path stand for the bare names.
        rest = [name for name in lossy if not self._ids.candidates(name)]
        self._rest = NodeIds(name for name in rest if "::" in name or "." in name)

    def resolve(self, name: str) -> str:
        """The best id for a name; failing tests first, as blocks with bare names are about failures."""
        for ids in (self._ids, self._rest):
            found = ids.candidates(name)
            if found:
                return next((node_id for node_id in found if node_id in self._failing), found[0])
        return name


def merge_results(evidence: RunEvidence, names: TestNames, time: ClientTime) -> tuple[TestCase, ...]:
    """All tests of the run in the order in which they were first told, without their steps."""
    told: dict[str, list[Told]] = {}
    for index, part in enumerate(evidence.parts):
        if part.side is Side.TESTS:
            for result in part.results:
                told.setdefault(names.resolve(result.test), []).append(Told(index, result))
    return tuple(_test_case(test, results, time) for test, results in told.items())


def _test_case(test: str, told: list[Told], time: ClientTime) -> TestCase:
    outcome = _outcome(told)
    deciding = [each.result for each in told if each.result.outcome is outcome] or [each.result for each in told]
    started = [time.place(each.result.started)[0] for each in told if each.result.started is not None]
    stopped = [time.place(each.result.stopped)[1] for each in told if each.result.stopped is not None]
    return TestCase(
        test=test,
        outcome=outcome,
        message=_richest(result.message for result in deciding),
        detail=_richest(result.detail for result in deciding),
        phase=next((result.phase for result in deciding if result.phase), ""),
        started_us=min(started, default=None),
        stopped_us=max(stopped, default=None),
        worker=next((each.result.worker for each in told if each.result.worker), ""),
        attempts=_attempts(told),
    )


def _by_part(told: list[Told]) -> dict[int, list[TestResult]]:
    grouped: dict[int, list[TestResult]] = {}
    for each in told:
        grouped.setdefault(each.part, []).append(each.result)
    return grouped


def _outcome(told: list[Told]) -> Outcome:
    """The last attempt decides; of several outcomes of that attempt the gravest; of several reports the exact one."""
    verdicts: list[tuple[bool, int, Outcome]] = []
    for results in _by_part(told).values():
        final = [result for result in results if result.outcome is not Outcome.RERUN] or results
        last = max(result.attempt for result in final)
        outcome = max((result.outcome for result in final if result.attempt == last), key=_SEVERITY.index)
        exact = any(not result.lossy for result in final)
        verdicts.append((exact, _SEVERITY.index(outcome), outcome))
    return max(verdicts)[2]


def _attempts(told: list[Told]) -> int:
    return max(
        max(
            max(result.attempt for result in results),
            1 + sum(result.outcome is Outcome.RERUN for result in results),
        )
        for results in _by_part(told).values()
    )


def _richest(texts: Iterable[str]) -> str:
    """The longest text; one that a terminal has cut with an ellipsis only where nothing else is there."""
    return max(texts, key=lambda text: (not text.endswith("..."), len(text)) if text else (False, 0), default="")
