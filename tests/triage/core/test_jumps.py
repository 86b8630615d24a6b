"""Clocks that were set while a run went on."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.triage.core import made
from tests.triage.core.made_clocks import Situation, holds, run_with
from triage.core.findings import Clock
from triage.core.jumps import stretches
from triage.core.lineup import line_up
from triage.core.records import SECOND

Intervals = list[tuple[int, int]]


def around(offset: int, count: int, dice: random.Random) -> Intervals:
    return [(offset - dice.randrange(1, 20_000), offset + dice.randrange(1, 20_000)) for _ in range(count)]


def clock_of(situation: Situation, seed: int) -> tuple[Clock, bool]:
    """The clock that a run shows, and whether its bounds hold."""
    evidence, truth = run_with(situation, seed)
    clock = line_up(evidence).lineup.clocks[0]
    return clock, holds(clock, truth)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 3_600), st.sampled_from([-1, 1]), st.integers(4, 60), st.integers(4, 60))
def test_two_offsets_in_a_row_are_two_stretches(seed: int, by: int, sign: int, before: int, after: int) -> None:
    dice = random.Random(seed)
    found = stretches(around(0, before, dice) + around(sign * by * SECOND, after, dice), [False] * (before + after))
    assert [(each.first, each.last) for each in found] == [(0, before - 1), (before, before + after - 1)]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(8, 200), st.integers(0, 3))
def test_a_few_wrong_pairs_are_no_jump(seed: int, count: int, wrong: int) -> None:
    dice = random.Random(seed)
    made = around(0, count, dice)
    for _ in range(wrong):
        made[dice.randrange(count)] = around(dice.choice([-1, 1]) * dice.randrange(SECOND, 99 * SECOND), 1, dice)[0]
    assert stretches(made, [False] * count) == ()


def test_lines_that_were_late_for_a_while_are_no_jump() -> None:
    dice = random.Random(1)
    made = around(0, 20, dice) + around(SECOND // 2, 12, dice) + around(0, 20, dice)
    assert stretches(made, [False] * len(made)) == ()


@pytest.mark.parametrize("by_server", [True, False])
@pytest.mark.parametrize("by", [-600.0, -30.0, -3.0, 3.0, 30.0, 600.0])
def test_a_clock_that_is_set_is_found_with_its_moment_and_its_measure(by: float, by_server: bool) -> None:
    situation = Situation(requests=80, pause=0.6, jumps=((0.5, by),), by_server=by_server, late=0.0)
    clock, held = clock_of(situation, 11)
    assert [round(jump.by_us / SECOND, 1) for jump in clock.jumps] == [by]
    assert clock.jumps[0].low_us <= by * SECOND <= clock.jumps[0].high_us
    assert held


def test_a_log_that_tells_what_failed_first_does_not_turn_a_jump_around() -> None:
    situation = Situation(requests=60, pause=0.4, jumps=((0.5, 37.0),), by_server=False, latency=0.004)
    evidence, truth = run_with(situation, 3)
    part = evidence.parts[0]
    cut = len(part.steps) // 3
    steps = part.steps[-cut:] + part.steps[:-cut]
    lines = tuple(msgspec.structs.replace(step, line=n) for n, step in enumerate(steps, start=1))
    shuffled = msgspec.structs.replace(part, steps=lines)
    clock = line_up(msgspec.structs.replace(evidence, parts=(shuffled, *evidence.parts[1:]))).lineup.clocks[0]
    assert [round(jump.by_us / SECOND) for jump in clock.jumps] == [37]
    assert holds(clock, truth)


@pytest.mark.parametrize("by", [-300.0, -30.0])
def test_a_jump_is_found_where_two_workers_ask_for_the_same_things_over_and_over(by: float) -> None:
    """Hardly a request is the only one of its kind near its time, so that no pair is sure by itself."""
    kinds = [("DELETE", "/items", 204), ("POST", "/items", 201), ("POST", "/items", 201), ("GET", "/items", 200)]
    dice = random.Random(5)
    steps, entries = [], []
    for worker, now in (("gw0", 1.0), ("gw1", 1.02)):
        for n in range(24):
            method, path, status = kinds[n % 4]
            read = now - by if now > 3.5 else now  # the tests' clock is set halfway
            test = f"tests/test_items.py::test_count[{worker}-{n // 4}]"
            steps.append(made.asked(read, method, path, status, test=test, worker=worker))
            entries.append((now, made.served(now - 0.002, dice.choice([11, 12, 13]), method, path, status)))
            now += dice.uniform(0.05, 0.35)
    entries.sort(key=lambda each: each[0])
    tests = made.client_part(*steps, made.failed(test=steps[0].test or ""))
    clock = line_up(made.run(tests, made.server_part(*(entry for _, entry in entries)))).lineup.clocks[0]
    assert [round(jump.by_us / SECOND, 1) for jump in clock.jumps] == [by]


def test_drift_alone_is_no_jump() -> None:
    for seed in range(6):
        clock, held = clock_of(Situation(requests=100, pause=20.0, ppm=180.0), seed)
        assert clock.jumps == () and held
        assert abs(clock.skew_ppm - 180) < 40
