"""What a project sets about its own logs is written whole, within its limits, and can be undone."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.utils import timezone

from tests.dashboard import factory
from triage.models import LineFormat, Project, RedactionPattern
from triage.store import settings as store

TOLD = {"side": "server", "kind": "template", "pattern": "{time} {message}", "time": "", "sample": ""}


def add(project: Project, name: str = "billing") -> LineFormat:
    return store.add_line_format(project, None, timezone.now(), name=name, slug=f"custom-{name}", **TOLD)


@pytest.fixture
def cars(db: None) -> Project:
    return factory.project("cars-api")


def test_a_line_format_is_added_changed_deleted_and_brought_back(cars: Project):
    row = add(cars)
    changed = store.change_line_format(cars, row.pk, timezone.now(), name="bills", slug="custom-bills", **TOLD)
    assert changed is not None
    assert [each.name for each in LineFormat.objects.in_use(cars)] == ["bills"]
    assert changed.changed_at > row.changed_at
    assert store.delete_line_format(cars, row.pk, timezone.now()) is not None
    assert list(LineFormat.objects.in_use(cars)) == []
    assert store.delete_line_format(cars, row.pk, timezone.now()) is None
    assert store.restore_line_format(cars, row.pk) is not None
    assert [each.name for each in LineFormat.objects.in_use(cars)] == ["bills"]


def test_two_of_one_name_are_refused_until_the_first_is_gone(cars: Project):
    first = add(cars)
    with pytest.raises(store.Refused, match="already has one named “billing”"):
        add(cars)
    other = add(cars, "other")
    with pytest.raises(store.Refused, match="already"):
        store.change_line_format(cars, other.pk, timezone.now(), name="billing", slug="custom-billing", **TOLD)
    store.delete_line_format(cars, first.pk, timezone.now())
    add(cars)
    with pytest.raises(store.Refused, match="already"):
        store.restore_line_format(cars, first.pk)


def test_a_project_has_so_many_and_no_more(cars: Project):
    rows = [add(cars, f"format {number}") for number in range(store.LINE_FORMATS)]
    with pytest.raises(store.Refused, match="at most 20 line formats"):
        add(cars, "one more")
    store.delete_line_format(cars, rows[0].pk, timezone.now())
    add(cars, "one more")
    with pytest.raises(store.Refused, match="at most"):
        store.restore_line_format(cars, rows[0].pk)


def test_another_projects_settings_do_not_exist(cars: Project):
    others = factory.project("others")
    row = add(others)
    pattern = store.add_redaction_pattern(others, None, timezone.now(), name="customer", pattern="C-[0-9]+")
    now = timezone.now()
    assert store.change_line_format(cars, row.pk, now, name="x", slug="custom-x", **TOLD) is None
    assert store.delete_line_format(cars, row.pk, now) is None
    assert store.delete_redaction_pattern(cars, pattern.pk, now) is None
    store.delete_line_format(others, row.pk, now)
    store.delete_redaction_pattern(others, pattern.pk, now)
    assert store.restore_line_format(cars, row.pk) is None
    assert store.restore_redaction_pattern(cars, pattern.pk) is None


def test_a_redaction_pattern_is_added_deleted_and_brought_back(cars: Project):
    row = store.add_redaction_pattern(cars, None, timezone.now(), name="customer", pattern="C-[0-9]+")
    with pytest.raises(store.Refused, match="already"):
        store.add_redaction_pattern(cars, None, timezone.now(), name="customer", pattern="D-[0-9]+")
    assert store.delete_redaction_pattern(cars, row.pk, timezone.now()) is not None
    assert list(RedactionPattern.objects.in_use(cars)) == []
    assert store.restore_redaction_pattern(cars, row.pk) is not None
    for number in range(store.REDACTION_PATTERNS - 1):
        store.add_redaction_pattern(cars, None, timezone.now(), name=f"p{number}", pattern="x")
    with pytest.raises(store.Refused, match="at most 20 redaction patterns"):
        store.add_redaction_pattern(cars, None, timezone.now(), name="more", pattern="x")


@pytest.mark.django_db(transaction=True)
def test_two_people_who_save_at_once_meet_the_same_limit():
    cars = factory.project("cars-api")
    for number in range(store.LINE_FORMATS - 1):
        add(cars, f"format {number}")
    refused = []

    def save(number: int) -> None:
        try:
            add(cars, f"late {number}")
        except store.Refused:
            refused.append(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert LineFormat.objects.in_use(cars).count() == store.LINE_FORMATS
    assert len(refused) == 3
