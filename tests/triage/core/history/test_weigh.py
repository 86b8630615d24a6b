"""What other runs make of a verdict, in sentences; and how often that is right over drawn histories."""

from __future__ import annotations

import msgspec

from tests.triage.core.history.made import PAIR, SAID, apart, occasion, same, verdict_of
from tests.triage.core.history.simulate import GUILTY, INNOCENT, simulate
from triage.core.findings import Level, Mechanism, VerdictKind, VerdictSide
from triage.core.history.records import ExperimentKind, Occasion, Weighed
from triage.core.history.weigh import weigh

SPLIT, CONSISTENT, UNEXPLAINED = VerdictKind.SPLIT_STATE, VerdictKind.CONSISTENT_FAILURE, VerdictKind.UNEXPLAINED
CLEAR = [apart(n, True) if n % 3 else same(n, False) for n in range(24)]  # fails apart, passes together, by turns


def weighed(own: Occasion, others: list[Occasion], level: Level = Level.LIKELY) -> Weighed:
    return weigh(verdict_of(own, level), own, [each for each in others if each.run != own.run])


def evidence(found: Weighed, kind: str) -> str:
    return " ".join(each.text for each in found.verdict.evidence if each.kind == kind)


def test_without_history_a_verdict_stays_as_it_is():
    own = apart(0, True)
    found = weighed(own, [])
    assert found.verdict == verdict_of(own)
    assert not found.changed
    assert found.reason == ""


def test_failing_apart_and_passing_together_beyond_chance_confirms():
    found = weighed(CLEAR[1], CLEAR)
    assert found.verdict.level is Level.CONFIRMED
    assert found.changed
    assert found.verdict.summary == SAID
    assert evidence(found, "history_table") == (
        "Over 24 runs it failed in 16 of 16 where write and read met different processes, and in 0 of 8 where they met "
        "the same. Chance alone would do this in fewer than 1 of 10,000 such histories (p < 0.0001)."
    )
    assert found.reason.startswith("It was likely from this run alone and is confirmed with its history. Over 24 runs")


def test_an_always_failing_test_on_different_processes_only_is_no_proof():
    runs = [apart(n, True) for n in range(30)]
    found = weighed(runs[3], runs)
    assert found.verdict.level is not Level.CONFIRMED
    assert found.verdict.kind is SPLIT
    assert "proves nothing" in evidence(found, "history_silent")


def test_many_passes_on_different_processes_acquit():
    runs = [apart(n, n in (12, 25)) for n in range(40)]
    found = weighed(runs[12], runs)
    assert found.verdict.kind in (CONSISTENT, UNEXPLAINED)
    assert found.verdict.write is None
    assert evidence(found, "run_alone").startswith("This run alone said split state (90 %): POST /cars")
    assert "failed in 2 of 39 where write and read met different processes" in found.reason


def test_failing_on_one_process_at_the_same_rate_says_consistent_failure():
    runs = [apart(n, True) if n % 2 else same(n, True) for n in range(12)]
    found = weighed(runs[1], runs)
    assert found.verdict.kind is CONSISTENT
    assert found.verdict.level is Level.LIKELY
    assert found.verdict.confidence > 0.9


def test_passes_before_a_bug_came_do_not_acquit_it():
    runs = [*(apart(n, False) for n in range(30)), apart(30, True)]
    assert weighed(runs[-1], runs).verdict.kind is SPLIT


def test_passes_after_a_fix_do_not_acquit_what_was_fixed():
    fixed = apart(20, False, experiment=ExperimentKind.FIX)
    runs = [*(apart(n, True) for n in range(5)), fixed, *(apart(n, False) for n in range(21, 60))]
    found = weighed(runs[2], runs)
    assert found.verdict.kind is SPLIT
    assert found.processes.passed_different == 0


def test_a_change_at_one_moment_is_an_explanation_as_good():
    runs = [*(same(n, False) for n in range(12)), *(apart(n, True) for n in range(12, 24))]
    assert weighed(runs[-1], runs).verdict.level is not Level.CONFIRMED


def test_a_branch_with_a_fault_of_its_own_confirms_nothing():
    runs = [apart(n, True, branch="feature") if n % 2 else same(n, False) for n in range(30)]
    assert weighed(runs[1], runs).verdict.level is not Level.CONFIRMED


def test_a_failure_on_the_same_process_keeps_a_verdict_from_being_confirmed():
    runs = [*CLEAR, same(30, True), same(31, True), same(32, False)]
    assert weighed(CLEAR[1], runs).verdict.level is not Level.CONFIRMED


def test_what_this_run_contradicts_is_not_confirmed():
    own = msgspec.structs.replace(same(40, True), verdict=CONSISTENT.value, confidence=0.8)
    assert weighed(own, [*CLEAR, own]).verdict.level is not Level.CONFIRMED


def test_failures_of_another_kind_count_for_nothing():
    others = [same(100 + n, True, fingerprint="0" * 32) for n in range(10)]
    assert weighed(CLEAR[1], [*CLEAR, *others]).processes == weighed(CLEAR[1], CLEAR).processes


def test_a_run_on_one_process_that_fails_in_the_same_way_acquits():
    controls = [same(20 + n, True, experiment=ExperimentKind.ONE_PROCESS, shares=(30,)) for n in range(2)]
    runs = [*(apart(n, True) for n in range(6)), *controls]
    found = weighed(runs[0], runs)
    assert found.verdict.kind is CONSISTENT
    assert "2 runs with one server process failed in the same way." in found.reason


