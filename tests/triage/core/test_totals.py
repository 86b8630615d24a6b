"""How many tests ran, where the log names only those that failed."""

from __future__ import annotations

from tests.triage.core.made import asked, client_part, failed, passed, run, served, server_part
from triage.core.analyse import analyse
from triage.core.document import test_counts as counted
from triage.core.findings import Lineup
from triage.core.records import Fact, Outcome, TestResult


def told(**counts: int) -> list[Fact]:
    return [Fact(name=f"tests_{name}", value=str(count)) for name, count in counts.items()]


def test_tests_that_passed_without_a_name_are_counted() -> None:
    """`pytest -q` names failures only; its last line says `1 failed, 7 passed, 2 xfailed`."""
    lineup = analyse(run(client_part(failed(), *told(failed=1, passed=7, xfailed=2)))).lineup
    assert counted(lineup) == {"total": 10, "passed": 7, "failed": 1, "error": 0, "skipped": 2}


def test_a_test_that_failed_and_broke_at_teardown_is_one_test() -> None:
    broke = TestResult(test=failed().test, outcome=Outcome.ERROR, phase="teardown")
    lineup = analyse(run(client_part(failed(), broke, *told(failed=1, error=1)))).lineup
    assert counted(lineup)["total"] == 1


def test_two_reports_of_one_session_are_not_added_up() -> None:
    first = client_part(failed(), passed("tests/test_a.py::test_b"), *told(failed=1, passed=1))
    second = client_part(failed(), *told(failed=1, passed=1), name="again.txt")
    assert counted(analyse(run(first, second)).lineup)["total"] == 2


def test_a_lineup_without_totals_counts_its_tests() -> None:
    lineup = analyse(run(client_part(asked(1, "GET", "/"), passed("a")), server_part(served(1, 11, "GET", "/")))).lineup
    assert counted(Lineup(tests=lineup.tests)) == counted(lineup)
