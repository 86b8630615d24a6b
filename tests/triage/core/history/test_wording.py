"""Figures that somebody understands who never heard of a p-value."""

from __future__ import annotations

import pytest

from tests.triage.core.history.made import DAY, START
from triage.core.history.records import Table
from triage.core.history.wording import by_chance, chance, named, runs, told

APART, TOGETHER = "where write and read met different processes", "where they met the same"


@pytest.mark.parametrize(
    ("number", "more", "said"),
    [(0, "", "0 runs"), (1, "", "1 run"), (12, "", "12 runs"), (1, "more", "1 more run"), (3, "more", "3 more runs")],
)
def test_counts_are_figures(number: int, more: str, said: str):
    assert runs(number, more) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.5, "1 in 2"), (0.0083, "1 in 120"), (0.0002, "1 in 5,000"), (1e-9, "less than 1 in 10,000")],
)
def test_a_chance_is_one_in_so_many(value: float, said: str):
    assert chance(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.0, "That is no more than chance gives (p = 1.00)."),
        (0.25, "Chance alone would do this in 1 of 4 such histories (p = 0.25)."),
        (0.0002, "Chance alone would do this in 1 of 5,000 such histories (p = 0.0002)."),
        (0.0, "Chance alone would do this in fewer than 1 of 10,000 such histories (p < 0.0001)."),
    ],
)
def test_a_p_value_is_told_in_words(value: float, said: str):
    assert by_chance(value) == said


def test_a_table_is_read_aloud():
    table = Table(failed_different=17, passed_different=11, passed_same=13, p_value=0.00014, unknown_passed=9)
    assert told(table, APART, TOGETHER) == (
        "Over 41 runs it failed in 17 of 28 where write and read met different processes, and in 0 of 13 where they "
        "met the same. Chance alone would do this in 1 of 7,100 such histories (p = 0.0001). "
        "Of 9 more runs the logs do not tell."
    )
    assert told(Table(failed_same=2), APART, TOGETHER, "where both met one") == (
        "Over 2 runs it failed in 2 of 2 where both met one."
    )
    assert told(Table(unknown_failed=1), APART, TOGETHER) == (
        "Over 1 run the logs never tell whether write and read met different processes."
    )
    assert told(Table(), APART, TOGETHER) == ""


def test_runs_are_named_by_their_moments_the_newest_first():
    days = [START + n * DAY for n in range(6)]
    assert named(days[:1]) == "the run of 23 Nov 2026, 12:00 UTC"
    assert named(days[:2]) == "the runs of 24 Nov 2026, 12:00 UTC and of 23 Nov 2026, 12:00 UTC"
    assert named(days).endswith(", of 26 Nov 2026, 12:00 UTC and 3 more")
    assert named([days[0], days[0]]) == "the runs of 23 Nov 2026, 12:00 UTC"
    assert named([]) == ""
    assert named([10**20]) == "the run of an unknown time"
