"""History outlives the lines, and is forgotten long after them without its counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.triage.histories import TEST, a_report, ran
from tests.triage.made import a_project
from triage.models import FailureGroup, Occasion, Run
from triage.store import decisions, history, retention

TODAY = datetime(2026, 11, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def cars():
    project = a_project()
    project.retention_days = 10
    project.save()
    return project


def aged(project, days: int, *cases):
    at = TODAY - timedelta(days=days)
    return ran(project, *cases, received_at=at, changed_at=at, received_on=at.date())


def test_occasions_stay_three_times_as_long_as_lines_and_their_groups_go_on_counting(cars, monkeypatch):
    monkeypatch.setattr(history, "remembered_from", lambda *_: date.min)
    old, young = aged(cars, 31), aged(cars, 29)
    aged(cars, 40, (TEST, False, False))
    trucks = a_project("trucks")
    theirs = aged(trucks, 31)
    assert retention.forget_history(cars, TODAY.date()) == 2
    assert set(Occasion.objects.values_list("run", flat=True)) == {young.pk, theirs.pk}
    group = FailureGroup.objects.of_project(cars).get()
    assert (group.occurrences, group.forgotten, group.first_seen) == (2, 1, old.received_at)
    aged(cars, 1)
    group.refresh_from_db()
    assert (group.occurrences, group.first_seen) == (3, old.received_at)
    assert retention.forget_history(cars, TODAY.date()) == 0
    assert Run.objects.filter(pk=old.pk).exists()


def test_much_is_forgotten_in_small_steps(cars, monkeypatch):
    monkeypatch.setattr(history, "remembered_from", lambda *_: date.min)
    monkeypatch.setattr(retention, "OCCASIONS", 2)
    for _ in range(5):
        aged(cars, 31)
    assert retention.forget_history(cars, TODAY.date()) == 5
    assert FailureGroup.objects.get().forgotten == 5


def test_a_run_that_history_has_forgotten_is_not_counted_again(cars):
    at = datetime.now(UTC) - timedelta(days=31)
    run = ran(cars, received_at=at, changed_at=at, received_on=at.date())
    assert decisions.keep(run, a_report())
    assert not Occasion.objects.exists()
