"""Exact tests and rates, against published values and against counting by brute force."""

from __future__ import annotations

from itertools import combinations
from math import exp, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core.history.records import Table
from triage.core.history.segments import Run, log_factor
from triage.core.history.statistics import (
    chance_of,
    expected_rate,
    fisher,
    runs_that_decide,
    stratified,
)

COUNTS = st.integers(0, 6)


def table(failed_different: int, passed_different: int, failed_same: int, passed_same: int) -> Table:
    return Table(
        failed_different=failed_different,
        passed_different=passed_different,
        failed_same=failed_same,
        passed_same=passed_same,
    )


def by_brute_force(seen: Table) -> float:
    """All ways to hand the failures to the runs, each as likely as the other."""
    failed = seen.failed_different + seen.failed_same
    runs = [True] * seen.different + [False] * seen.same
    ways = list(combinations(range(len(runs)), failed))
    return sum(sum(runs[place] for place in way) >= seen.failed_different for way in ways) / len(ways)


def test_the_lady_tasting_tea_is_told_by_fisher_himself():
    assert fisher(table(3, 1, 1, 3)) == 17 / 70
    assert fisher(table(4, 0, 0, 4)) == 1 / 70


def test_published_tables_have_their_published_values():
    # Fisher 1935, criminal twins: 10 of 13 identical and 2 of 17 fraternal ones were convicted.
    assert fisher(table(10, 3, 2, 15)) == pytest.approx(0.0004652, rel=1e-3)
    # The textbook's dieting students: 9 of 12 women and 1 of 12 men.
    assert fisher(table(9, 3, 1, 11)) == pytest.approx(0.001379728, rel=1e-6)


def test_seventeen_of_twenty_eight_against_none_of_thirteen_is_beyond_chance():
    assert fisher(table(17, 11, 0, 13)) == pytest.approx(0.000142, rel=1e-2)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_fisher_agrees_with_counting_all_ways(a: int, b: int, c: int, d: int):
    seen = table(a, b, c, d)
    if seen.different + seen.same <= 10:
        assert isclose(fisher(seen), by_brute_force(seen), rel_tol=1e-12)


@given(st.lists(st.tuples(COUNTS, COUNTS, COUNTS, COUNTS), min_size=1, max_size=4))
def test_a_stratified_chance_is_a_chance_and_one_stratum_is_fisher(tables: list[tuple[int, int, int, int]]):
    seen = [table(*each) for each in tables]
    assert 0 < stratified(seen) <= 1
    assert stratified(seen[:1]) == fisher(seen[0])
    assert isclose(stratified([*seen, table(5, 0, 0, 0)]), stratified(seen))  # a stratum without contrast says nothing


def test_strata_that_each_compare_nothing_prove_nothing():
    whole = table(10, 0, 0, 10)
    assert fisher(whole) < 0.00001
    assert stratified([table(10, 0, 0, 0), table(0, 0, 0, 10)]) == 1


def test_the_expected_rate_comes_from_the_shares_and_not_from_the_number_of_workers():
    assert expected_rate([10, 10]) == 0.5
    assert expected_rate([97, 1, 1, 1]) == pytest.approx(0.0588, abs=1e-4)
    assert expected_rate([5, 0, 0]) == 0
    assert expected_rate([]) is None
    assert expected_rate([0, 0]) is None


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=64))
def test_an_expected_rate_is_never_above_that_of_even_shares(counts: list[int]):
    rate = expected_rate(counts)
    if rate is not None:
        assert -1e-9 <= rate <= 1 - 1 / sum(count > 0 for count in counts) + 1e-9


def test_one_failure_of_one_run_does_not_promise_that_the_next_one_fails():
    assert runs_that_decide(1, 1, 0.99) == 99
    assert runs_that_decide(5, 5, 0.99) == 4
    assert runs_that_decide(17, 41, 0.99) == 11
    assert runs_that_decide(0, 20, 0.99) is None
    assert runs_that_decide(1, 400, 0.99) is None


@given(st.integers(2, 60), st.integers(0, 60))
def test_so_many_runs_decide_and_one_less_does_not(failed: int, passed: int):
    needed = runs_that_decide(failed, failed + passed, 0.99)
    if needed is not None:
        assert chance_of(needed, failed, failed + passed) <= 0.01 + 1e-9
        assert chance_of(needed - 1, failed, failed + passed) > 0.01


@given(st.integers(0, 50), st.integers(1, 60), st.integers(0, 60))
def test_more_passing_runs_are_never_likelier(runs: int, failed: int, passed: int):
    assert chance_of(runs + 1, failed, failed + passed) <= chance_of(runs, failed, failed + passed)


def test_a_test_that_always_fails_on_different_processes_weighs_nothing():
    assert abs(log_factor([Run(True, True)] * 12, 4)) < 0.5


def test_failing_on_one_process_as_well_speaks_against_a_split():
    assert log_factor([Run(True, True), Run(True, False)] * 3, 2) < -4


def test_failing_apart_and_passing_together_speaks_for_a_split():
    assert log_factor([Run(True, True), Run(False, False)] * 6, 4) > 4


def test_what_passed_before_a_bug_came_acquits_nobody():
    assert log_factor([*[Run(False, True)] * 30, Run(True, True)], 30) > -1


def test_passing_apart_before_and_after_acquits():
    assert log_factor([*[Run(False, True)] * 30, Run(True, True), *[Run(False, True)] * 30], 30) < -3


def test_a_cause_that_followed_another_is_told_by_its_own_runs():
    split, regression = [Run(True, True), Run(False, False)] * 5, [Run(True, True), Run(True, False)] * 5
    assert log_factor([*split, *regression], 2) > 3
    assert log_factor([*split, *regression], 16) < -3


def test_what_goes_with_busy_runs_does_not_accuse_processes():
    busy, idle = [Run(True, True, ("busy",))] * 8, [Run(False, False, ("idle",))] * 8
    mixed = [each for pair in zip(busy, idle, strict=True) for each in pair]
    bare = [Run(each.failed, each.apart) for each in mixed]
    assert log_factor(mixed, 8) < log_factor(bare, 8) - 2


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([True, False, None])), min_size=1, max_size=90), st.data())
def test_no_row_of_runs_breaks_the_factor(rows: list[tuple[bool, bool | None]], data: st.DataObject):
    place = data.draw(st.integers(0, len(rows) - 1))
    factor = log_factor([Run(*each) for each in rows], place)
    assert -400 < factor < 400
    assert exp(min(factor, 10)) > 0
