"""Days of the entry table come and go without anyone noticing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from tests.triage.made import a_part, a_project, a_run, an_entry
from triage import tasks
from triage.models import Entry, Part, Run
from triage.store import entries, partitions, readings

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2025, 3, 1)


@pytest.fixture(autouse=True)
def no_days_left_over():
    partitions.drop(date(9999, 1, 1))
    yield
    partitions.drop(date(9999, 1, 1))


def test_a_day_is_made_once_however_many_ask_at_once():
    def ask(_):
        try:
            return partitions.ensure(DAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(ask, range(12))) == {"triage_entry_20250301"}
    assert partitions.days() == [DAY]


def test_a_day_can_be_made_while_another_one_is_being_loaded():
    part = a_part(a_run(at=datetime(2025, 3, 1, tzinfo=UTC)))

    def stream():
        yield an_entry(1)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: (partitions.ensure(date(2025, 3, 2)), connection.close())).result(10)
        yield an_entry(2)

    readings.keep_server(part, readings.Read(format="journal-short", entries=2), stream())
    assert Entry.objects.count() == 2
    assert len(partitions.days()) == 2


def test_old_days_are_dropped_and_newer_ones_stay():
    for ahead in range(3):
        partitions.ensure(DAY + timedelta(days=ahead))
    assert partitions.drop(DAY + timedelta(days=2)) == [DAY, DAY + timedelta(days=1)]
    assert partitions.days() == [DAY + timedelta(days=2)]
    assert partitions.drop(DAY) == []


def test_a_table_left_over_by_a_removal_that_was_cut_short_is_no_obstacle():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE triage_entry_20250301 (LIKE triage_entry)")
    partitions.ensure(DAY)
    assert partitions.days() == [DAY]


def test_retention_takes_the_lines_and_leaves_the_run_and_its_verdicts():
    today = datetime.now(UTC)
    project = a_project()
    project.retention_days = 10
    project.save()
    kept = {}
    for age in (1, 11):
        run = a_run(f"ci/{age}", at=today - timedelta(days=age), status=Run.Status.READY)
        kept[age] = a_part(run)
        readings.keep_server(kept[age], readings.Read(entries=1), [an_entry(1)])
    tasks.drop_old_partitions()
    assert list(Entry.objects.values_list("part_id", flat=True)) == [kept[1].pk]
    assert Run.objects.get(run_key="ci/11").lines_gone_at is not None
    assert Run.objects.get(run_key="ci/1").lines_gone_at is None
    assert Part.objects.get(pk=kept[11].pk).kept == 0
    assert today.date() + timedelta(days=1) in partitions.days()


def test_a_project_that_keeps_less_long_than_another_loses_only_its_own_lines():
    today = datetime.now(UTC)
    for slug, days in (("cars", 5), ("bikes", 50)):
        project = a_project(slug)
        project.retention_days = days
        project.save()
    old = today - timedelta(days=9)
    mine = a_part(a_run(at=old, status=Run.Status.READY))
    theirs_run = a_run("other", at=old, status=Run.Status.READY)
    Run.objects.filter(pk=theirs_run.pk).update(project=a_project("bikes"))
    theirs = a_part(theirs_run)
    for part in (mine, theirs):
        readings.keep_server(part, readings.Read(entries=1), [an_entry(1)])
    tasks.drop_old_partitions()
    assert list(Entry.objects.values_list("part_id", flat=True)) == [theirs.pk]


def test_a_run_whose_lines_are_gone_is_not_decided_anew():
    run = a_run(status=Run.Status.READY, lines_gone_at=datetime.now(UTC), revision=1, read_revision=1)
    assert tasks.analyse_again(run.pk) is False


def test_the_rows_of_a_day_can_be_dropped_while_others_are_read():
    part = a_part(a_run(at=datetime(2025, 3, 1, tzinfo=UTC)))
    readings.keep_server(part, readings.Read(entries=1), [an_entry(1)])
    partitions.ensure(date(2025, 3, 9))
    entries.remove([part.pk], DAY)
    assert partitions.drop(date(2025, 3, 5)) == [DAY]
