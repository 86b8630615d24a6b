"""What is said of a clock beside its offset."""

from __future__ import annotations

import msgspec
import pytest

from tests.triage.core.made_clocks import Situation, run_with
from triage.core.clock_remarks import remarks_on
from triage.core.findings import Clock
from triage.core.lineup import line_up
from triage.core.records import SECOND


def a_clock(offset: float, **more: object) -> Clock:
    us = round(offset * SECOND)
    return Clock(host="web1", offset_us=us, low_us=us - 1, high_us=us + 1, decided=True, **more)  # type: ignore[arg-type]


def test_a_declared_zone_that_the_lines_contradict_is_named() -> None:
    evidence, _ = run_with(Situation(offset=-5.5 * 3600 + 0.4), 3)
    declared = msgspec.structs.replace(evidence, client_timezone="UTC", server_timezone="Etc/UTC")
    (clock,) = line_up(declared).lineup.clocks
    (told,) = clock.remarks
    assert "5 h 30 min behind" in told and "UTC for the tests and Etc/UTC for the server" in told


def test_zones_that_nobody_told_are_no_contradiction() -> None:
    assert remarks_on(a_clock(3 * 3600), False, None, None) == ()


def test_a_clock_that_is_off_by_seconds_has_no_wrong_zone() -> None:
    assert remarks_on(a_clock(3.4), True, "UTC", "UTC") == ()
    assert remarks_on(a_clock(-119.9), False, None, None) == ()


@pytest.mark.parametrize("absolute", [True, False])
@pytest.mark.parametrize(
    ("offset", "span"), [(-545.859, "9 min 5 s"), (1378.7, "22 min 58 s"), (-3 * 3600 - 364, "3 h 6 min 4 s")]
)
def test_minutes_that_no_zone_explains_are_a_wrong_clock_or_logs_of_another_run(
    absolute: bool, offset: float, span: str
) -> None:
    (told,) = remarks_on(a_clock(offset), absolute, None, None)
    assert f"differ by {span}, which no time zone explains" in told
    assert "one of them is wrong" in told and "not of the same run" in told


def test_a_clock_that_nothing_decides_has_no_wrong_zone() -> None:
    assert remarks_on(msgspec.structs.replace(a_clock(3600), decided=False), True, "UTC", None) == ()


def test_a_jump_is_told_with_its_moment_and_measure() -> None:
    evidence, _ = run_with(Situation(requests=80, pause=0.6, jumps=((0.5, -30.0),), late=0.0), 11)
    (clock,) = line_up(evidence).lineup.clocks
    (told,) = clock.remarks
    assert "A clock was set" in told and "30.0 s further behind the tests' clock" in told


def test_a_declared_zone_with_a_hostile_name_is_shown_harmlessly() -> None:
    (told,) = remarks_on(a_clock(3600), True, "\u202e" * 500, None)
    assert "\u202e" not in told and len(told) < 900
