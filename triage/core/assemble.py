"""The tests side of all parts as one: tests with their outcomes, their steps in order, on the client's clock."""

from __future__ import annotations

import re

import msgspec

from triage.core.client_time import ClientTime
from triage.core.findings import LineRef, PlacedStep, TestCase
from triage.core.order import in_order
from triage.core.records import SECOND, Outcome, RunEvidence, Step
from triage.core.results import FAILING, TestNames, merge_results
from triage.core.steps import Item, merge_steps, phase_rank
from triage.core.unnamed import tests_of

# matches `/home/ci/project/tests/test_api_example.py`; must not match `latest_news.py`
_TEST_FILE = re.compile(r"(?:(?<=/)|(?<![A-Za-z0-9_.-]))(?P<folder>tests?/)?(?P<name>test_[A-Za-z0-9_]{1,80})\.py\b")
_SLACK = 2 * SECOND  # a report's times of a test and the stamps of its lines may come from different moments


class Assembled(msgspec.Struct, frozen=True, kw_only=True):
    """Tests and steps of a run before anything is known of the server."""

    tests: tuple[TestCase, ...]
    steps: tuple[PlacedStep, ...]
    sources: tuple[Step, ...]  # the record of each step, same index
    zoned: bool  # whether the client's instants are absolute, not a wall clock of unknown zone
    remarks: tuple[str, ...] = ()


class _Placed(msgspec.Struct):
    item: Item
    low: int | None
    high: int | None


def assemble(evidence: RunEvidence) -> Assembled:
    """Merge all tests parts. Linear in the number of steps but for sorting."""
    time = ClientTime(evidence)
    names = TestNames(evidence)
    tests = merge_results(evidence, names, time)
    placed = [_place(item, time) for item in merge_steps(evidence, names)]
    if not tests and placed:
        tests = _only_test(placed)
    _give_tests(placed, tests)
    if len(tests) > 1 and len({test.worker for test in tests}) < 2:
        _give_by_order(placed, evidence, tests)
    return _numbered(placed, tests, time)


def _place(item: Item, time: ClientTime) -> _Placed:
    stamp = item.step.stamp
    if stamp is not None:
        return _Placed(item, *time.place(stamp))
    if item.step.after is not None:
        return _Placed(item, None, time.place(item.step.after)[1])
    return _Placed(item, None, None)


def _only_test(placed: list[_Placed]) -> tuple[TestCase, ...]:
    """A log without any result is one test's: named by the test file it speaks of, failed where it says so."""
    name = ""
    failed = [each.item.step for each in placed if each.item.step.mark == "fail"]
    for each in reversed(placed):
        step = each.item.step
        found = _TEST_FILE.search(step.text[-2_000:]) or _TEST_FILE.search(step.raw[:4_000])
        if step.test:
            name = each.item.test
            break
        if found:
            name = f"{found['folder'] or ''}{found['name']}.py::{found['name']}"
            break
    outcome = Outcome.FAILED if failed else Outcome.PASSED
    message = failed[0].text if failed else ""
    return (TestCase(test=name or "the test of this log", outcome=outcome, message=message),)


def _give_tests(placed: list[_Placed], tests: tuple[TestCase, ...]) -> None:
    """Steps that no report ties to a test: by the test's times, else to the one test there is, else by neighbours."""
    timed = sorted(
        ((test.started_us, test.stopped_us, test) for test in tests if test.started_us and test.stopped_us),
        key=lambda each: (each[0], each[1]),
    )
    failing = [test for test in tests if test.outcome in FAILING]
    only = tests[0] if len(tests) == 1 else failing[0] if len(failing) == 1 and not timed else None
    # A log of which some lines are known to be a test's holds the lines of the other tests as well.
    shared = {
        part for each in placed if each.item.test and len(tests) > 1 for part in each.item.parts | {each.item.part}
    }
    cursor = 0
    for each in placed:
        item = each.item
        if item.test:
            continue
        if each.low is not None and timed:
            while cursor and timed[cursor][0] > each.low:
                cursor -= 1
            while cursor + 1 < len(timed) and timed[cursor][1] < each.low:
                cursor += 1
            for started, stopped, test in timed[max(cursor - 1, 0) : cursor + 3]:
                fits = started - _SLACK // 20 <= each.low <= stopped + _SLACK // 20
                if fits and (not item.step.worker or item.step.worker == test.worker):
                    item.test = test.test
                    break
        if not item.test and only is not None and item.part not in shared:
            item.test = only.test


