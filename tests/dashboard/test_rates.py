"""The rate of a failure over time as numbers, short names of tickets, and what is cut in its middle."""

from __future__ import annotations

import pytest

from dashboard.pages.tickets import short_ticket
from dashboard.pages.words import middle
from dashboard.timeline.rates import FLOOR, TOP, Bucket, rate_chart


def buckets(*counts: tuple[int, int]) -> list[Bucket]:
    return [
        Bucket(label=f"{n} May", failed=failed, total=total, low=0.1, high=0.9)
        for n, (failed, total) in enumerate(counts, 1)
    ]


def test_a_bar_stands_as_high_as_its_rate():
    chart = rate_chart(buckets((1, 1), (1, 2), (0, 5)), 0.5, "day")
    tops = [bar.y for bar in chart.bars]
    assert tops[0] == TOP
    assert tops[1] == (FLOOR + TOP) / 2
    assert all(round(bar.y + bar.height, 1) == FLOOR for bar in chart.bars)
    assert [bar.none for bar in chart.bars] == [False, False, True]
    assert chart.expected is not None
    assert chart.expected.at == tops[1]


def test_bars_stay_in_their_places_and_apart():
    chart = rate_chart(buckets(*[(1, 2)] * 30), None, "week")
    assert chart.expected is None
    assert chart.bars[0].x >= chart.left
    assert chart.bars[-1].x + chart.bars[-1].width <= chart.right
    assert all(one.x + one.width < other.x for one, other in zip(chart.bars, chart.bars[1:], strict=False))
    assert len(chart.dates) <= 8
    assert chart.dates[-1].label == "30 May"


def test_a_bucket_without_runs_is_a_gap_and_no_zero():
    chart = rate_chart(buckets((1, 2), (0, 0), (1, 2)), None, "day")
    assert len(chart.bars) == len(chart.rows) == 2


def test_bounds_never_leave_the_chart():
    chart = rate_chart([Bucket(label="1 May", failed=1, total=1, low=-0.5, high=1.5)], 7.0, "day")
    (bar,) = chart.bars
    assert (bar.low_y, bar.high_y) == (FLOOR, TOP)
    assert chart.expected is not None
    assert chart.expected.at == TOP


def test_the_chart_is_told_in_a_sentence_and_as_a_table():
    chart = rate_chart(buckets((3, 8), (2, 2)), 0.65, "week")
    assert chart.summary == "Rate of this failure by week: 5 of 10 runs failed, 50 %; expected 65 %."
    assert chart.bars[0].title == "week of 1 May: 3 of 8 failed, 38 %"
    assert [(row.label, row.rate) for row in chart.rows] == [("2 May", "100 %"), ("1 May", "38 %")]


def test_where_no_run_was_there_is_no_chart():
    assert rate_chart([], 0.5, "day").bars == ()
    assert rate_chart(buckets((0, 0)), 0.5, "day").bars == ()


@pytest.mark.parametrize(
    ("url", "short"),
    [
        ("", ""),
        ("https://jira.example.org/browse/CARS-7", "CARS-7"),
        ("https://linear.app/acme/issue/ENG-123/cars-are-lost", "ENG-123"),
        ("https://github.com/acme/cars-api/issues/412#issuecomment-1", "acme/cars-api#412"),
        ("https://github.com/acme/cars-api/pull/9", "acme/cars-api#9"),
        ("https://gitlab.example.org/group/sub/cars/-/issues/12", "sub/cars#12"),
        ("https://gitlab.example.org/group/cars/-/merge_requests/3", "group/cars!3"),
        ("https://bugs.example.org/show_bug.cgi?id=17", "bugs.example.org 17"),
        ("https://example.org", "example.org"),
        ("https://example.org/wiki/The%20cars", "example.org The cars"),
        ("https://[::1", "https://[::1"),
        ("https://example.org/" + "x" * 500, "example.org xxxxxxxxxxx…xxxxxxxxxxxxxxxx"),
    ],
)
def test_a_ticket_is_called_what_people_call_it(url: str, short: str):
    assert short_ticket(url) == short


def test_a_long_text_keeps_both_its_ends():
    assert middle("short", 10) == "short"
    cut = middle("a" * 50 + "z" * 50, 21)
    assert cut == "a" * 12 + "…" + "z" * 8
