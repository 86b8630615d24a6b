"""What the terminal format makes of plugins and options that change pytest's output, and of what starts pytest."""

from __future__ import annotations

from collections import Counter

import pytest

from ingest.formats import pytest_terminal
from ingest.formats.pytest_terminal.runners import is_runner
from tests.ingest.client_parts import Read, read, sample
from triage.core.records import Outcome

COUNTS = {
    Outcome.FAILED: 5,
    Outcome.ERROR: 2,
    Outcome.PASSED: 9,
    Outcome.SKIPPED: 1,
    Outcome.XFAILED: 1,
    Outcome.XPASSED: 1,
}


def told(name: str) -> Read:
    return read(pytest_terminal, sample(f"pytest_terminal/{name}.txt").decode())


@pytest.mark.parametrize("name", ["instafail_v", "tox"])
def test_every_test_is_told_once(name: str) -> None:
    log = told(name)
    assert Counter(each.outcome for each in log.results) == COUNTS
    assert not log.unparsed


def test_a_failure_that_is_shown_at_once_is_its_tests_detail_and_no_step() -> None:
    log = told("instafail_v")
    failed = log.result("test_cart.py::test_count")
    assert failed.message == "AssertionError: expected two cars"
    assert "cart = {'items': [1]}" in failed.detail
    assert [each.text for each in log.of("test_cart.py::test_count") if each.request is None] == [
        "setting up a cart",
        "out: Zoë's cart",
        "counting [4711] items",
    ]
    assert {each.phase for each in log.of("test_cart.py::test_count")} == {"setup", "call"}
    assert "progress" not in log.facts


def test_outcomes_stand_behind_the_fixtures_of_setup_show() -> None:
    log = told("setup_show")
    counts = Counter(each.outcome for each in log.results)
    assert counts == Counter(COUNTS) - Counter({Outcome.SKIPPED: 1})  # a skip's line names no test
    assert log.result("test_cart.py::test_who[a b]").outcome is Outcome.PASSED
    assert not log.unparsed
    assert all(each.test for each in log.steps)


def test_a_fixture_that_breaks_with_v_tells_its_tests_outcome() -> None:
    log = read(
        pytest_terminal,
        "=== test session starts ===\ncollected 1 item\n\ntest_cart.py::test_a \n        SETUP    F brokenERROR\n"
        "        TEARDOWN F broken\n",
    )
    assert [(each.test, each.outcome) for each in log.results] == [("test_cart.py::test_a", Outcome.ERROR)]


def test_the_errors_and_the_table_of_pytest_pretty_are_understood() -> None:
    log = told("pretty_q_color")
    assert Counter(each.outcome for each in log.results) == {Outcome.FAILED: 5, Outcome.ERROR: 2}
    assert not log.unparsed
    assert (log.facts["tests_passed"], log.facts["tests_error"]) == ("10", "2")
    assert log.facts["session_duration_us"] == "880000"
    assert "Summary of Failures" not in log.result("test_more.py::test_multiline").detail


@pytest.mark.parametrize(
    "line",
    [
        "py: commands[0] /srv/app> python -m pytest -v",
        "  py: FAIL code 1 (4.18=setup[1.11]+cmd[3.07] seconds)",
        "  evaluation failed :( (4.28 seconds)",
        "nox > Running session tests-3.12",
        "make: *** [Makefile:2: test] Error 1",
        "== unit ==",
    ],
)
def test_what_starts_pytest_is_known(line: str) -> None:
    assert is_runner(line)


@pytest.mark.parametrize("line", ["added: OK", "py: hello", "== 3", "cars: exit 3 doors", "--- a b", ""])
def test_other_lines_are_not_the_runners(line: str) -> None:
    assert not is_runner(line)
