"""Several runs of the same tests in one console."""

from __future__ import annotations

from triage.core.records import Fact, Outcome, PartRecords, RunEvidence, Side, Step, TestResult
from triage.core.sessions import told_apart


def run(first: int, *names: str, of: str = "", format: str = "pytest-terminal") -> PartRecords:
    """A run from line `first` on: a step and a result for each test, then its last line."""
    steps = tuple(Step(line=first + n, raw="", text="x", test=name) for n, name in enumerate(names))
    results = tuple(
        TestResult(test=name, outcome=Outcome.PASSED, line=first + len(names)) for n, name in enumerate(names)
    )
    facts = (Fact(name="session_duration_us", value="1", line=first + len(names) + 1),)
    return PartRecords(name="", side=Side.TESTS, format=format, steps=steps, results=results, facts=facts, of=of)


def both(one: PartRecords, other: PartRecords) -> PartRecords:
    return PartRecords(
        name="", side=Side.TESTS, format=one.format, steps=one.steps + other.steps,
        results=one.results + other.results, facts=one.facts + other.facts,
    )  # fmt: skip


def names(evidence: RunEvidence) -> list[list[str]]:
    return [[result.test for result in part.results] for part in told_apart(evidence).parts]


def test_a_test_of_two_pieces_of_one_console_is_two_tests():
    evidence = RunEvidence(parts=(run(1, "a", "b", of="ci.log"), run(50, "b", "c", of="ci.log")))
    assert names(evidence) == [["a", "b"], ["b (run 2)", "c"]]
    assert [step.test for step in told_apart(evidence).parts[1].steps] == ["b (run 2)", "c"]


def test_a_test_of_two_runs_in_one_part_is_two_tests():
    evidence = RunEvidence(parts=(both(run(1, "a"), both(run(50, "a"), run(90, "a"))),))
    assert names(evidence) == [["a", "a (run 2)", "a (run 3)"]]
    assert [step.test for step in told_apart(evidence).parts[0].steps] == ["a", "a (run 2)", "a (run 3)"]


def test_two_reports_of_one_run_stay_one():
    evidence = RunEvidence(parts=(run(1, "a"), run(1, "a", format="junit"), run(1, "a")))
    assert told_apart(evidence) is evidence


def test_a_report_printed_in_the_console_is_no_second_run():
    evidence = RunEvidence(parts=(run(1, "a", of="ci.log"), run(50, "a", of="ci.log", format="junit")))
    assert told_apart(evidence) is evidence


def test_several_attempts_in_one_run_stay_one_test():
    evidence = RunEvidence(parts=(run(1, "a", "a", of="ci.log"),))
    assert told_apart(evidence) is evidence