def test_runs_on_one_process_that_pass_speak_for_a_split():
    controls = [same(20 + n, False, experiment=ExperimentKind.ONE_PROCESS, shares=(30,)) for n in range(4)]
    failures = [occasion(n, True, None, None, kind=UNEXPLAINED, confidence=0.6) for n in range(8)]
    failures = [msgspec.structs.replace(each, pair=PAIR) for each in failures]
    found = weighed(failures[0], [*failures, *controls])
    assert found.verdict.kind is SPLIT
    assert found.verdict.level is not Level.CONFIRMED
    assert "4 runs with one server process passed, where 8 of 8 runs without that failed." in found.reason


def test_a_control_that_decides_is_believed_where_a_test_never_passes_otherwise():
    controls = [same(20 + n, False, experiment=ExperimentKind.ONE_PROCESS, shares=(30,)) for n in range(5)]
    runs = [*(apart(n, True) if n % 2 else same(n, True) for n in range(12)), *controls, same(30, True)]
    for own in (runs[0], runs[1]):
        found = weighed(own, runs, Level.SUSPECTED)
        assert found.verdict.kind is SPLIT
        assert found.verdict.level is not Level.CONFIRMED


def test_a_control_accuses_even_where_no_log_tells_of_a_write():
    failures = [
        msgspec.structs.replace(occasion(n, True, kind=UNEXPLAINED, confidence=0.6), trace=None) for n in range(10)
    ]
    controls = [same(20 + n, False, experiment=ExperimentKind.ONE_PROCESS, shares=(30,)) for n in range(5)]
    found = weighed(failures[0], [*failures, *controls])
    assert (found.verdict.kind, found.verdict.level) == (SPLIT, Level.SUSPECTED)
    assert found.verdict.summary == "It fails with several server processes, and passes with one."


def test_what_a_run_shows_itself_is_not_turned_by_what_others_are_taken_for():
    lost = VerdictKind.LOST_STATE
    own = msgspec.structs.replace(apart(20, True, kind=lost, confidence=0.95), trace=None)
    others = [msgspec.structs.replace(apart(n, True, confidence=0.97), trace=None) for n in range(20)]
    assert weighed(own, others, Level.LIKELY).verdict.kind is lost
    assert weighed(own, others, Level.SUSPECTED).verdict.kind is SPLIT


def test_one_failure_on_one_process_does_not_overturn_what_all_runs_say():
    runs = [apart(0, True), apart(1, True), same(2, True)]
    for own in runs:
        assert weighed(own, runs, Level.SUSPECTED).verdict.kind is SPLIT
    many = [*runs, *(same(n, True) for n in range(3, 9))]
    assert weighed(many[0], many, Level.SUSPECTED).verdict.kind is CONSISTENT


def test_a_consistent_failure_names_the_runs_it_rests_on():
    control = same(20, True, experiment=ExperimentKind.ONE_PROCESS, shares=(30,))
    runs = [*(apart(n, True) if n % 2 else same(n, True) for n in range(10)), control]
    found = weighed(runs[1], runs)
    assert found.verdict.kind is CONSISTENT
    assert evidence(found, "history_runs") == (
        "It failed in runs made to keep write and read together: the run of 13 Dec 2026, 12:00 UTC. It failed where "
        "write and read met one process: the runs of 1 Dec 2026, 12:00 UTC, of 29 Nov 2026, 12:00 UTC, of 27 Nov 2026, "
        "12:00 UTC and 2 more."
    )


def test_a_run_that_explains_nothing_is_told_by_the_others():
    own = msgspec.structs.replace(apart(5, True, kind=UNEXPLAINED, confidence=0.6), trace=None)
    others = [apart(n, True, confidence=0.95) for n in range(5)]
    found = weighed(own, others)
    assert found.verdict.kind is SPLIT
    assert found.verdict.side is VerdictSide.SERVER
    assert found.verdict.mechanism is Mechanism.IN_MEMORY


def test_state_is_lost_where_the_holder_was_replaced_each_time():
    lost = VerdictKind.LOST_STATE
    died = {0: occasion(0, True).trace.visits[0].at_us + 50_001}  # type: ignore[union-attr]
    runs = [apart(n, True, kind=lost, died=died) if n % 3 == 0 else same(n, False) for n in range(24)]
    found = weighed(runs[3], runs)
    assert found.verdict.kind is lost
    assert found.lives.failed_different == 8
    assert found.processes.failed_different == 0
    assert "where the process that took the write was replaced" in evidence(found, "history_lives")


def test_between_test_processes_the_servers_processes_say_nothing():
    runs = [msgspec.structs.replace(each, side="test") if each.failed else each for each in CLEAR]
    verdict = msgspec.structs.replace(verdict_of(runs[1]), side=VerdictSide.TEST)
    found = weigh(verdict, runs[1], [each for each in runs if each is not runs[1]])
    assert found.verdict.side is VerdictSide.TEST
    assert found.verdict.level is not Level.CONFIRMED


def test_weighing_is_the_same_in_whatever_order_the_runs_come():
    assert weighed(CLEAR[1], CLEAR) == weighed(CLEAR[1], CLEAR[::-1])


def test_the_expected_rate_stands_beside_the_observed_one():
    found = weighed(CLEAR[1], CLEAR)
    assert found.rates.runs == 24
    assert round(found.rates.expected or 0, 3) == 0.667
    assert round(found.rates.observed or 0, 3) == 0.667


def test_over_drawn_histories_confirmed_is_never_wrong_and_most_splits_are_found():
    table = simulate(25, asked=2)
    for cause in INNOCENT:
        for moment in (5, 10, 20, 40):
            tally = table.of(cause.__name__, moment)
            assert tally.ever == 0, f"{cause.__name__} after {moment} runs"
        assert tally.accused <= 0.15 * tally.failures, cause.__name__
    for cause in GUILTY:
        tally = table.of(cause.__name__, 40)
        assert tally.found >= 0.95 * tally.failures
        assert tally.ever >= 0.2 * tally.histories
