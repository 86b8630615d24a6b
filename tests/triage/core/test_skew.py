"""Lines through gaps: how fast one clock runs against the other."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from triage.core.records import SECOND
from triage.core.skew import MOST, Constraint, best_slope, feasible, levelled


def constraints(seed: int, ppm: float, *, count: int = 120, span: int = 600, width: int = 12_000) -> list[Constraint]:
    """Gaps around a line, each open to both sides by chance."""
    dice = random.Random(seed)
    made = []
    for _ in range(count):
        at = dice.randrange(span * SECOND)
        true = round(ppm * at / 1_000_000)
        low, high = true - dice.randrange(width), true + dice.randrange(width)
        made.append(Constraint(at, low, high, (low, high)))
    return sorted(made, key=lambda each: each.at)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(-400, 400))
def test_the_true_slope_is_among_the_feasible_ones_and_its_offset_in_bounds(seed: int, ppm: float) -> None:
    line = feasible(constraints(seed, ppm), ppm, 0)
    assert line is not None
    assert line.least <= ppm <= line.most
    assert line.low <= 0 <= line.high


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(80, 300), st.sampled_from([-1, 1]))
def test_a_drift_that_no_single_offset_explains_is_found(seed: int, ppm: float, sign: int) -> None:
    assert abs(best_slope(constraints(seed, sign * ppm), 300 * SECOND) - sign * ppm) < 60


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0, 1, 6]))
def test_clocks_in_step_have_no_slope_whatever_a_few_wrong_pairs_say(seed: int, wrong: int) -> None:
    dice = random.Random(seed)
    made = constraints(seed, 0.0)
    for _ in range(wrong):
        off = dice.choice([-1, 1]) * dice.randrange(50_000, SECOND)
        at = dice.randrange(600 * SECOND)
        made.append(Constraint(at, off - 3_000, off + 3_000))
    assert best_slope(sorted(made, key=lambda each: each.at), 300 * SECOND) == 0.0


def test_in_a_few_seconds_no_slope_can_be_seen() -> None:
    assert best_slope(constraints(1, 400.0, span=8), 0) == 0.0


def test_gaps_that_no_line_keeps_have_none() -> None:
    assert feasible([Constraint(0, 0, 10), Constraint(10, 50, 60), Constraint(20, 0, 10)], 0.0, 0) is None
    assert best_slope([], 0) == 0.0


def test_no_slope_is_beyond_what_clocks_of_computers_do() -> None:
    line = feasible([Constraint(0, -SECOND, SECOND), Constraint(SECOND, -SECOND, SECOND)], 0.0, 0)
    assert line is not None and -MOST <= line.least <= line.most <= MOST


def test_levelled_gaps_of_a_drifting_clock_share_one_offset() -> None:
    level = levelled(constraints(3, 150.0), 150.0, 0)
    assert max(low for low, _ in level) <= 1 and min(high for _, high in level) >= -1
