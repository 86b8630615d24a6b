"""Time to pixels."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from dashboard.timeline.axis import Item, breaks, half_of, spread, ticks
from dashboard.timeline.text import few_words, fit, span_words, visible, width_of
from triage.core.records import SECOND

NOON = 1_716_466_267 * SECOND


def items(*seconds: float) -> list[Item]:
    return [Item(key=str(i), at=NOON + round(s * SECOND), reach=(("steps", 40.0),)) for i, s in enumerate(seconds)]


def test_equal_times_apart_are_equal_pixels_apart():
    axis = spread(items(0, 1, 2, 3), 200, 1100)
    gaps = [b - a for a, b in zip(axis.xs, axis.xs[1:], strict=False)]
    assert max(gaps) - min(gaps) < 1


def test_crowded_marks_keep_their_room():
    axis = spread(items(0, 0.001, 0.002, 5), 200, 1100)
    assert all(b - a >= 80 for a, b in zip(axis.xs, axis.xs[1:], strict=False))


def test_the_axis_grows_where_there_are_too_many_marks():
    assert spread(items(*range(30)), 200, 1100).right > 1100


def test_a_long_silence_is_cut_out():
    axis = spread(items(0, 1, 2, 3000, 3001), 200, 1100)
    assert len(axis.broken) == 1
    assert axis.xs[3] - axis.xs[2] < 260


def test_every_moment_between_two_marks_lies_between_them():
    axis = spread(items(0, 2, 2, 7), 200, 1100)
    assert axis.xs[0] < axis.x(NOON + SECOND) < axis.xs[1]


def test_ticks_tell_round_and_growing_times():
    labels = [tick.label for tick in ticks(spread(items(0, 1, 2, 3), 200, 1100))]
    assert labels[0].startswith("12:11:07")
    assert len(labels) == len(set(labels))


def test_ticks_say_the_minute_again_when_it_changes():
    labels = [tick.label for tick in ticks(spread(items(50, 51, 52, 53, 54), 200, 1100))]
    assert "12:12:00" in labels


@pytest.mark.parametrize("half", [0.0, 6.0, 40.0])
@pytest.mark.parametrize("apart_s", [1100, 3600, 19_800, 172_800])
def test_no_label_lies_on_another_in_a_run_of_parts_with_hours_between(apart_s: int, half: float):
    for seed in range(60):
        dice = Random(seed)
        parts = range(dice.randint(2, 6))
        moments = sorted(n * apart_s + dice.uniform(0, 4) for n in parts for _ in range(dice.randint(1, 7)))
        marks = [Item(key=str(i), at=NOON + round(s * SECOND), reach=(("steps", half),)) for i, s in enumerate(moments)]
        axis = spread(marks, 204, 1156)
        labels = sorted([*ticks(axis), *breaks(axis)], key=lambda label: label.x)
        assert labels
        assert all(a.x + half_of(a) < b.x - half_of(b) for a, b in pairwise(labels)), (seed, labels)
        assert labels[-1].x + half_of(labels[-1]) <= axis.right + 24, "cut off at the picture's edge"


def test_a_fitted_text_is_no_wider_than_its_room():
    for text in ("short", "W" * 90, "i" * 900, "<b>&amp;" * 20, "\u202e" * 40, "漢字" * 40):
        assert width_of(fit(text, 120)) <= 120


def test_control_and_direction_characters_become_visible():
    assert visible("a\x1b[31mb\u202ec\x00d") == "a\\x1b[31mb\\u202ec\\x00d"
    assert visible("नमस्ते\u200d") == "नमस्ते\u200d"


def test_few_words_leave_out_what_the_logger_put_before_them():
    line = "[2024-05-23 12:34:06,721] INFO in cars_app: successfully added {'name': 'figo', 'brand': 'ford'}"
    assert few_words(line) == "successfully added {'name': 'figo', 'brand'…"
    assert few_words("plain words") == "plain words"


def test_lengths_of_time_are_said_shortly():
    assert [span_words(us) for us in (4_000, 1_400_000, 23 * 60 * SECOND, 3 * 3600 * SECOND)] == [
        "4 ms",
        "1.4 s",
        "23 min",
        "3 h",
    ]
    assert [span_words(us * SECOND) for us in (-19_800, 19_800 + 10, 8 * 3600 + 1, 60 * 3600)] == [
        "5 h 30 min", "5 h 30 min", "8 h", "2 d"
    ]  # fmt: skip
