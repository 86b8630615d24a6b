"""One worker at a time on a run, seen by all, and free again the moment it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from tests.triage.made import a_run
from triage.models import Run
from triage.store import work

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timedelta(0)


def test_a_run_is_held_by_one_worker_at_a_time():
    run = a_run()
    with work.hold(run.pk) as first, work.hold(run.pk) as second:
        assert first is not None
        assert second is None
    with work.hold(run.pk) as third:
        assert third is not None


def test_who_comes_right_after_another_finds_the_run_free():
    """Postgres sees some time after it that a connection was closed, and on a busy machine late."""
    run = a_run()
    for _ in range(100):
        with work.hold(run.pk) as hold:
            assert hold is not None


def test_two_runs_are_held_at_once():
    with work.hold(a_run("a").pk) as first, work.hold(a_run("b").pk) as second:
        assert first is not None
        assert second is not None


def test_a_killed_worker_lets_go_at_once():
    run = a_run()
    code = f"""
        import django, sys, time, uuid
        django.setup()
        from django.conf import settings
        settings.DATABASES["default"]["NAME"] = {connection.settings_dict["NAME"]!r}
        from triage.store import work
        with work.hold(uuid.UUID("{run.pk}")) as hold:
            print("held" if hold else "busy", flush=True)
            time.sleep(60)
    """
    worker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )
    try:
        assert worker.stdout.readline() == "held\n"
        with work.hold(run.pk) as hold:
            assert hold is None
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with work.hold(run.pk) as hold:
            if hold is not None:
                return
        time.sleep(0.02)
    pytest.fail("the lock outlived its holder")


def test_progress_is_seen_while_the_rows_are_still_in_an_open_transaction():
    run = a_run()
    with work.hold(run.pk) as hold, transaction.atomic():
        hold.progress(work.PARSING, 10, 100, now=True)
        seen = Run.objects.get(pk=run.pk)
        assert (seen.stage, seen.done, seen.total) == ("parsing", 10, 100)


def test_progress_reaches_postgres_a_few_times_a_second_only(django_assert_num_queries):
    run = a_run()
    with work.hold(run.pk) as hold:
        for done in range(100_000):
            hold.progress(work.PARSING, done, 100_000)
    assert Run.objects.get(pk=run.pk).done < 100_000


def test_progress_waits_for_nobody():
    run = a_run()
    with work.hold(run.pk) as hold, transaction.atomic():
        Run.objects.locked(run.pk)
        begun = time.monotonic()
        hold.progress(work.PARSING, 1, 2, now=True)
        assert time.monotonic() - begun < 3


def test_work_that_lost_its_lock_with_the_connection_stops():
    run = a_run()
    with work.hold(run.pk) as hold:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        with pytest.raises(OperationalError):
            hold.progress(work.PARSING, 1, 2, now=True)


def test_runs_that_nobody_works_on_are_taken_once():
    run = a_run()
    assert [one.pk for one in work.take_overdue(NOW, NOW)] == [run.pk]
    assert work.take_overdue(timedelta(seconds=10), timedelta(seconds=10)) == []


def test_a_run_in_work_is_left_alone_however_long_it_is_silent():
    run = a_run(status=Run.Status.PROCESSING)
    with work.hold(run.pk):
        work.overdue_now(run.pk)
        assert work.take_overdue(NOW, NOW) == []
    assert [one.pk for one in work.take_overdue(NOW, NOW)] == [run.pk]


def test_finished_runs_are_never_swept():
    a_run("a", status=Run.Status.READY)
    a_run("b", status=Run.Status.FAILED)
    assert work.take_overdue(NOW, NOW) == []


def test_a_run_that_got_a_new_upload_is_not_failed_for_the_old_one():
    run = a_run()
    Run.objects.filter(pk=run.pk).update(revision=2)
    work.fail(run, "no")
    assert Run.objects.get(pk=run.pk).status == Run.Status.QUEUED


def test_a_failed_run_says_why_in_a_sentence():
    run = a_run()
    work.fail(run, "None of its files could be read.\0")
    run.refresh_from_db()
    assert (run.status, run.error) == ("failed", "None of its files could be read.␀")
    assert run.read_revision == run.analysed_revision == run.revision
