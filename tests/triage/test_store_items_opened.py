"""What runs say of items: new, came back, failed again, stayed away; once, however often a run is analysed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.triage.histories import TEST, a_report, ran
from tests.triage.items import a_person, an_item, ran_later, some_items
from tests.triage.made import a_project
from triage.models import Decision, FailureGroup, Item, Meeting, NoticeRule, Occasion
from triage.querysets.items import PASSES
from triage.store import decisions
from triage.store.history import mark_experiment
from triage.store.items import LINEUP, Actor, Passes, opened, passes_of, set_status, undo, watch
from triage.store.recall import test_key

OTHER = "tests/test_cars.py::test_names"
pytestmark = pytest.mark.django_db


@pytest.fixture
def cars():
    return a_project()


@pytest.fixture
def by(cars):
    return Actor.of(a_person("ada", cars))


def whats(item):
    return [each.what for each in Decision.objects.of_item(item)][::-1]


def test_a_failure_not_seen_before_opens_an_item(cars):
    run = ran(cars, (TEST, True, True), (OTHER, False, None), name="nightly #7")
    item = Item.objects.get()
    assert (item.group, item.status, item.opened_by, item.earlier) == (FailureGroup.objects.get(), "new", run, None)
    assert (item.owner_name, item.version, item.closed_at) == ("", 1, None)
    (decision,) = Decision.objects.of_item(item)
    assert (decision.what, decision.who, decision.user) == ("opened", "Lineup", None)
    assert (decision.text, decision.after) == ("First seen in nightly #7.", {"run": str(run.pk)})


def test_further_failures_and_repeated_analyses_add_nothing(cars):
    run = ran(cars)
    ran(cars)
    for _ in range(2):
        decisions.keep(run, a_report())
    assert (Item.objects.count(), Decision.objects.count()) == (1, 1)


def test_an_experiment_opens_nothing_until_it_is_called_an_ordinary_run(cars):
    run = ran(cars, experiment="one_process")
    assert not Item.objects.exists()
    mark_experiment(run, "fix")
    assert not Item.objects.exists()
    mark_experiment(run, "")
    assert Item.objects.get().opened_by == run


def test_a_failure_after_the_item_was_resolved_is_a_new_item_linked_to_the_old(cars, by):
    old = an_item(cars)
    meeting = Meeting.objects.create(project=cars, name="m", since=timezone.now(), began_at=timezone.now())
    meeting.agenda.create(item=old, position=0, section="open", reason="")
    set_status([old], by, "resolved")
    run = ran_later(cars, name="nightly #8")
    new = Item.objects.open().get()
    assert (new.earlier, new.group, new.status, new.opened_by) == (old, old.group, "new", run)
    assert Decision.objects.of_item(new).get().text == "It came back in nightly #8."
    old.refresh_from_db()
    assert (old.status, old.later) == ("resolved", new)
    meeting.refresh_from_db()
    assert meeting.version == 3
    ran_later(cars)
    decisions.keep(run, a_report())
    assert Item.objects.count() == 2
    set_status([new], by, "resolved")
    decisions.keep(run, a_report())
    assert Item.objects.count() == 2, "that run was known when it was resolved"


def test_an_older_run_does_not_come_back(cars, by):
    item = an_item(cars)
    set_status([item], by, "resolved")
    decisions.keep(item.opened_by, a_report())
    ran(cars)  # it ran long ago and is handed in late
    ran_later(cars, started_at=timezone.now() - timedelta(hours=1))  # it began before the item was resolved
    assert Item.objects.count() == 1


@pytest.mark.parametrize("status", ["fix_claimed", "observing"])
def test_a_failure_while_a_fix_is_watched_says_that_it_is_none(status, cars, by):
    item = an_item(cars)
    set_status([item], by, status)
    ran(cars)
    item.refresh_from_db()
    assert item.status == status, "that run was before the fix"
    run = ran_later(cars, name="nightly #9")
    item.refresh_from_db()
    assert (item.status, item.observing_since, item.passes_wanted, item.version) == ("investigating", None, None, 3)
    newest = Decision.objects.of_item(item)[0]
    assert (newest.what, newest.who, newest.text) == ("failed_again", "Lineup", "It failed again in nightly #9.")
    assert newest.after["run"] == str(run.pk)
    decisions.keep(run, a_report())
    assert whats(item) == ["opened", "status", "failed_again"]
    undo(newest, by)
    decisions.keep(run, a_report())
    item.refresh_from_db()
    assert item.status == status, "a person said that this failure is not counted"
    ran_later(cars)
    item.refresh_from_db()
    assert item.status == "investigating"


def test_an_experiment_that_fails_says_nothing_of_the_fix(cars, by):
    item = an_item(cars)
    watch([item], by, 3)
    ran_later(cars, experiment="one_process")
    item.refresh_from_db()
    assert item.status == "observing"


def test_passes_are_counted_in_ordinary_runs_since_the_fix(cars, by, django_assert_num_queries):
    first, second = an_item(cars), an_item(cars, OTHER)
    ran(cars, (TEST, False, False))
    watch([first], by, 40)
    ran_later(cars, (TEST, False, False), (OTHER, False, None))
    ran_later(cars, (TEST, False, False), experiment="one_process")
    ran_later(cars, (TEST, True, False), message="another failure of the same test")
    ran_later(a_project("trucks"), (TEST, False, False))
    items = list(Item.objects.order_by("pk"))
    with django_assert_num_queries(1):
        assert passes_of(items) == {first.pk: Passes(passed=1, failed=1)}
    with django_assert_num_queries(0):
        assert passes_of([second]) == {}


def test_counting_passes_uses_the_index_of_a_tests_occasions(cars, by):
    item, run = an_item(cars), ran(cars, (OTHER, False, None))
    watch([item], by, 20)
    Occasion.objects.bulk_create(
        Occasion(project=cars, run=run, test_key=key, test="t", at=run.received_at, failed=False)
        for key in range(1, 3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE triage_occasion")
        cursor.execute(f"EXPLAIN {PASSES}", [[item.pk]])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "occasions_of_a_test" in plan, plan
    assert "Seq Scan on triage_occasion" not in plan


def test_enough_passes_resolve_what_is_watched(cars, by):
    item = an_item(cars)
    watch([item], by, 2)
    ran(cars, (TEST, False, False))
    run = ran_later(cars, (TEST, False, False))
    item.refresh_from_db()
    assert item.status == "observing"
    ran_later(cars, (TEST, False, False))
    item.refresh_from_db()
    assert (item.status, item.passes_wanted) == ("resolved", 2)
    newest = Decision.objects.of_item(item)[0]
    assert (newest.what, newest.who, newest.after["passes"]) == ("status", "Lineup", 2)
    assert newest.text.startswith("Its test passed in 2 runs since ")
    decisions.keep(run, a_report((TEST, False, False)))
    assert whats(item) == ["opened", "watch", "status"]
    undo(newest, by)
    ran_later(cars, (TEST, False, False))
    item.refresh_from_db()
    assert item.status == "observing", "a person took that back, so it is theirs to resolve"


def test_a_run_in_which_the_test_fails_in_another_way_resolves_nothing(cars, by):
    item = an_item(cars)
    watch([item], by, 1)
    ran_later(cars, (TEST, True, False), message="another failure")
    ran_later(cars, (OTHER, False, None))
    ran_later(cars, (TEST, False, False), experiment="fix")
    item.refresh_from_db()
    assert item.status == "observing"


def test_many_failures_at_once_cost_few_queries(cars, by):
    cases = [(f"t.py::test_{n}", True, None) for n in range(50)]
    ran(cars, *cases)
    items = list(Item.objects.order_by("pk"))
    assert len(items) == 50
    run, groups = ran(cars), list(FailureGroup.objects.filter(test__startswith="t.py"))
    with CaptureQueriesContext(connection) as nothing_new:
        opened(run, groups)
    assert len(nothing_new) <= 2
    set_status(items[:25], by, "resolved")
    set_status(items[25:], by, "fix_claimed")
    with CaptureQueriesContext(connection) as all_new:
        ran_later(cars, *cases)
    assert sum("triage_item" in query["sql"] or "triage_decision" in query["sql"] for query in all_new) <= 12
    assert Item.objects.filter(earlier__isnull=False).count() == 25
    assert Decision.objects.filter(what="failed_again").count() == 25


def test_rules_that_ask_are_told_once_of_each(cars, by):
    events = ["opened", "came_back", "failed_again"]
    rule = NoticeRule.objects.create(project=cars, name="all", channel="slack", target="#ci", events=events)
    item = an_item(cars)
    set_status([item], by, "fix_claimed")
    run = ran_later(cars)
    set_status([item], by, "resolved")
    again = ran_later(cars)
    for each in (run, again):
        decisions.keep(each, a_report())
    told = rule.notices.order_by("pk")
    assert sorted(notice.event for notice in told) == sorted(events)
    assert all(notice.data["test"] == TEST for notice in told)


def test_projects_have_items_of_their_own(cars, by):
    trucks = a_project("trucks")
    set_status([an_item(cars)], by, "resolved")
    ran_later(trucks)
    assert Item.objects.of_project(trucks).get().earlier is None
    assert not Item.objects.of_project(cars).open().exists()


def test_a_hostile_name_of_a_run_stays_text(cars):
    ran(cars, name="<b>\u202e" + "x" * 290)
    assert Decision.objects.get().text.startswith("First seen in <b>\u202e")


def test_an_item_that_a_person_opened_again_is_not_opened_twice(cars, by):
    item = an_item(cars)
    set_status([item], by, "resolved")
    set_status([item], by, "new")
    ran_later(cars)
    assert Item.objects.get() == item


def test_a_groups_last_item_counts_whatever_became_of_those_before(cars, by):
    (old,) = some_items(cars, 1)
    set_status([old], LINEUP, "resolved")
    now = timezone.now()
    new = Item.objects.create(project=cars, group=old.group, earlier=old, opened_at=now, touched_at=now)
    opened(ran_later(cars, (OTHER, False, None)), [old.group])
    assert set(Item.objects.filter(group=old.group)) == {old, new}
    assert test_key(old.group.test) != old.group.test_key, "made by hand"
