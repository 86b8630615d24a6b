"""Each message is sent once: by several workers at once, and by one that is killed while it sends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection

from config.home import BASE_DIR
from tests.stand_ins.server import running
from tests.stand_ins.slack import Slack
from tests.triage.made import a_project
from tests.triage.noticed import a_failure, a_rule, told
from triage.models import Delivery, Notice
from triage.notices import sending
from triage.store import deliveries
from triage.store.notices import tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slack() -> Iterator[Slack]:
    with running(Slack()) as stand_in:
        yield stand_in


def a_worker() -> subprocess.Popen[bytes]:
    """Another process that sends what is due, on the test's own database."""
    script = "import django; django.setup(); from triage.notices.sending import send_due; send_due(30)"
    url = settings.DATABASES["default"]
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}",
    }
    assert url["NAME"] == connection.settings_dict["NAME"]
    return subprocess.Popen([sys.executable, "-c", script], cwd=BASE_DIR, env=env)


def until(done: object, patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while not done():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_many_workers_at_once_send_each_message_once(slack):
    cars = a_project("cars-api")
    for n in range(6):
        a_rule(cars, secret=slack.webhook, name=f"rule {n}")
    for n in range(5):
        tell(cars.pk, "minutes", f"meeting:{n}", {"title": f"meeting {n}"})
    told(cars)
    slack.moods.extend([0.05] * 10)

    def work() -> None:
        try:
            sending.send_due(30)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    while sending.send_due(10):
        pass
    assert len(slack.messages) == 36
    assert Delivery.objects.exclude(sent_at=None).count() == 36
    assert not Delivery.objects.filter(attempts__gt=1).exists()


def test_what_is_told_at_once_by_many_is_noted_once(slack):
    cars = a_project("cars-api")
    a_rule(cars, secret=slack.webhook)

    def work() -> None:
        try:
            for n in range(20):
                tell(cars.pk, "opened", f"item:{n}", a_failure())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert Notice.objects.count() == 20


def test_a_worker_killed_while_it_sends_costs_one_repeat_at_most(slack):
    cars = a_project("cars-api")
    a_rule(cars, secret=slack.webhook)
    told(cars)
    for lost in (1, 2):
        slack.moods.append(60.0)  # the chat has it already, and does not say so
        worker = a_worker()
        until(lambda n=lost: len(slack.messages) == n)
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        row = Delivery.objects.get()
        assert row.sending and row.sent_at is None
        assert sending.send_due(5) == 0, "nobody takes it while its sender may still be alive"
        Delivery.objects.update(due_at=datetime.now(UTC) - timedelta(seconds=1))
    assert sending.send_due(5) == 0
    row = Delivery.objects.get()
    assert row.given_up_at and row.problem == deliveries.LOST_TWICE
    assert len(slack.messages) == 2


def test_a_worker_killed_before_it_sends_loses_nothing(slack):
    cars = a_project("cars-api")
    a_rule(cars, secret=slack.webhook)
    told(cars)
    deliveries.gather(datetime.now(UTC))
    assert deliveries.take(datetime.now(UTC)) is not None  # and its process is gone
    Delivery.objects.update(due_at=datetime.now(UTC) - timedelta(seconds=1))
    assert sending.send_due(5) == 1
    assert len(slack.messages) == 1


def test_a_sender_that_wakes_up_too_late_changes_nothing(slack):
    cars = a_project("cars-api")
    a_rule(cars, secret=slack.webhook)
    told(cars)
    deliveries.gather(datetime.now(UTC))
    slow = deliveries.take(datetime.now(UTC))
    Delivery.objects.update(due_at=datetime.now(UTC) - timedelta(seconds=1))
    assert sending.send_due(5) == 1
    sent_at = Delivery.objects.get().sent_at
    deliveries.finish(slow, sending.Never(problem="too late"), datetime.now(UTC))
    row = Delivery.objects.get()
    assert row.sent_at == sent_at and row.given_up_at is None
