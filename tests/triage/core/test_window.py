"""The slice of a long server log that belongs to the run."""

from __future__ import annotations

import random

import msgspec
import pytest

from tests.triage.core.made import NOON, asked, at, client_part, failed, life, run, said, served, wrote
from triage.core.records import SECOND, Entry, Life, RunEvidence, Stamp
from triage.core.window import LIVES, Traces, WindowFinder, near

HOUR = 3600


def evidence_of_tests(**more: object) -> RunEvidence:
    dice = random.Random(3)
    seconds, steps = 0.0, []
    for n in range(30):
        seconds += dice.uniform(0.2, 4)
        steps.append(asked(seconds, "GET", f"/cars/{n}f3c1a" if n % 2 else "/cars"))
    return run(client_part(*steps, failed()), **more)


def log(evidence: RunEvidence, shift: float, *, zoned: bool, span: int = 10 * HOUR) -> list[Entry]:
    """Hours of background on the same endpoint, and the run somewhere in it."""
    dice = random.Random(5)
    entries = [served(dice.uniform(-span, span), 11, "GET", "/cars") for _ in range(3_000)]
    for step in evidence.parts[0].steps:
        assert step.stamp is not None and step.request is not None
        stamp = Stamp(step.stamp.us - 2_000 + round(shift * SECOND), zoned, 1000)
        entries.append(msgspec.structs.replace(served(0, 12, "GET", step.request.path or ""), stamp=stamp))
    if not zoned:
        entries = [
            msgspec.structs.replace(e, stamp=Stamp(e.stamp.us, False, 1000) if e.stamp else None) for e in entries
        ]
    return sorted(entries, key=lambda entry: entry.stamp.us if entry.stamp else 0)


@pytest.mark.parametrize("shift", [0, 5.5 * HOUR, -8 * HOUR + 3, 1379])
def test_the_window_is_found_even_where_the_zone_is_unknown(shift: float) -> None:
    evidence = evidence_of_tests()
    finder = WindowFinder(Traces(evidence))
    for entry in log(evidence, shift, zoned=False):
        finder.see(entry)
    window = finder.window()
    assert window is not None
    low, high = window
    begin, end = NOON + shift * SECOND, NOON + (shift + 60) * SECOND
    assert low <= begin - 110 * SECOND and high >= end + 110 * SECOND
    assert high - low < 20 * 60 * SECOND


def test_clocks_that_name_their_zone_are_believed_without_any_matching_request() -> None:
    finder = WindowFinder(Traces(evidence_of_tests()))
    for seconds in range(-HOUR, HOUR, 10):
        finder.see(wrote(seconds, 11, "nothing that a test would say"))
    window = finder.window()
    assert window is not None and window[0] < NOON < window[1]


def test_where_nothing_tells_everything_is_kept() -> None:
    finder = WindowFinder(Traces(run(client_part(said(None, "hello"), failed()))))
    finder.see(wrote(0, 11, "hello"))
    assert finder.window() is None
    assert WindowFinder(Traces(evidence_of_tests())).window() is None


def test_boots_and_exits_near_the_run_are_kept() -> None:
    evidence = evidence_of_tests()
    finder = WindowFinder(Traces(evidence))
    finder.see(life(-300, 10, Life.BOOT, 11))
    for entry in log(evidence, 0, zoned=True):
        finder.see(entry)
    window = finder.window()
    assert window is not None and window[0] <= at(-300).us


def test_what_lies_in_the_window_is_near_and_a_line_without_a_date_goes_with_the_one_before_it() -> None:
    undated = msgspec.structs.replace(wrote(0, 7, "and more"), stamp=None)
    entries = [wrote(0, 7, "early"), undated, wrote(10, 7, "inside"), undated, wrote(20, 7, "late"), undated]
    assert [entry.message for entry in near(entries, (at(9).us, at(11).us))] == ["inside", "and more"]


def test_the_last_lives_before_the_window_are_near_as_well() -> None:
    lives = [life(n / 100, n + 1, Life.BOOT, n + 1) for n in range(LIVES + 10)]
    after = [wrote(60, 7, "inside"), life(99, 7, Life.EXIT, 7)]
    kept = list(near([*lives, *after], (at(59).us, at(61).us)))
    assert kept == [*lives[10:], after[0]]
    assert list(near(lives, (at(59).us, at(61).us))) == lives[10:]
