"""What unittest's text output comes to: results by name, steps with their test, and nothing taken from pytest."""

from __future__ import annotations

from collections import Counter

import pytest

from ingest.formats import pytest_terminal, unittest_text
from ingest.formats.detect import detect
from ingest.formats.pieces import pieces_of
from tests.ingest.client_parts import FORMATS, read, sample, source
from triage.core.records import Outcome

FILES = FORMATS / "unittest_text"
SUITE = "tests/test_shop.py::"
BROKEN = {
    "tests/test_import.py": Outcome.ERROR,
    f"{SUITE}Broken::setUpClass": Outcome.ERROR,
    f"{SUITE}Cart::test_boom": Outcome.FAILED,
    f"{SUITE}Cart::test_error": Outcome.ERROR,
    f"{SUITE}Cart::test_sub": Outcome.FAILED,
    f"{SUITE}Torn::test_both": Outcome.FAILED,
    f"{SUITE}Torn::test_refused": Outcome.ERROR,
}
FINE = {
    f"{SUITE}Cart::test_add": Outcome.PASSED,
    f"{SUITE}Cart::test_prints": Outcome.PASSED,
    f"{SUITE}Cart::test_fixed": Outcome.XPASSED,
    f"{SUITE}Cart::test_known": Outcome.XFAILED,
    f"{SUITE}Cart::test_skipped": Outcome.SKIPPED,
}
VERBOSE = ["py38_v", "py38_v_buffer", "py312_v", "py312_durations", "py313_v", "py313_v_buffer"]


def text(name: str) -> str:
    return (FILES / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", VERBOSE)
def test_every_test_of_a_verbose_run_has_its_outcome(name: str) -> None:
    told = read(unittest_text, text(name))
    assert {each.test: each.outcome for each in told.results} == BROKEN | FINE
    assert len(told.results) == len(BROKEN | FINE)
    assert not told.unparsed


@pytest.mark.parametrize("name", ["py38", "py313"])
def test_a_quiet_run_tells_what_broke(name: str) -> None:
    told = {each.test: each.outcome for each in read(unittest_text, text(name)).results}
    told.pop(f"{SUITE}Cart::test_fixed", None)  # named since Python 3.12
    assert told == BROKEN


@pytest.mark.parametrize("name", VERBOSE)
def test_a_failure_has_its_error_its_traceback_and_its_phase(name: str) -> None:
    told = read(unittest_text, text(name))
    boom = told.result(f"{SUITE}Cart::test_boom")
    assert boom.message == "AssertionError: 500 != 200 : should be 200"
    assert boom.detail.startswith("Traceback (most recent call last):")
    assert boom.phase == "call"
    assert told.result(f"{SUITE}Broken::setUpClass").phase == "setup"
    assert "number=1" in told.result(f"{SUITE}Cart::test_sub").detail
    assert all(each.lossy for each in told.results)


@pytest.mark.parametrize("name", VERBOSE)
def test_what_a_test_logs_is_a_step_of_that_test(name: str) -> None:
    told = read(unittest_text, text(name))
    assert told.requests(f"{SUITE}Cart::test_add")[0][:2] == ("GET", "/cars")
    assert told.requests(f"{SUITE}Cart::test_boom")[0][:2] == ("GET", "/boom")
    assert [each.test for each in told.steps if "shop is up" in each.text] == [None]


def test_a_print_without_an_end_is_told_apart_from_the_outcome_behind_it() -> None:
    told = read(unittest_text, text("py313_v"))
    assert [each.text for each in told.of(f"{SUITE}Cart::test_prints")] == ["PASS: printed", "without an end"]


def test_what_stands_behind_the_letters_of_a_quiet_run_is_read() -> None:
    told = read(unittest_text, text("py313"))
    assert [path for _, path, _ in told.requests()] == ["/cars", "/boom", "/cars/1"]
    assert all(each.test is None for each in told.steps)


def test_durations_are_the_tests_own() -> None:
    told = read(unittest_text, text("py312_durations"))
    assert told.result(f"{SUITE}Cart::test_add").duration_us == 34_000
    assert told.facts["session_duration_us"] == "542000"


def test_output_that_was_kept_back_belongs_to_the_failed_test() -> None:
    bar, line = "=" * 70, "-" * 70
    told = read(
        unittest_text,
        f"F\n{bar}\nFAIL: test_a (shop.tests.Cart)\nadds a car\n{line}\nTraceback (most recent call last):\n"
        '  File "/srv/app/shop/tests.py", line 5, in test_a\n'
        f"AssertionError: 1 != 2\n\nStdout:\nadded a car\n\n{line}\nRan 1 test in 0.001s\n\nFAILED (failures=1)\n",
    )
    (step,) = told.steps
    assert (step.text, step.test) == ("added a car", "shop.tests.Cart::test_a")
    assert told.results[0].message == "AssertionError: 1 != 2"


def test_what_django_says_of_its_databases_is_no_step() -> None:
    told = read(unittest_text, text("django_v2"))
    assert not told.steps
    assert not told.unparsed
    assert Counter(each.outcome for each in told.results) == {Outcome.PASSED: 1, Outcome.FAILED: 1, Outcome.ERROR: 1}


def test_a_run_inside_a_console_is_a_piece_of_its_own() -> None:
    part = source(text("make_then_server"))
    pieces = pieces_of(part)
    assert [(each.first, each.last) for each in pieces] == [(2, 41), (43, 54)]


def test_a_run_that_a_pytest_test_printed_is_pytests() -> None:
    printed = text("py313_v") + sample("pytest_terminal/default.txt").decode()
    assert detect(source(printed)).format is pytest_terminal


@pytest.mark.parametrize(
    "line",
    [
        "added (cars) ...",
        "test (all of it) is over",
        "ERROR: could not reach it (timeout)",
        "ok",
        "Ran 3 tests in all",
        "==== FAIL ====",
    ],
)
def test_a_programs_own_line_is_not_unittests(line: str) -> None:
    assert unittest_text.telltale(line) is None
