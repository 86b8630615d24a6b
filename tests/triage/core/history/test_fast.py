"""What is computed fast is what the definitions say, whatever the history."""

from __future__ import annotations

import time
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from tests.triage.core.history import plainly
from tests.triage.core.history.made import PAIR, occasion, verdict_of
from triage.core.findings import Level
from triage.core.history.period import Seen, apart, lives, see
from triage.core.history.proof import chance_at_most
from triage.core.history.records import Occasion, Table
from triage.core.history.relation import Meeting
from triage.core.history.segments import Run, log_factor
from triage.core.history.statistics import stratified
from triage.core.history.weigh import weigh

RUN = st.builds(
    Run,
    st.booleans(),
    st.sampled_from([True, False, None]),
    st.tuples(st.integers(-1, 2), st.sampled_from(["main", "feature", "fix"])),
)
PROCESS = st.sampled_from([0, 1, 2, None])
OUTCOME = st.tuples(st.booleans(), PROCESS, st.lists(PROCESS, min_size=1, max_size=4), st.integers(0, 2), st.booleans())
TABLE = st.tuples(*[st.integers(0, 40)] * 4)


def history(drawn: list[tuple[bool, int | None, list[int | None], int, bool]]) -> list[Seen]:
    shares = ((10, 10, 10), (50, 1, 1), (20, 10, 0))
    found: list[Occasion] = []
    for number, (failed, write, reads, sort, feature) in enumerate(drawn):
        branch = "feature" if feature else "main"
        found.append(occasion(number, failed, write, *reads, shares=shares[sort], branch=branch))
    return [see(each, PAIR) for each in found]


def replaced(meeting: Meeting) -> bool | None:
    return meeting.replaced


@given(st.lists(RUN, min_size=1, max_size=90), st.data())
def test_the_sum_over_all_stretches_is_that_of_the_definition(runs: list[Run], data: st.DataObject):
    place = data.draw(st.integers(0, len(runs) - 1))
    assert isclose(log_factor(runs, place), plainly.log_factor(runs, place), abs_tol=1e-9)


@given(st.lists(TABLE, max_size=8))
def test_the_exact_test_over_several_tables_is_exact(drawn: list[tuple[int, int, int, int]]):
    tables = [
        Table(failed_different=one, passed_different=two, failed_same=three, passed_same=four)
        for one, two, three, four in drawn
    ]
    assert stratified(tables) == plainly.stratified(tables)


@given(st.lists(OUTCOME, max_size=60))
def test_the_divisions_of_a_history_are_those_of_the_definition(
    drawn: list[tuple[bool, int | None, list[int | None], int, bool]],
):
    seen = history(drawn)
    assert chance_at_most(seen, PAIR, apart) == plainly.chance_at_most(seen, PAIR)
    assert chance_at_most(seen, PAIR, replaced) == plainly.chance_at_most(seen, PAIR, lives)


def test_fifty_failures_among_three_hundred_runs_are_weighed_in_no_time():
    runs = [occasion(n, n % 6 == 0, 0, 1 if n % 3 == 0 else 0, branch=f"pull-{n % 7}") for n in range(300)]
    failed = [each for each in runs if each.failed]
    began = time.process_time()
    levels = {weigh(verdict_of(own), own, runs).verdict.level for own in failed}
    assert levels == {Level.CONFIRMED}
    assert time.process_time() - began < 0.015 * len(failed)  # a third of that on a quiet machine
