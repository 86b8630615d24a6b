"""/healthz and /readyz, and what every answer carries for the browser."""

import logging
import sys
import time

import pytest
from django.core.cache import cache
from django.core.checks import run_checks

from config import health, heartbeat
from config.log_lines import Lines


def test_healthz_asks_nobody(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_readyz_names_what_does_not_answer(client, settings, tmp_path):
    settings.LINEUP_HOME = tmp_path
    settings.CELERY_BROKER_URL = "redis://:hunter2@127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    body = answer.json()
    assert body["status"] == "unavailable"
    assert {name: check["ok"] for name, check in body["checks"].items()} == {
        "database": True, "broker": False, "workers": False, "storage": True,
    }  # fmt: skip
    assert body["checks"]["workers"]["detail"] == "no worker reads interactive and bulk"
    assert "hunter2" not in answer.content.decode()


def test_a_check_that_hangs_is_given_up_and_not_started_twice(monkeypatch):
    begun = []

    def hangs():
        begun.append(1)
        time.sleep(1)
        return "late"

    monkeypatch.setattr(health, "CHECKS", (("slow", hangs),))
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    first, second = health.check_all(), health.check_all()
    assert first["slow"]["ok"] is second["slow"]["ok"] is False
    assert "no answer for" in second["slow"]["detail"]
    assert begun == [1]


@pytest.mark.django_db
def test_a_queue_is_read_while_its_worker_gives_signs_of_life(monkeypatch):
    cache.delete_many(["worker:interactive", "worker:bulk"])
    monkeypatch.setattr(heartbeat, "_last", 0.0)
    monkeypatch.setattr(heartbeat.connection, "close", lambda: None)  # the test's transaction lives in it
    assert heartbeat.unread_queues() == ("interactive", "bulk")
    heartbeat.beat(("bulk",))
    assert heartbeat.unread_queues() == ("interactive",)
    cache.delete("worker:bulk")
    heartbeat.beat(("bulk",))  # too soon after the last: it writes every few seconds only
    assert heartbeat.unread_queues() == ("interactive", "bulk")


def test_every_answer_forbids_scripts_in_the_page_and_frames_around_it(client):
    headers = client.get("/healthz").headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_an_unknown_host_name_is_refused(client):
    assert client.get("/healthz", headers={"host": "evil.example.com"}).status_code == 400


def ids(**kwargs):
    return {message.id for message in run_checks(**kwargs)}


def test_the_system_checks_say_what_cannot_work(settings, tmp_path):
    assert not {found for found in ids() if found.startswith("lineup.E")}
    settings.SECRET_KEY = "short"
    settings.LINEUP_HOME = tmp_path / "file" / "home"
    (tmp_path / "file").write_text("in the way")
    settings.PRODUCTION, settings.BASE_URL = True, ""
    assert {"lineup.E001", "lineup.E002", "lineup.E003"} <= ids()
    settings.BASE_URL, settings.HTTPS = "http://lineup.example.com", False
    assert "lineup.W001" in ids()


@pytest.mark.django_db
def test_the_database_is_checked_for_its_version():
    assert not {"lineup.E004", "lineup.E005"} & ids(databases=["default"])


def test_a_traceback_follows_what_failed_and_not_what_was_refused():
    try:
        raise ValueError("form")
    except ValueError:
        told = sys.exc_info()
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "no", (), told)
    assert "\n    Traceback" in Lines().format(record)
    refused = logging.LogRecord("django.request", logging.ERROR, "", 0, "no", (), told)
    refused.status_code = 413
    assert Lines().format(refused).endswith("django.request no")
    assert refused.exc_info is not None  # other handlers have theirs


def test_a_log_line_carries_the_process_and_no_secret():
    message = "connecting to redis://:hunter2@host:1/0 with Bearer abcdefghijkl\nforged line \x1b[31m"
    record = logging.LogRecord("ingest", logging.INFO, "", 0, message, (), None)
    line = Lines().format(record)
    assert f" INFO {record.process} ingest connecting" in line
    assert "hunter2" not in line
    assert "abcdefghijkl" not in line
    assert "\n    forged line" in line
    record.name = "gunicorn.access"
    assert "\\nforged line" in Lines().format(record)
    assert "\x1b" not in line
