"""How write and read met in one run: the same rule for passes and for failures."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triage.core.history.made import PAIR, START, TEST, occasion, trace, verdict_of
from triage.core.findings import Holder, Trace, Visit
from triage.core.history.records import Occasion, Pair, Relation
from triage.core.history.relation import meet, observe, pair_in, pair_of
from triage.core.history.traces import LEFT_OUT
from triage.core.records import SECOND, Outcome

SAME, DIFFERENT, UNKNOWN = Relation.SAME, Relation.DIFFERENT, Relation.UNKNOWN


def visited(*steps: str, died: dict[int, int] | None = None) -> Trace:
    """`"POST /cars 0"`: kind and process, `-` where it is not known."""
    visits = []
    for n, step in enumerate(steps):
        kind, _, process = step.rpartition(" ")
        place = None if process == "-" else int(process)
        visits.append(Visit(kind=kind, process=place, at_us=START + n * SECOND, status=200))
    holders = tuple(Holder(name=f"web1[{n}]", requests=5, died_us=(died or {}).get(n)) for n in range(4))
    return Trace(test=TEST, outcome=Outcome.PASSED, visits=tuple(visits), holders=holders)


@pytest.mark.parametrize(
    ("steps", "relation"),
    [
        (("POST /cars 0", "GET /cars 0"), SAME),
        (("POST /cars 0", "GET /cars 1"), DIFFERENT),
        (("POST /cars 0", "GET /cars 0", "GET /cars 1"), DIFFERENT),
        (("POST /cars 0", "GET /cars -"), UNKNOWN),
        (("POST /cars -", "GET /cars 1"), UNKNOWN),
        (("POST /cars 0", "GET /cars -", "GET /cars 1"), DIFFERENT),
        (("POST /cars 0", "GET /cars 0", "GET /cars -"), UNKNOWN),
        (("GET /cars 0",), UNKNOWN),
        (("POST /cars 0",), UNKNOWN),
        ((), UNKNOWN),
        # two cars on two processes: whichever answers has seen one of them only
        (("POST /cars 0", "POST /cars 1", "GET /cars 1"), DIFFERENT),
        # the count before is compared with the count after
        (("GET /cars 0", "POST /cars 1", "GET /cars 1"), DIFFERENT),
        # what follows on the same thing has to know it as well
        (("POST /cars 0", "PUT /cars/{} 0", "GET /cars/{} 1"), DIFFERENT),
        # other things do not matter
        (("POST /cars 0", "GET /health 1", "GET /cars 0"), SAME),
        (("GET /drivers 1", "POST /cars 0", "GET /cars 0"), SAME),
    ],
)
def test_write_and_read_are_told_apart_by_what_they_met(steps: tuple[str, ...], relation: Relation):
    assert meet(visited(*steps), PAIR).relation is relation


@given(st.lists(st.sampled_from(["POST /cars", "GET /cars", "GET /health", ""]), max_size=12), st.data())
def test_the_outcome_plays_no_part(kinds: list[str], data: st.DataObject):
    process = st.sampled_from([0, 1, 2, None])
    visits = tuple(Visit(kind=kind, process=data.draw(process), at_us=n) for n, kind in enumerate(kinds))
    told = [
        observe(
            Occasion(run="1", at_us=1, failed=failed, trace=Trace(test=TEST, outcome=Outcome.FAILED, visits=visits)),
            PAIR,
        )
        for failed in (True, False)
    ]
    assert told[0] == told[1]


def test_nothing_is_known_of_a_run_without_a_trace_or_of_no_pair():
    assert observe(Occasion(run="1", at_us=1, failed=True), PAIR) == (UNKNOWN, None)
    assert meet(visited("POST /cars 0", "GET /cars 1"), Pair()).relation is UNKNOWN


def test_a_holder_that_ended_between_write_and_read_was_replaced():
    steps = ("POST /cars 0", "GET /cars 1")
    assert meet(visited(*steps, died={0: START + SECOND // 2 + 1}), PAIR).replaced is True
    assert meet(visited(*steps, died={0: START + 9 * SECOND + 1}), PAIR).replaced is False
    assert meet(visited(*steps), PAIR).replaced is False
    assert meet(visited("POST /cars 0", "GET /cars 0", died={0: START + 1}), PAIR).replaced is False


def test_where_exchanges_are_left_out_nothing_is_said_to_be_the_same():
    whole = visited("POST /cars 0", "GET /cars 0")
    gap = msgspec.structs.replace(whole, visits=(whole.visits[0], LEFT_OUT, whole.visits[1]))
    assert meet(whole, PAIR).relation is SAME
    assert meet(gap, PAIR).relation is UNKNOWN


def test_a_write_that_was_refused_wrote_nothing():
    whole = visited("POST /cars 1", "POST /cars 0", "GET /cars 0")
    refused = msgspec.structs.replace(whole.visits[0], status=422)
    assert meet(msgspec.structs.replace(whole, visits=(refused, *whole.visits[1:])), PAIR).relation is SAME


def test_a_verdict_names_its_pair_as_kinds_of_requests():
    own = occasion(1, True, 0, 1)
    assert pair_of(verdict_of(own), own.trace) == PAIR
    assert pair_of(msgspec.structs.replace(verdict_of(own), read=None), own.trace) is None


def test_where_no_verdict_has_a_pair_the_last_request_and_the_write_before_it_are_one():
    steps = visited("POST /drivers 0", "POST /cars 0", "GET /health 1", "GET /cars/{} 1")
    unexplained = Occasion(run="1", at_us=1, failed=True, trace=steps)
    assert pair_in([unexplained]) == Pair("POST /cars", "GET /cars/{}")
    assert pair_in([Occasion(run="2", at_us=1, failed=False, trace=trace(0, 1))]) is None
