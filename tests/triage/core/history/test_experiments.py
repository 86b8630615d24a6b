"""What runs made on purpose decide, and what they say until then."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triage.core.history.made import FAILURE, apart, same
from triage.core.findings import Holder
from triage.core.history.experiments import CONFIRMED, FAILED, OPEN, REFUTED, VERIFIED, at_once, conclude
from triage.core.history.records import ExperimentKind, Occasion

ONE, FIX = ExperimentKind.ONE_PROCESS, ExperimentKind.FIX
BEFORE = [apart(n, True) if n % 3 else same(n, False) for n in range(24)]  # 16 of 24 failed


def alone(number: int, failed: bool) -> Occasion:
    return same(number, failed, experiment=ONE, shares=(30,))


def fixed(number: int, failed: bool = False) -> Occasion:
    return apart(number, failed, experiment=FIX)


def test_before_any_run_it_says_how_many_would_decide():
    found = conclude(ONE, BEFORE, FAILURE)
    assert (found.state, found.needed) == (OPEN, 6)
    assert found.sentence == (
        "6 runs with one server process that pass would decide at 99 %, as 16 of 24 runs without that failed."
    )


def test_passing_runs_count_down():
    found = conclude(ONE, [*BEFORE, alone(30, False), alone(31, False)], FAILURE)
    assert (found.state, found.passed, found.needed) == (OPEN, 2, 4)
    assert found.sentence.startswith("2 runs with one server process passed; 4 more")


def test_enough_passing_runs_confirm_once_it_has_failed_again_without():
    controls = [alone(30 + n, False) for n in range(6)]
    waiting = conclude(ONE, [*BEFORE, *controls], FAILURE)
    assert (waiting.state, waiting.needed) == (OPEN, 0)
    assert "a change of the code would explain that as well" in waiting.sentence
    found = conclude(ONE, [*BEFORE, *controls, apart(40, True)], FAILURE)
    assert found.state == CONFIRMED
    assert found.chance <= 0.01
    assert "it depends on there being several server processes" in found.sentence


def test_failing_on_one_process_as_well_refutes():
    once = conclude(ONE, [*BEFORE, alone(30, True)], FAILURE)
    assert (once.state, once.failed, once.needed) == (OPEN, 1, None)
    found = conclude(ONE, [*BEFORE, alone(30, True), alone(31, True)], FAILURE)
    assert found.state == REFUTED
    assert "that is not what it depends on" in found.sentence


def test_a_control_whose_server_had_several_processes_is_none_even_where_this_test_met_one():
    wrong = [same(30 + n, False, experiment=ONE, shares=(30, 20, 10)) for n in range(6)]
    found = conclude(ONE, [*BEFORE, *wrong, apart(40, True)], FAILURE)
    assert (found.state, found.passed) == (OPEN, 0)
    assert found.sentence.endswith("6 runs marked so are left out: their logs show 3 processes.")


def test_one_process_after_another_and_a_stray_line_are_one_process():
    replaced = same(30, False, experiment=ONE, shares=(30,))
    assert replaced.trace is not None
    one, other = Holder(name="web1[11]", requests=20, died_us=5), Holder(name="web1[12]", requests=20, born_us=6)
    stray = Holder(name="web1[13]", requests=1)
    assert at_once(msgspec.structs.replace(replaced.trace, holders=(one, other, stray))) == 1
    assert at_once(msgspec.structs.replace(replaced.trace, holders=(one, one))) == 2


def test_how_many_more_failures_refute_is_what_it_takes():
    passes = [alone(30 + n, False) for n in range(4)]
    found = conclude(ONE, [*BEFORE, *passes, alone(40, True)], FAILURE)
    assert found.sentence.endswith("3 more failures like it would refute it.")
    assert conclude(ONE, [*BEFORE, *passes, *(alone(40 + n, True) for n in range(3))], FAILURE).state == OPEN
    assert conclude(ONE, [*BEFORE, *passes, *(alone(40 + n, True) for n in range(4))], FAILURE).state == REFUTED


def test_a_fix_after_which_it_came_back_once_says_so():
    runs = [fixed(30), fixed(31, True), *(fixed(32 + n) for n in range(12))]
    found = conclude(FIX, [*BEFORE, *runs], FAILURE)
    assert found.state == VERIFIED
    assert "12 runs with the fix passed since the failure last came back with it" in found.sentence


def test_a_control_that_ran_on_several_processes_is_none():
    wrong = apart(30, True, experiment=ONE)
    assert conclude(ONE, [*BEFORE, wrong], FAILURE).failed == 0


def test_another_failure_of_a_control_says_nothing_of_this_one():
    other = same(30, True, experiment=ONE, shares=(30,), fingerprint="0" * 32)
    found = conclude(ONE, [*BEFORE, other], FAILURE)
    assert (found.passed, found.failed, found.state) == (0, 0, OPEN)


def test_a_fix_is_verified_when_enough_runs_passed_after_it():
    runs = [*BEFORE, fixed(30), *(apart(31 + n, False) for n in range(5))]
    found = conclude(FIX, runs, FAILURE)
    assert (found.state, found.passed, found.needed) == (VERIFIED, 6, 0)
    assert found.sentence.startswith(
        "6 runs with the fix passed, and 16 of 24 runs before it failed: were nothing mended"
    )


def test_a_fix_with_too_few_runs_says_how_many_more():
    found = conclude(FIX, [*BEFORE, fixed(30)], FAILURE)
    assert (found.state, found.needed) == (OPEN, 5)
    assert found.sentence == (
        "1 run with the fix passed; 5 more that pass would verify it at 99 %, as 16 of 24 runs before it failed."
    )


def test_a_fix_after_which_the_failure_came_back_failed():
    found = conclude(FIX, [*BEFORE, fixed(30), apart(31, True), apart(32, False)], FAILURE)
    assert found.state == FAILED
    assert found.sentence == "The same failure came back in 1 of 3 runs with the fix; 1 run after that passed."


def test_a_second_fix_may_be_verified_after_the_first_one_failed():
    runs = [*BEFORE, fixed(30, True), *(fixed(31 + n) for n in range(6))]
    assert conclude(FIX, runs, FAILURE).state == VERIFIED


def test_a_failure_on_another_branch_says_nothing_of_a_fix():
    runs = [*BEFORE, fixed(30), apart(31, True, branch="old")]
    assert conclude(FIX, runs, FAILURE).state == OPEN


def test_a_failure_that_came_once_in_many_runs_cannot_be_decided_by_passes():
    runs = [*(same(n, False) for n in range(40)), apart(40, True)]
    found = conclude(ONE, runs, FAILURE)
    assert (found.state, found.needed) == (OPEN, None)


@given(
    st.sampled_from(list(ExperimentKind)),
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.sampled_from([None, *ExperimentKind]), st.sampled_from("ab")),
        max_size=30,
    ),
)
def test_every_history_has_a_conclusion(
    kind: ExperimentKind, drawn: list[tuple[bool, bool, ExperimentKind | None, str]]
):
    runs = [
        (apart if differ else same)(n, failed, experiment=made, branch=branch)
        for n, (failed, differ, made, branch) in enumerate(drawn)
    ]
    found = conclude(kind, runs, FAILURE)
    assert found.state in (OPEN, CONFIRMED, REFUTED, VERIFIED, FAILED)
    assert found.sentence.endswith(".")
    assert found.needed is None or found.needed >= 0
    assert found.state not in (CONFIRMED, VERIFIED) or found.chance <= 0.0100001


@pytest.mark.parametrize("kind", list(ExperimentKind))
def test_nothing_at_all_concludes_nothing(kind: ExperimentKind):
    assert conclude(kind, [], FAILURE).state == OPEN
