"""A host's time as the client's, where the clock drifts or was set in mid-run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.triage.core.made import NOON
from triage.core.clock_scale import bounds, offset_of, to_client, to_server
from triage.core.findings import Clock, Jump
from triage.core.records import SECOND

STEADY = Clock(host="web1", offset_us=3_000, low_us=1_000, high_us=5_000, decided=True)
DRIFTING = Clock(
    host="web1",
    offset_us=SECOND,
    low_us=SECOND - 4_000,
    high_us=SECOND + 4_000,
    skew_ppm=200.0,
    skew_error_ppm=10.0,
    at_us=NOON,
    decided=True,
)


def set_by(by_us: int, at: int, until: int) -> Clock:
    jump = Jump(at_us=NOON + at, until_us=NOON + until, by_us=by_us, low_us=by_us - 2_000, high_us=by_us + 2_000)
    return Clock(host="web1", offset_us=0, low_us=-1_000, high_us=1_000, decided=True, jumps=(jump,))


def test_a_steady_clock_has_one_offset_at_all_times() -> None:
    assert offset_of(STEADY, NOON) == offset_of(STEADY, NOON + 3_600 * SECOND) == (3_000, 1_000, 5_000)
    assert bounds(STEADY, NOON, NOON + 10) == (NOON - 5_000, NOON - 990)


def test_the_bounds_of_a_drifting_clock_widen_with_the_distance() -> None:
    offset, low, high = offset_of(DRIFTING, NOON + 1_000 * SECOND)
    assert abs(offset - (SECOND + 200_000)) < 500
    assert 27_000 < high - low < 29_000
    assert offset_of(DRIFTING, NOON + SECOND)[1:] == (SECOND - 4_000, SECOND + 4_000)


@given(st.integers(-5_000, 5_000))
def test_there_and_back_is_the_same_time(seconds: int) -> None:
    at = NOON + seconds * SECOND
    assert abs(to_client(DRIFTING, to_server(DRIFTING, at)) - at) <= 1


def test_each_side_of_a_jump_has_its_own_offset() -> None:
    clock = set_by(10 * SECOND, 61 * SECOND, 60 * SECOND)
    assert offset_of(clock, NOON + 30 * SECOND) == (0, -1_000, 1_000)
    assert offset_of(clock, NOON + 90 * SECOND)[0] == 10 * SECOND
    assert to_server(clock, NOON + 80 * SECOND) == NOON + 90 * SECOND
    assert to_client(clock, NOON + 90 * SECOND) == NOON + 80 * SECOND


def test_where_the_moment_of_a_jump_is_not_known_the_bounds_hold_both_offsets() -> None:
    clock = set_by(10 * SECOND, 69 * SECOND, 60 * SECOND)
    _, low, high = offset_of(clock, NOON + 65 * SECOND)
    assert low <= 0 and high >= 10 * SECOND


def test_a_time_that_a_clock_showed_twice_may_be_either() -> None:
    clock = set_by(-10 * SECOND, 61 * SECOND, 60 * SECOND)
    _, low, high = offset_of(clock, NOON + 55 * SECOND)
    assert low <= -10 * SECOND and high >= 0