def _give_by_order(placed: list[_Placed], evidence: RunEvidence, tests: tuple[TestCase, ...]) -> None:
    """A log file of which no line is known to be a test's: cut into the tests' slices by order and clues."""
    ordered, unlisted = in_order(evidence, tests)
    shared = {part for each in placed if each.item.test for part in each.item.parts | {each.item.part}}
    for part in {each.item.part for each in placed if not each.item.test} - shared:
        mine = [each for each in placed if each.item.part == part]
        for each, test in zip(
            mine, tests_of([(each.item.step, each.low, each.high) for each in mine], ordered, unlisted), strict=True
        ):
            each.item.test = each.item.test or test


def _numbered(placed: list[_Placed], tests: tuple[TestCase, ...], time: ClientTime) -> Assembled:
    rank = {test.test: position for position, test in enumerate(tests)}
    by_test: dict[str, list[_Placed]] = {}
    for each in placed:
        by_test.setdefault(each.item.test, []).append(each)
    known = {test.test: test for test in tests}
    extra = [
        TestCase(test=name, outcome=Outcome.PASSED)  # its lines are there, no report says that it failed
        for name in by_test
        if name and name not in known
    ]
    known |= {test.test: test for test in extra}
    steps: list[PlacedStep] = []
    sources: list[Step] = []
    indexes: dict[str, list[int]] = {}
    floors = _floors(tests)
    for name in sorted(by_test, key=lambda name: (rank.get(name, len(rank)), name == "")):
        test = known.get(name)
        for n, each in enumerate(_ordered(by_test[name], test, floors.get(name)), start=1):
            step = each.item.step
            indexes.setdefault(name, []).append(len(steps))
            sources.append(step)
            steps.append(
                PlacedStep(
                    index=len(steps),
                    test=name,
                    n=n,
                    ref=LineRef(each.item.part, step.line),
                    text=step.text,
                    at_us=each.low,
                    until_us=each.high,
                    request=step.request,
                    mark=step.mark,
                    phase=step.phase,
                    worker=step.worker or (test.worker if test else ""),
                )
            )
    cases = tuple(msgspec.structs.replace(test, steps=tuple(indexes.get(test.test, ()))) for test in (*tests, *extra))
    return Assembled(tests=cases, steps=tuple(steps), sources=tuple(sources), zoned=time.zoned, remarks=time.remarks)


def _floors(tests: tuple[TestCase, ...]) -> dict[str, int]:
    """When the test before each one ended in the same test process: its own set-up cannot have begun earlier."""
    floors: dict[str, int] = {}
    last: dict[str, int] = {}
    for test in sorted(tests, key=lambda test: test.started_us or 0):
        if test.started_us is None or test.stopped_us is None:
            continue
        if test.worker in last:
            floors[test.test] = min(last[test.worker], test.started_us)
        last[test.worker] = max(last.get(test.worker, 0), test.stopped_us)
    return floors


def _ordered(items: list[_Placed], test: TestCase | None, floor: int | None) -> list[_Placed]:
    """Steps of one test in order, each with an interval as tight as its neighbours and the test's times allow.

    A report's times may be those of the call alone: then its set-up began at `floor` at the earliest.
    """
    begin = test.started_us if test else None
    end = test.stopped_us if test else None
    for each in items:
        if each.item.step.stamp is None and each.high is not None and test is not None:
            if each.item.step.phase == "setup" and begin is not None and each.high <= begin:
                begin = floor
            if each.item.step.phase == "teardown" and end is not None and each.high > end:
                end = each.high
    # A line without stamp stays behind the line it follows in its report.
    last: int | None = None
    keyed = []
    for position, each in enumerate(sorted(items, key=lambda each: each.item.order)):
        stamped = each.item.step.stamp is not None
        if stamped and each.low is not None:
            last = each.low if last is None else max(last, each.low)
        by_time = each.low if stamped and each.low is not None else last
        keyed.append((phase_rank(each.item.step.phase), by_time if by_time is not None else -1, position, each))
    keyed.sort(key=lambda key: key[:3])
    ordered = [key[3] for key in keyed]
    low = begin
    for each in ordered:
        if each.item.step.stamp is None:
            if each.item.step.phase != "setup" and test is not None and test.started_us is not None:
                low = test.started_us if low is None else max(low, test.started_us)
            each.low = low
        elif each.low is not None:
            low = each.low
    high = end
    for each in reversed(ordered):
        if each.item.step.stamp is None:
            bounds = [bound for bound in (each.high, high) if bound is not None]
            each.high = min(bounds, default=None)
            if each.low is not None and each.high is not None and each.high < each.low:
                each.high = each.low
        elif each.high is not None:
            high = each.high
    return ordered
