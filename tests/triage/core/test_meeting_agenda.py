"""An agenda makes itself: what comes first, why it is on it, and what does not fit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from triage.core.meeting.agenda import Candidate, Section, build, enough, reason

NOW = datetime(2024, 5, 24, 9, 30, tzinfo=UTC)
LAST = NOW - timedelta(days=1)
_numbers = count(1)


def one(days: float = 0.1, **more: Any) -> Candidate:
    fields = {"item": next(_numbers), "status": "new", "opened_at": NOW - timedelta(days=days)} | more
    return Candidate(**fields)


def sections(*candidates: Candidate) -> list[str]:
    return [entry.section.value for entry in build(candidates, LAST, NOW).entries]


def order(*candidates: Candidate) -> list[int]:
    return [entry.item for entry in build(candidates, LAST, NOW).entries]


def test_what_came_back_comes_before_what_is_new_and_what_is_old():
    old, new = one(9, status="investigating"), one()
    back, watched = one(came_back=True), one(20, status="observing")
    assert sections(old, watched, new, back) == ["came_back", "new", "open", "observing"]


def test_new_is_what_was_opened_since_the_last_meeting():
    assert sections(one(0.9), one(1.1)) == ["new", "open"]


def test_something_new_that_is_watched_already_stands_with_the_fixes():
    assert sections(one(status="observing")) == ["observing"]


def test_something_that_came_back_before_the_last_meeting_is_still_open():
    assert sections(one(3, came_back=True)) == ["open"]


def test_the_oldest_open_item_is_first():
    young, old = one(3), one(14)
    assert order(young, old) == [old.item, young.item]


def test_blockers_and_then_overdue_items_come_before_older_ones():
    old, late = one(30), one(3, due=date(2024, 5, 20))
    blocker, later = one(2, blocker=True), one(40, due=date(2024, 6, 1))
    assert order(old, late, blocker, later) == [blocker.item, late.item, later.item, old.item]


def test_a_fix_that_has_shown_enough_comes_first_among_the_fixes():
    young = one(2, status="observing", passed=40, passes_wanted=40)
    old = one(9, status="observing", passed=31, passes_wanted=40)
    assert order(old, young) == [young.item, old.item]


def test_reasons_are_said_in_a_few_words():
    assert reason(Section.NEW, one(failed=11, runs=19), NOW) == "11 of 19 runs"
    assert reason(Section.NEW, one(failed=1), NOW) == "1 run"
    assert reason(Section.NEW, one(), NOW) == ""
    assert reason(Section.OPEN, one(9), NOW) == "9 days"
    assert reason(Section.OPEN, one(1.5, blocker=True, due=date(2024, 5, 1)), NOW) == "blocker · overdue · 1 day"
    assert reason(Section.CAME_BACK, one(fixed_on=date(2024, 5, 2)), NOW) == "was fixed 2 May"
    watched = {"status": "observing", "passes_wanted": 40}
    assert reason(Section.OBSERVING, one(passed=31, **watched), NOW) == "31 of 40 passes"
    assert reason(Section.OBSERVING, one(passed=41, **watched), NOW) == "41 passes: enough"
    assert reason(Section.OBSERVING, one(passed=41, failed_again=1, **watched), NOW) == "failed again"


def test_a_fix_that_failed_again_never_has_enough():
    assert enough(one(passed=50, passes_wanted=40)) and not enough(one(passed=50, passes_wanted=40, failed_again=1))
    assert not enough(one(passed=50))


def test_an_item_due_today_is_not_overdue():
    assert "overdue" not in reason(Section.OPEN, one(3, due=NOW.date()), NOW)


def test_an_agenda_is_bounded_and_says_how_much_it_left_out():
    agenda = build([one() for _ in range(75)], LAST, NOW)
    assert (len(agenda.entries), agenda.left_out) == (60, 15)


def test_a_flood_of_new_failures_does_not_crowd_out_the_other_sections():
    flood = [one() for _ in range(200)]
    old, watched = [one(9) for _ in range(12)], [one(9, status="observing") for _ in range(3)]
    found = [entry.section for entry in build([*flood, *old, *watched], LAST, NOW).entries]
    assert (found.count(Section.NEW), found.count(Section.OPEN), found.count(Section.OBSERVING)) == (49, 8, 3)
    assert found == sorted(found, key=[Section.NEW, Section.OPEN, Section.OBSERVING].index)


def test_nothing_open_is_an_empty_agenda():
    assert build([], LAST, NOW).entries == ()
