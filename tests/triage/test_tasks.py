"""Deciding on a run: once, on the newest evidence, and with a sentence where it cannot be done."""

from __future__ import annotations

from datetime import date

import pytest
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

from tests.triage.made import a_part, a_run, an_entry
from triage import tasks
from triage.core.records import Outcome, PartRecords, Side, TestResult
from triage.models import FailureGroup, Occasion, Run, Test, Verdict
from triage.store import history, partitions, readings, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tasks_run_at_once():
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False
    partitions.drop(date(9999, 1, 1))


@pytest.fixture
def run():
    run = a_run(read_revision=1, status="processing")
    tests, server = a_part(run, "tests", "junit.xml"), a_part(run)
    result = TestResult(test="t.py::test_a", outcome=Outcome.FAILED, message="AssertionError")
    readings.keep_tests(tests, readings.Read(format="junit"), PartRecords(name="", side=Side.TESTS, results=(result,)))
    readings.keep_server(server, readings.Read(format="journal-short", entries=2), [an_entry(1), an_entry(2)])
    return run


def analysed(run: Run) -> Run:
    tasks.analyse_run(str(run.pk))
    run.refresh_from_db()
    return run


def test_a_run_that_is_read_becomes_ready(run):
    assert analysed(run).status == "ready"
    assert (run.tests_total, run.tests_failed, run.attempts) == (1, 1, 0)
    assert Test.objects.get().nodeid == "t.py::test_a"


def test_deciding_twice_costs_nothing(run, monkeypatch):
    analysed(run)
    monkeypatch.setattr(tasks, "analyse", lambda _: pytest.fail("it was decided already"))
    assert analysed(run).status == "ready"


def test_a_run_whose_parts_are_not_read_yet_waits(run):
    Run.objects.update(revision=2, status="queued")
    assert analysed(run).status == "queued"
    assert run.touched_at == work.OVERDUE, "the sweep shall take it"


def test_a_defect_of_the_core_becomes_a_sentence_and_no_loop(run, monkeypatch):
    monkeypatch.setattr(tasks, "analyse", lambda _: 1 / 0)
    assert analysed(run).status == "failed"
    assert "failed inside Lineup" in run.error
    assert work.take_overdue(work.timedelta(0), work.timedelta(0)) == []


def test_a_run_leaves_its_occasion_and_its_group(run):
    analysed(run)
    assert Occasion.objects.get().group == FailureGroup.objects.get()
    analysed(run)
    assert FailureGroup.objects.get().occurrences == 1


def test_a_defect_in_weighing_history_does_not_cost_the_run_its_answer(run, monkeypatch):
    monkeypatch.setattr(history, "weigh_groups", lambda *_: 1 / 0)
    assert analysed(run).status == "ready"
    assert tasks.UNWEIGHED in run.remarks
    assert Verdict.objects.count() == 1
    assert not Occasion.objects.exists(), "half of it would be worse than none"


def test_a_lineup_that_takes_too_long_becomes_a_sentence(run, monkeypatch):
    def slow(_):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(tasks, "analyse", slow)
    assert "too long" in analysed(run).error


def test_a_run_that_kills_its_worker_every_time_is_given_up(run, monkeypatch):
    monkeypatch.setattr(tasks, "analyse", lambda _: pytest.fail("not again"))
    Run.objects.update(attempts=tasks.TRIES)
    assert analysed(run).status == "failed"
    assert "10 times" in run.error


def test_a_database_that_goes_away_leaves_the_run_to_another_try(run, monkeypatch):
    def gone(_):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(tasks, "analyse", gone)
    with pytest.raises(OperationalError):
        tasks.analyse_run.run(str(run.pk))
    run.refresh_from_db()
    assert run.status == "processing"
    assert [one.pk for one in work.take_overdue(work.timedelta(0), work.timedelta(0))] == [run.pk]


def test_a_person_can_ask_for_a_new_answer(run):
    analysed(run)
    Test.objects.update(message="old")
    assert tasks.analyse_again(run.pk)
    run.refresh_from_db()
    assert (run.status, Test.objects.get().message) == ("ready", "AssertionError")


def test_a_failed_run_is_read_from_its_files_again_when_a_person_asks(run):
    work.fail(run, "no")
    assert tasks.analyse_again(run.pk)
    run.refresh_from_db()
    assert (run.status, run.read_revision, run.parts.first().state) == ("queued", 0, "stored")


def test_a_run_that_was_deleted_while_it_waited_is_no_error():
    tasks.analyse_run("00000000-0000-0000-0000-000000000000")
