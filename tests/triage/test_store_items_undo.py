"""Undoing is a decision too, of whole batches, and never overrides what somebody decided since."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from tests.triage.histories import TEST
from tests.triage.items import a_person, an_item, ran_later, some_items
from tests.triage.made import a_project
from triage.models import Decision, Item, Judgement, Meeting
from triage.store.items import (
    Actor,
    Overtaken,
    answer,
    note,
    set_blocker,
    set_due,
    set_owner,
    set_status,
    set_ticket,
    undo,
    watch,
)
from triage.store.judgements import judge

pytestmark = pytest.mark.django_db


@pytest.fixture
def cars():
    return a_project()


@pytest.fixture
def by(cars):
    return Actor.of(a_person("ada", cars))


@pytest.fixture
def bob(cars):
    return Actor.of(a_person("bob", cars))


@pytest.fixture
def item(cars):
    return an_item(cars)


FIELDS = (
    "status",
    "owner_id",
    "owner_name",
    "due",
    "ticket",
    "blocker",
    "passes_wanted",
    "observing_since",
    "closed_at",
)


def state(item):
    return Item.objects.values(*FIELDS).get(pk=item.pk)


@pytest.mark.parametrize(
    "work",
    [
        lambda i, a: set_status([i], a, "investigating"),
        lambda i, a: set_status([i], a, "observing"),
        lambda i, a: set_status([i], a, "resolved"),
        lambda i, a: watch([i], a, 7),
        lambda i, a: set_owner([i], a, user=a.user, due=date(2026, 12, 24)),
        lambda i, a: set_owner([i], a, name="API team"),
        lambda i, a: set_owner([i], a),
        lambda i, a: set_due([i], a, None),
        lambda i, a: set_ticket([i], a, "https://t.example/2"),
        lambda i, a: set_blocker([i], a, True),
    ],
)
def test_everything_can_be_undone_and_decided_again(work, item, by, bob):
    set_status([item], by, "fix_claimed")
    set_owner([item], by, user=bob.user, due=date(2026, 12, 1))
    set_ticket([item], by, "https://t.example/1")
    before = state(item)
    (decision,) = work(item, by)
    after = state(item)
    (back,) = undo(decision, bob)
    assert state(item) == before
    assert (back.what, back.who, back.undoes) == ("undone", "bob", decision)
    assert undo(decision, by) == (back,), "undone is undone"
    (again,) = undo(back, by)
    assert state(item) == after
    assert undo(back, by) == (again,)
    (last,) = undo(decision, by)
    assert (state(item), last.undoes) == (before, again)
    assert Item.objects.get(pk=item.pk).version == 8


def test_a_whole_batch_is_undone_at_once(cars, by, django_assert_max_num_queries):
    items = some_items(cars, 1_000)
    made = set_status(items, by, "resolved")
    with django_assert_max_num_queries(20):
        back = undo(made[500], by)
    assert (len(back), len({each.batch for each in back})) == (1_000, 1)
    assert Item.objects.filter(status="new", closed_at=None).count() == 1_000
    assert len(undo(back[7], by)) == 1_000


def test_of_a_batch_what_was_undone_alone_stays_so(cars, by):
    items = some_items(cars, 3)
    made = set_blocker(items, by, True)
    Decision.objects.filter(pk=made[0].pk).update(batch=None)
    undo(Decision.objects.get(pk=made[0].pk), by)
    Decision.objects.filter(pk=made[0].pk).update(batch=made[1].batch)
    assert {each.item_id for each in undo(made[1], by)} == {items[1].pk, items[2].pk}


def test_what_somebody_changed_since_is_not_undone(item, by, bob):
    (decision,) = set_status([item], by, "investigating")
    set_owner([item], bob, name="API team")
    set_status([item], bob, "resolved")
    with pytest.raises(Overtaken, match=r"^bob changed the status on .* UTC, after this\.$"):
        undo(decision, by)
    assert Item.objects.get().status == "resolved"
    (owner,) = Decision.objects.of_item(item).filter(what="owner")
    undo(owner, by)
    assert Item.objects.get().owner_name == ""


def test_what_was_changed_and_undone_since_stands_in_nobodys_way(item, by, bob):
    (decision,) = set_status([item], by, "investigating")
    (later,) = set_status([item], bob, "resolved")
    (back,) = undo(later, bob)
    (again,) = undo(back, bob)
    with pytest.raises(Overtaken, match="bob changed the status"):
        undo(decision, by)
    undo(again, bob)
    undo(decision, by)
    assert Item.objects.get().status == "new"


def test_one_item_of_a_batch_that_was_changed_since_holds_back_all(cars, by, bob):
    items = some_items(cars, 3)
    made = set_owner(items, by, name="API team")
    set_owner(items[2:], bob, name="Web team")
    with pytest.raises(Overtaken, match="bob changed the owner"):
        undo(made[0], by)
    assert Item.objects.filter(owner_name="API team").count() == 2


def test_lineup_too_may_have_changed_it_since(item, by, cars):
    (decision,) = set_status([item], by, "observing")
    ran_later(cars)
    with pytest.raises(Overtaken, match="Lineup changed the status"):
        undo(decision, by)


def test_an_item_that_came_back_is_not_opened_again_by_undoing(item, by, cars):
    (decision,) = set_status([item], by, "resolved")
    ran_later(cars)
    with pytest.raises(Overtaken, match="came back since"):
        undo(decision, by)
    assert Item.objects.open().count() == 1


def test_that_something_failed_cannot_be_undone(item, by, cars):
    set_status([item], by, "resolved")
    ran_later(cars)
    for decision in Decision.objects.filter(what__in=("opened", "came_back")):
        with pytest.raises(ValueError, match="is no decision"):
            undo(decision, by)


def test_a_note_is_withdrawn_and_stays_on_record(item, by):
    said = note(item, by, "wrong item")
    (back,) = undo(said, by)
    assert (back.before, back.after, back.undoes) == ({}, {}, said)
    assert note(item, by, "wrong item").pk > said.pk
    told = Decision.objects.of_item(item)
    assert [getattr(each, "undone_by", None) for each in told] == [None, None, back, None]


def test_what_was_said_of_a_verdict_is_taken_back_and_what_was_said_before_counts_again(item, by, bob, cars):
    first = answer(item, by, True)
    second = answer(item, bob, False, "lost_state", "redeploy", "a deploy ran")
    with pytest.raises(Overtaken, match="bob has judged the verdict since"):
        undo(first, by)
    (back,) = undo(second, by)
    assert undo(second, by) == (back,)
    assert [one.pk for one in Judgement.objects.that_count(cars)] == [first.judgement_id]
    assert [one.pk for one in Judgement.objects.of_group(item.group)] == [first.judgement_id]
    assert sum(row["judged"] for row in Judgement.objects.accuracy(cars)) == 1
    assert Judgement.objects.mistaken_for(cars) == Judgement.objects.overruled(cars) == []
    assert Judgement.objects.count() == 3, "all that was ever said stays"
    undo(first, by)
    assert Judgement.objects.accuracy(cars) == Judgement.objects.calibration(cars) == []
    with pytest.raises(ValueError, match="say it again"):
        undo(back, by)
    third = answer(item, by, True)
    assert third.judgement_id not in (first.judgement_id, second.judgement_id)
    judge(bob.user, None, TEST, False, "test_error", group=item.group)
    with pytest.raises(Overtaken, match="bob has judged"):
        undo(third, by)


def test_an_owner_whose_account_is_gone_comes_back_by_name_only(item, by, bob):
    set_owner([item], by, user=bob.user)
    (decision,) = set_owner([item], by, name="API team")
    bob.user.delete()
    undo(decision, by)
    item.refresh_from_db()
    assert (item.owner, item.owner_name) == (None, "bob")


def test_an_undo_belongs_to_the_meeting_of_its_decision_while_that_runs(item, by, cars):
    now = timezone.now()
    meeting = Meeting.objects.create(project=cars, name="m", since=now, began_at=now)
    (first,) = set_blocker([item], by, True, meeting=meeting)
    (second,) = set_due([item], by, date(2026, 12, 1), meeting=meeting)
    assert undo(first, by)[0].meeting == meeting
    Meeting.objects.update(ended_at=now)
    assert undo(Decision.objects.get(pk=second.pk), by)[0].meeting is None


def test_a_decision_on_an_item_that_is_gone_is_not_undone(item, by):
    (decision,) = set_blocker([item], by, True)
    item.delete()
    assert undo(decision, by) == ()
