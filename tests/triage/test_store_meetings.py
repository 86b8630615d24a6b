"""Meetings as they are kept: several people and several processes at once, and what stays of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection

from tests.dashboard import factory
from tests.triage.meets import an_item
from triage.models import Decision, FailureGroup, Item, Meeting, Notice, NoticeRule, Project, Schedule
from triage.store import items as store
from triage.store.meetings import duty, running, schedules, writing
from triage.store.meetings.begin import begin, begin_due
from triage.store.refused import Refused
from triage.tasks import begin_meetings

DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def ada(transactional_db: None) -> User:
    return factory.person("ada")


@pytest.fixture
def cars(ada: User) -> Project:
    return factory.project("cars-api", ada)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """All of them at the same moment, each on a connection of its own; what each gave or raised."""
    ready = threading.Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def run(place: int) -> None:
        try:
            ready.wait(20)
            found[place] = works[place]()
        except Exception as error:
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[n]) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def a_schedule(project: Project, ago: timedelta = timedelta(seconds=30), **more: Any) -> Schedule:
    values = {"name": "Daily", "weekdays": list(range(7)), "at": "09:30", "timezone": "UTC", "next_at": now() - ago}
    return Schedule.objects.create(project=project, **values | more)


def test_two_people_who_begin_at_once_are_in_one_meeting(cars: Project, ada: User):
    an_item(cars)
    found = at_once(*[lambda: begin(cars, ada, now()).pk for _ in range(4)])
    assert len(set(found)) == 1
    assert Meeting.objects.count() == 1


def test_two_beat_tasks_begin_a_scheduled_meeting_once(cars: Project):
    schedule = a_schedule(cars)
    an_item(cars)
    found = at_once(*[begin_meetings for _ in range(4)])
    assert not [one for one in found if isinstance(one, Exception)]
    meeting = Meeting.objects.get()
    assert meeting.schedule == schedule
    schedule.refresh_from_db()
    assert schedule.next_at > now()
    begin_meetings()
    assert Meeting.objects.count() == 1


def test_one_date_of_a_schedule_has_one_meeting_whoever_asks(cars: Project):
    schedule = a_schedule(cars)
    planned = schedule.next_at
    begin_due(now())
    with pytest.raises(IntegrityError):
        Meeting.objects.create(
            project=cars, schedule=schedule, planned_at=planned, since=now(), began_at=now(), name="x"
        )


def test_a_schedule_that_comes_due_again_with_a_meeting_of_that_date_goes_on_without(cars: Project, ada: User):
    schedule = a_schedule(cars)
    planned = schedule.next_at
    begin_due(now())
    running.end(Meeting.objects.get().pk, now())
    Schedule.objects.update(next_at=planned)  # a restored backup, a hand in the database
    assert begin_due(now()) == 0
    assert Meeting.objects.count() == 1


def test_a_schedule_does_not_tear_people_out_of_their_meeting(cars: Project, ada: User):
    meeting = begin(cars, ada, now())
    schedule = a_schedule(cars)
    assert begin_due(now()) == 0
    assert Meeting.objects.get() == meeting
    schedule.refresh_from_db()
    assert schedule.next_at > now()


def test_what_a_stopped_scheduler_missed_is_not_made_up_for_at_night(cars: Project):
    schedule = a_schedule(cars, timedelta(hours=9))
    assert begin_due(now()) == 0
    schedule.refresh_from_db()
    assert now() < schedule.next_at <= now() + DAY


def test_paused_and_deleted_schedules_begin_nothing_and_go_on_with_the_next_date(cars: Project):
    paused, deleted = a_schedule(cars, active=False), a_schedule(cars, deleted_at=now())
    assert begin_due(now()) == 0
    assert schedules.pause(cars, paused.pk, False, now()).next_at > now()
    assert schedules.restore(cars, deleted.pk, now()).next_at > now()
    assert begin_due(now()) == 0


def test_schedules_of_a_project_are_bounded(cars: Project, ada: User):
    plan, first = schedules.planned("x", ["0"], "09:30", "UTC", "3", now())
    for _ in range(schedules.MOST):
        schedules.add(cars, ada, plan, first)
    with pytest.raises(Refused, match="at most"):
        schedules.add(cars, ada, plan, first)


def test_two_who_press_next_at_once_go_one_on(cars: Project, ada: User):
    for _ in range(4):
        an_item(cars)
    meeting = begin(cars, ada, now())
    first, second = list(meeting.agenda.all())[:2]
    at_once(*[lambda: running.move(meeting.pk, first.pk, second.pk, now()) for _ in range(4)])
    meeting.refresh_from_db()
    assert meeting.current == second


def test_two_who_are_done_at_once_skip_nobodys_item(cars: Project, ada: User):
    for _ in range(4):
        an_item(cars)
    meeting = begin(cars, ada, now())
    first, second = list(meeting.agenda.all())[:2]
    at_once(*[lambda: running.done(meeting.pk, first.pk, now()) for _ in range(4)])
    meeting.refresh_from_db()
    assert meeting.current == second
    assert meeting.agenda.exclude(done_at=None).count() == 1


def test_people_decide_move_and_write_at_once_and_nothing_is_lost(cars: Project, ada: User):
    for _ in range(3):
        an_item(cars)
    meeting = begin(cars, ada, now())
    places = list(meeting.agenda.all())
    actor = store.Actor.of(ada)

    def decide(n: int) -> Callable[[], None]:
        def work() -> None:
            with running.deciding(meeting.pk):
                store.note(places[n % 3].item, actor, f"note {n}", meeting=meeting)

        return work

    def write() -> None:
        with running.held(meeting.pk) as held:
            writing.add_line(held, ada, "a line", now())

    def move() -> None:
        running.move(meeting.pk, places[0].pk, places[1].pk, now())

    found = at_once(*[decide(n) for n in range(6)], write, move)
    assert not [one for one in found if isinstance(one, Exception)]
    assert Decision.objects.filter(meeting=meeting, what="note").count() == 6
    assert meeting.lines.count() == 1
    meeting.refresh_from_db()
    assert meeting.version >= 9


def test_whatever_is_decided_while_a_meeting_ends_is_in_its_minutes_or_did_not_happen(cars: Project, ada: User):
    an_item(cars)
    meeting = begin(cars, ada, now())
    item, actor = meeting.agenda.get().item, store.Actor.of(ada)

    def decide(n: int) -> Callable[[], None]:
        def work() -> None:
            with running.deciding(meeting.pk):
                store.note(item, actor, f"note {n}", meeting=meeting)

        return work

    found = at_once(*[decide(n) for n in range(4)], lambda: running.end(meeting.pk, now()))
    assert all(one is None or one is True or isinstance(one, running.Over) for one in found), found
    meeting.refresh_from_db()
    kept = {said["text"] for about in meeting.minutes["items"] for said in about["said"]}
    assert kept == set(Decision.objects.filter(meeting=meeting).values_list("text", flat=True))


def test_a_meeting_ends_once_and_its_minutes_are_told_once(cars: Project, ada: User):
    NoticeRule.objects.create(project=cars, name="team", channel="mail", target="team@example.org", events=["minutes"])
    meeting = begin(cars, ada, now())
    running.arrive(meeting, ada, now())
    found = at_once(*[lambda: running.end(meeting.pk, now()) for _ in range(4)])
    assert sorted(found) == [False, False, False, True]
    assert Notice.objects.filter(event="minutes").count() == 1


def test_a_meeting_that_nobody_came_to_is_nobodys_news_and_not_the_last_one(cars: Project, ada: User):
    NoticeRule.objects.create(project=cars, name="team", channel="mail", target="team@example.org", events=["minutes"])
    an_item(cars)
    running.end(begin(cars, None, now()).pk, now())
    assert not Notice.objects.exists()
    assert begin(cars, ada, now()).agenda.get().section == "new"


def test_a_forgotten_meeting_is_ended_and_one_with_people_is_not(cars: Project, ada: User):
    other = factory.project("other", ada)
    left, busy = begin(cars, ada, now() - DAY), begin(other, ada, now() - DAY)
    running.arrive(left, ada, now() - DAY)
    running.arrive(busy, ada, now())
    begin_meetings()
    left.refresh_from_db()
    busy.refresh_from_db()
    assert left.ended_at is not None
    assert busy.ended_at is None


def test_the_next_agenda_has_what_came_since_and_what_is_still_open(cars: Project, ada: User):
    an_item(cars)
    first = begin(cars, ada, now() - timedelta(hours=1))
    running.arrive(first, ada, now())
    running.end(first.pk, now())
    an_item(cars, ago=timedelta(minutes=5))
    resolved = an_item(cars, status="resolved", closed_at=now())
    found = dict(begin(cars, ada, now()).agenda.values_list("section", "item"))
    assert set(found) == {"new", "open"}
    assert resolved.pk not in found.values()


def test_a_failure_is_put_on_the_agenda_by_hand_once(cars: Project, ada: User):
    meeting = begin(cars, ada, now())
    item = an_item(cars)
    found = at_once(*[lambda: running.add(meeting.pk, item.group, now()) for _ in range(3)])
    assert len(set(found)) == 1
    place = meeting.agenda.get()
    assert (place.section, place.item) == ("added", item)
    meeting.refresh_from_db()
    assert meeting.current == place
    done = an_item(cars, status="resolved", closed_at=now())
    with pytest.raises(Refused, match="open"):
        running.add(meeting.pk, FailureGroup.objects.get(pk=done.group_id), now())


def test_not_today_goes_on_and_an_item_is_taken_up_again(cars: Project, ada: User):
    an_item(cars)
    an_item(cars)
    meeting = begin(cars, ada, now())
    first, second = meeting.agenda.all()
    running.done(meeting.pk, first.pk, now(), skipped=True)
    running.done(meeting.pk, second.pk, now())
    meeting.refresh_from_db()
    assert meeting.current == second, "where nothing is left, the meeting stays where it is"
    running.take_up(meeting.pk, first.pk, now())
    first.refresh_from_db()
    assert first.skipped_at is None


def test_the_time_spent_on_an_item_adds_up(cars: Project, ada: User):
    an_item(cars)
    an_item(cars)
    begun = now() - timedelta(minutes=10)
    meeting = begin(cars, ada, begun)
    first, second = meeting.agenda.all()
    running.move(meeting.pk, first.pk, second.pk, begun + timedelta(seconds=90))
    running.move(meeting.pk, second.pk, first.pk, begun + timedelta(seconds=100))
    running.end(meeting.pk, begun + timedelta(seconds=130))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.seconds, second.seconds) == (120, 10)


def test_two_who_write_the_hand_over_note_at_once_keep_both(cars: Project, ada: User):
    meeting = begin(cars, ada, now())
    running.hand_over(meeting.pk, "", "Watch the export")
    assert not running.hand_over(meeting.pk, "", "Call Rob")
    assert running.hand_over(meeting.pk, "Watch the export\r\nCall Rob", "Watch the export\r\nCall Rob\r\nBoth")
    meeting.refresh_from_db()
    assert meeting.hand_over == "Watch the export\nCall Rob\nBoth"


def test_lines_that_a_browser_ends_its_own_way_are_kept_as_lines(cars: Project, ada: User):
    assert writing.add_line(begin(cars, ada, now()), ada, "one\r\ntwo\r\n", now()).text == "one\ntwo"
    assert duty.assign(cars, "ada", now().date(), None, "one\r\ntwo", now()).note == "one\ntwo"


def test_only_who_wrote_a_line_takes_it_back(cars: Project, ada: User):
    meeting, rob = begin(cars, ada, now()), factory.person("rob")
    line = writing.add_line(meeting, ada, "mine", now())
    assert not writing.withdraw_line(meeting, line.pk, rob, now())
    assert writing.withdraw_line(meeting, line.pk, ada, now())
    assert not writing.withdraw_line(meeting, line.pk, ada, now())


def test_an_undo_leaves_the_minutes_and_doing_it_again_brings_it_back(cars: Project, ada: User):
    an_item(cars)
    meeting = begin(cars, ada, now())
    actor = store.Actor.of(ada)
    store.set_blocker([meeting.agenda.get().item], actor, True, meeting=meeting)
    assert [row.what for row in writing.standing(meeting)] == ["blocker"]
    (undone,) = store.undo(Decision.objects.get(what="blocker"), actor)
    assert writing.standing(meeting) == []
    store.undo(undone, actor)
    assert [row.what for row in writing.standing(meeting)] != []


def test_a_change_of_an_item_tells_everybody_who_has_it_on_their_agenda(cars: Project, ada: User):
    item = an_item(cars)
    meeting, before = begin(cars, ada, now()), 1
    meeting.refresh_from_db()
    before = meeting.version
    store.set_blocker([item], store.Actor.of(ada), True)
    store.set_blocker([an_item(cars)], store.Actor.of(ada), True)
    meeting.refresh_from_db()
    assert meeting.version == before + 1


def test_text_of_any_kind_and_length_is_kept_within_bounds(cars: Project, ada: User):
    meeting = begin(cars, ada, now(), name="\0\ud800 " + "n" * 10_000)
    line = writing.add_line(meeting, ada, "\0\ud800" + "x" * 100_000, now())
    running.hand_over(meeting.pk, "", "\ud800\0" + "y" * 100_000)
    meeting.refresh_from_db()
    assert len(meeting.name) <= 150
    assert len(line.text) <= writing.LINE
    assert len(meeting.hand_over) <= running.LONGEST
    running.end(meeting.pk, now())


def test_figures_count_ordinary_runs_since_the_last_meeting(cars: Project, ada: User):
    assert Item.objects.count() == 0
    meeting = begin(cars, ada, now())
    assert meeting.figures["first"]
    assert (meeting.figures["runs"], meeting.figures["failures"]) == (0, 0)
