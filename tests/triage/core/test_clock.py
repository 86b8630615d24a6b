"""The clock of made runs whose truth is known: how often the bounds hold, and how far off the offset is."""

from __future__ import annotations

import random

from tests.triage.core.made_clocks import Situation, error_of, holds, on_its_day, run_with
from triage.core.findings import Clock
from triage.core.lineup import line_up
from triage.core.records import SECOND

RUNS = 100
HELD = 0.97  # of the runs: the true offset inside the bounds at every request
NEAR = 0.97  # of the runs: the offset within 50 ms, with one-second stamps within 0.6 s


def any_situation(dice: random.Random, *, ppm: float = 0.0, zoned: bool = False) -> Situation:
    """Skew, zones to fourteen hours, ticks, strangers and latencies as they come."""
    zone = dice.choice([0, 0, 1]) * 900 * dice.randint(-56, 56)
    ticks = [1, 1_000, 1_000, SECOND]
    return Situation(
        requests=dice.choice([12, 30, 60, 120]),
        offset=dice.choice([0, 1, -1]) * dice.choice([0.05, 0.4, 3.4, 37.2, 1378.7]) + zone,
        ppm=ppm,
        pause=dice.choice([0.05, 0.3, 1.5]) if not ppm else dice.choice([3, 10]),
        latency=dice.choice([0.002, 0.006, 0.05]),
        client_tick=dice.choice(ticks),
        server_tick=dice.choice(ticks),
        dated=zoned or dice.random() < 0.7,
        background=dice.choice([0, 0, 1, 5]),
        zoned=zoned,
    )


def outcome(situation: Situation, seed: int) -> tuple[Clock, bool, bool]:
    """The clock; whether its bounds hold; whether its offset is near."""
    evidence, truth = run_with(situation, seed)
    clock = line_up(evidence).lineup.clocks[0]
    if not situation.dated:
        truth = on_its_day(clock, truth)
    coarse = max(situation.client_tick, situation.server_tick) >= SECOND
    return clock, holds(clock, truth), error_of(clock, truth) < (600_000 if coarse else 50_000)


def test_bounds_hold_and_offsets_are_near_whatever_the_clocks_of_a_run_are_like() -> None:
    dice = random.Random(1)
    found = [outcome(any_situation(dice), seed) for seed in range(RUNS)]
    decided = [(held, near) for clock, held, near in found if clock.decided]
    assert len(decided) >= 0.97 * RUNS
    assert sum(held for held, _ in decided) >= HELD * len(decided)
    assert sum(near for _, near in decided) >= NEAR * len(decided)
    assert all(clock.jumps == () and clock.skew_ppm == 0 for clock, _, _ in found)


def test_bounds_hold_where_one_clock_runs_faster() -> None:
    dice = random.Random(2)
    found = [outcome(any_situation(dice, ppm=dice.uniform(-200, 200)), seed) for seed in range(40)]
    assert sum(held for _, held, _ in found) >= HELD * len(found)
    assert all(clock.jumps == () for clock, _, _ in found)


def test_a_zone_that_both_sides_name_and_one_names_wrongly_is_outweighed_by_the_lines() -> None:
    for hours in (-5.0, 1.0, 5.75, 13.0):
        clock, held, near = outcome(Situation(offset=3600 * hours + 2.5, zoned=True), 7)
        assert clock.decided and held and near


def test_without_a_line_in_common_no_clock_is_decided() -> None:
    evidence, _ = run_with(Situation(lost=1.0, background=0.02), 1)
    assert not any(clock.decided for clock in line_up(evidence).lineup.clocks)
