"""Several people, bulk actions, meetings and analyses at the same moment: nobody waits for ever, nothing is lost."""

from __future__ import annotations

import random

import pytest
from django.utils import timezone

from tests.triage.histories import a_report, a_run
from tests.triage.items import a_person, an_item, at_once, ran_later, some_items
from tests.triage.made import a_project
from triage.models import Decision, FailureGroup, Item, Judgement, Meeting
from triage.store import decisions
from triage.store.items import Actor, answer, note, set_blocker, set_owner, set_status, set_ticket, undo

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = ("ada", "bob", "eve", "ida")


@pytest.fixture
def cars():
    return a_project()


@pytest.fixture
def actors(cars):
    return [Actor.of(a_person(name, cars)) for name in PEOPLE]


def failures(given):
    return [each for each in given if isinstance(each, BaseException)]


def meetings_of(project, items, count=2):
    now = timezone.now()
    made = [Meeting.objects.create(project=project, name="m", since=now, began_at=now) for _ in range(count)]
    for meeting in made:
        meeting.agenda.bulk_create(
            meeting.agenda.model(meeting=meeting, item=item, position=n, section="new", reason="")
            for n, item in enumerate(items)
        )
    return made


def test_people_who_decide_on_the_same_items_in_any_order_do_not_block_each_other(cars, actors):
    items = some_items(cars, 60)
    meetings = meetings_of(cars, items)
    chance = random.Random(7)

    def work(actor, number):
        for turn in range(8):
            some = chance.sample(items, 40)
            meeting = meetings[(number + turn) % 2]
            set_status(some, actor, chance.choice(Item.Status.values), meeting=meeting)
            set_owner(some, actor, name=f"{actor.who} {turn}", meeting=meeting)

    given = at_once(*(lambda actor=actor, n=n: work(actor, n) for n, actor in enumerate(actors)))
    assert not failures(given)
    for item in Item.objects.all():
        told = list(Decision.objects.of_item(item))
        assert item.version == 1 + len(told)
        now = {}
        for decision in reversed(told):
            assert {name: now.get(name, decision.before[name]) for name in decision.before} == decision.before
            now |= decision.after
        assert item.status == now.get("status", "new")


def test_the_same_decision_of_four_people_at_once_is_one(cars, actors):
    item = an_item(cars)
    given = at_once(*(lambda actor=actor: set_status([item], actor, "resolved") for actor in actors))
    assert sorted(map(len, given)) == [0, 0, 0, 1]
    given = at_once(*[lambda: note(item, actors[0], "one note")] * 4)
    assert len({each.pk for each in given}) == 1
    given = at_once(*[lambda: answer(item, actors[0], True)] * 4)
    assert len({each.pk for each in given}) == Judgement.objects.count() == 1


def test_an_undo_of_four_people_at_once_is_one(cars, actors):
    items = some_items(cars, 30)
    made = set_status(items, actors[0], "resolved")
    given = at_once(*(lambda actor=actor: undo(made[3], actor) for actor in actors))
    assert not failures(given)
    assert len({tuple(sorted(each.pk for each in back)) for back in given}) == 1
    assert Decision.objects.filter(what="undone").count() == 30


def test_an_undo_and_a_new_decision_at_once_leave_one_of_both(cars, actors):
    for _ in range(6):
        item = Item.objects.first() or an_item(cars)
        set_status([item], actors[0], "new")
        (decision,) = set_status([item], actors[0], "investigating")
        undone, decided = at_once(
            lambda decision=decision: undo(decision, actors[1]),
            lambda item=item: set_status([item], actors[2], "resolved"),
        )
        item.refresh_from_db()
        assert item.status == "resolved", "decided last, or the undo was refused"
        assert len(decided) == 1
        assert isinstance(undone, tuple) or "eve changed the status" in str(undone)


def test_analyses_and_people_at_once_lose_nothing(cars, actors):
    cases = [(f"t.py::test_{n}", True, None) for n in range(20)]
    ran_later(cars, *cases)
    items = list(Item.objects.order_by("-pk"))
    meetings_of(cars, items)
    set_status(items[:10], actors[0], "resolved")
    set_status(items[10:], actors[0], "observing")
    now = timezone.now() + timezone.timedelta(minutes=1)
    runs = [a_run(cars, received_at=now, changed_at=now, received_on=now.date()) for _ in range(3)]

    def decide(actor):
        for turn in range(5):
            set_ticket(items, actor, f"https://t.example/{actor.who}/{turn}")
            set_blocker(items[turn::2], actor, bool(turn % 2))

    def reopen():
        try:
            set_status(items, actors[3], "investigating")
        except ValueError as error:
            assert "came back" in str(error)

    analyse = [lambda run=run: decisions.keep(run, a_report(*cases)) for run in runs]
    people = [lambda actor=actor: decide(actor) for actor in actors[:3]]
    assert not failures(at_once(*analyse, *people, reopen))
    assert Item.objects.open().count() == 20, "each failure has one open item"
    for group in FailureGroup.objects.all():
        line = list(Item.objects.filter(group=group).order_by("pk"))
        assert len(line) <= 2
        assert [item.earlier for item in line[1:]] == line[:-1]
    assert Decision.objects.filter(what="failed_again").count() <= 10


def test_two_runs_at_once_open_each_item_once(cars):
    cases = [(f"t.py::test_{n}", True, None) for n in range(10)]
    runs = [a_run(cars) for _ in range(4)]
    given = at_once(*(lambda run=run: decisions.keep(run, a_report(*cases)) for run in runs))
    assert given == [True] * 4
    assert (Item.objects.count(), Decision.objects.count()) == (10, 10)
