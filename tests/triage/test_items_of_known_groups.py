"""The migration that opens items for the failures that were known before there were items."""

from __future__ import annotations

import importlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from tests.triage.histories import ran
from tests.triage.made import a_project
from triage.models import Decision, FailureGroup, Item

migration = importlib.import_module("triage.migrations.0008_items_of_known_groups")
pytestmark = pytest.mark.django_db(transaction=True)


class Editor:
    connection = connection


@pytest.fixture
def groups():
    """Failures as they were before: without an item."""
    cars = a_project()
    ran(cars, *((f"t.py::test_{n}", True, None) for n in range(6)))
    Item.objects.all().delete()
    now = timezone.now()
    found = list(FailureGroup.objects.order_by("pk"))
    seen = (1, 89, 91, 400, 400, 1)
    for group, days in zip(found, seen, strict=True):
        group.first_seen = now - timedelta(days=500)
        group.last_seen = now - timedelta(days=days)
    found[3].status = "fixed"
    found[5].occurrences = 0
    FailureGroup.objects.bulk_update(found, ["first_seen", "last_seen", "status", "occurrences"])
    return found


def test_what_was_seen_lately_is_new_and_what_is_fixed_is_resolved(groups, monkeypatch):
    monkeypatch.setattr(migration, "BATCH", 2)
    for _ in range(2):  # stopped and begun again
        migration.open_items(apps, Editor)
    items = Item.objects.order_by("group_id")
    assert [(item.group, item.status) for item in items] == [
        (groups[0], "new"), (groups[1], "new"), (groups[3], "resolved"),
    ]  # fmt: skip
    assert [item.closed_at is not None for item in items] == [False, False, True]
    assert items[0].opened_at == groups[0].first_seen
    assert set(Decision.objects.values_list("what", "who")) == {("opened", "Lineup")}
    assert Decision.objects.count() == 3
    assert Decision.objects.of_item(items[0])[0].text.startswith("Known already; last seen on ")


def test_a_failure_that_was_known_for_longer_is_opened_when_it_fails_again(groups):
    migration.open_items(apps, Editor)
    run = ran(groups[2].project, (groups[2].test, True, None), name="nightly")
    item = Item.objects.get(group=groups[2])
    assert (item.status, item.opened_by) == ("new", run)
    ran(groups[2].project, (groups[2].test, True, None))
    assert Item.objects.filter(group=groups[2]).count() == 1
