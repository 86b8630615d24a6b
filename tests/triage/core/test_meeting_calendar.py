"""When meetings are, on clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from triage.core.meeting.calendar import next_date, weekday_words

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_next_date_is_on_the_same_day_while_the_time_is_ahead():
    assert next_date([0], time(9, 30), "UTC", at("2024-05-20T09:29:59")) == at("2024-05-20T09:30:00")


def test_a_meeting_that_is_on_just_now_is_not_its_own_next_one():
    assert next_date([0], time(9, 30), "UTC", at("2024-05-20T09:30:00")) == at("2024-05-27T09:30:00")


def test_days_that_are_not_chosen_are_passed_over():
    assert next_date([1, 4], time(9), "UTC", at("2024-05-22T12:00:00")) == at("2024-05-24T09:00:00")


def test_the_time_is_that_of_the_zone_in_winter_and_in_summer():
    assert next_date(range(5), time(9, 30), BERLIN, at("2024-01-10T00:00:00")) == at("2024-01-10T08:30:00")
    assert next_date(range(5), time(9, 30), BERLIN, at("2024-07-10T00:00:00")) == at("2024-07-10T07:30:00")


def test_the_day_is_that_of_the_zone_not_of_utc():
    # Monday 08:00 in Auckland is still Sunday in UTC.
    assert next_date([0], time(8), "Pacific/Auckland", at("2024-05-19T12:00:00")) == at("2024-05-19T20:00:00")


def test_a_time_that_the_clocks_skip_is_as_much_later():
    # 31 March 2024: from 02:00 clocks in Berlin go on to 03:00.
    assert next_date([6], time(2, 30), BERLIN, at("2024-03-30T12:00:00")) == at("2024-03-31T01:30:00")
    assert next_date([6], time(2, 30), BERLIN, at("2024-03-31T01:30:00")) == at("2024-04-07T00:30:00")


def test_a_time_that_the_clocks_show_twice_is_the_first_and_comes_once():
    # 27 October 2024: at 03:00 clocks in Berlin go back to 02:00.
    first = next_date(range(7), time(2, 30), BERLIN, at("2024-10-26T12:00:00"))
    assert first == at("2024-10-27T00:30:00")
    assert next_date(range(7), time(2, 30), BERLIN, first) == at("2024-10-28T01:30:00")


def test_a_zone_that_skips_midnight_still_meets_that_day():
    # 8 September 2024: clocks in Santiago go from 00:00 to 01:00.
    assert next_date([6], time(0), "America/Santiago", at("2024-09-07T12:00:00")) == at("2024-09-08T04:00:00")


@pytest.mark.parametrize("days", [[], [7], [-1]])
def test_no_weekday_is_refused_with_a_sentence(days: list[int]):
    with pytest.raises(ValueError, match="weekday"):
        next_date(days, time(9), "UTC", at("2024-05-20T00:00:00"))


@pytest.mark.parametrize(
    "zone", ["", "CEST", "../../etc/passwd", "Europe/../../x", "Europe/Nowhere", "a" * 500, "Europe/Ber\0lin"]
)
def test_a_zone_that_there_is_none_of_is_refused_with_a_sentence(zone: str):
    with pytest.raises(ValueError, match="time zone"):
        next_date([0], time(9), zone, at("2024-05-20T00:00:00"))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (range(7), "every day"), (range(5), "Monday to Friday"), ([1, 3], "Tuesday and Thursday"), ([2], "Wednesday"),
        ([0, 1], "Monday and Tuesday"), ([0, 2, 4], "Monday, Wednesday and Friday"), ([], ""),
    ],
)  # fmt: skip
def test_weekdays_are_said_as_people_say_them(days: list[int], words: str):
    assert weekday_words(days) == words
