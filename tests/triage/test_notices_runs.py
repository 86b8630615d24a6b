"""A run's own notification: once, in its newest words, and never at the cost of the run's answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings

from config.celery import app
from tests.dashboard import factory
from tests.dashboard.build import SUMMARY, original
from tests.stand_ins.server import Answer, running
from tests.stand_ins.slack import Slack
from tests.triage.noticed import a_failure, a_rule, sent, told
from triage import tasks
from triage.core.findings import VerdictKind
from triage.models import Delivery, Notice, Project, Run
from triage.store import decisions, deliveries, work
from triage.store.notices import tell


@pytest.fixture
def slack() -> Iterator[Slack]:
    with running(Slack()) as stand_in:
        yield stand_in


@pytest.fixture
def cars(db: None) -> Project:
    return factory.project("cars-api")


def kept(cars: Project, build=None, **more: object) -> Run:
    build = build or original()
    run = factory.analysed(cars, build, **more)
    assert decisions.keep(run, build.report())
    return run


def test_a_run_with_failures_is_told_once_however_often_it_is_analysed(cars, slack):
    a_rule(cars, secret=slack.webhook, events=["run"])
    run = kept(cars)
    sent()
    decisions.keep(run, original().report())
    sent()
    (message,) = slack.messages
    assert "1 of 1 test failed in nightly" in message["text"]
    assert "written by gunicorn" in message["text"] and "successfully added" in message["text"]
    assert f"/runs/{run.pk}?test=tests%2Ftest_api_example.py" in message["text"]


def test_what_was_not_sent_yet_is_sent_in_the_newest_words(cars, slack):
    a_rule(cars, secret=slack.webhook, events=["run"])
    run = kept(cars, original(kind=VerdictKind.UNEXPLAINED, summary="The server log is missing."))
    decisions.keep(run, original().report())
    sent()
    (message,) = slack.messages
    assert "Split state" in message["text"] and "is missing" not in message["text"]


@pytest.mark.parametrize(
    ("filters", "reaches"), [({"kinds": ["test_error"]}, False), ({"kinds": ["split_state"]}, True),
                             ({"branches": "release/*"}, False), ({"level": "confirmed"}, False)],
)  # fmt: skip
def test_a_run_is_told_where_one_of_its_failures_is_asked_for(cars, slack, filters, reaches):
    a_rule(cars, secret=slack.webhook, events=["run"], **filters)
    kept(cars)
    sent()
    assert bool(slack.messages) is reaches


def test_new_failures_of_a_run_are_told_by_the_items_that_it_opens(cars, slack):
    a_rule(cars, secret=slack.webhook, events=["opened"])
    kept(cars)
    sent()
    (message,) = slack.messages
    assert "new failure" in message["text"]
    assert SUMMARY in str(message["blocks"])


def test_a_defect_of_notifications_does_not_cost_a_run_its_answer(cars, slack, monkeypatch, caplog):
    a_rule(cars, secret=slack.webhook, events=["run"])
    monkeypatch.setattr("triage.store.run_notices._data", lambda *_: 1 / 0)
    run = kept(cars)
    run.refresh_from_db()
    assert run.status == "ready" and run.verdicts.count() == 1
    assert "could not be noted" in caplog.text


def test_text_and_numbers_that_postgres_does_not_take_are_taken(cars, slack):
    a_rule(cars, secret=slack.webhook)
    tell(cars.pk, "opened", "k" * 500, a_failure(test="a\0b\ud800", confidence=float("nan"), summary="s" * 10_000))
    sent()
    assert len(slack.messages) == 1
    assert len(Notice.objects.get().data["summary"]) == 4_000


@pytest.mark.django_db(transaction=True)
def test_the_scheduled_task_sends_and_one_at_a_time(slack):
    entry = django_settings.CELERY_BEAT_SCHEDULE["send notifications"]
    assert entry["task"] in app.tasks
    cars = factory.project("cars-api")
    a_rule(cars, secret=slack.webhook)
    told(cars)
    with work.hold(tasks.SENDER):
        tasks.send_notices()
        assert slack.messages == []
    tasks.send_notices()
    assert len(slack.messages) == 1


def test_old_messages_go_with_what_was_in_them_and_what_waits_stays(cars, slack):
    a_rule(cars, secret=slack.webhook)
    told(cars)
    sent()
    slack.moods.append(Answer(503))
    told(cars, "item:13")
    sent()
    deliveries.forget(cars, datetime.now(UTC) + timedelta(seconds=1))
    assert Delivery.objects.get().sent_at is None
    assert Notice.objects.count() == 1
    tasks.drop_old_partitions()
    assert Delivery.objects.count() == 1
