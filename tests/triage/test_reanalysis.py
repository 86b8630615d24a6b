"""Old runs decided on again in bulk: shown first, then changed, and gone on with whatever ended it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tests.triage import histories
from tests.triage.made import a_part, a_project, an_entry
from triage import reanalysis
from triage.core.analyse import CORE_VERSION
from triage.core.records import Outcome, PartRecords, Side, TestResult
from triage.models import Occasion, Reanalysis, Run, Verdict, VerdictChange
from triage.store import decisions, readings, work

TEST = "t.py::test_a"
ROOT = Path(__file__).resolve().parent.parent.parent


def an_old_run(project, test: str = TEST, **fields: object) -> Run:
    """A run whose parts are read, decided on by an older version that took it for split state."""
    run = histories.a_run(project, read_revision=1, **fields)
    result = TestResult(test=test, outcome=Outcome.FAILED, message="AssertionError: assert 3 == 4")
    records = PartRecords(name="", side=Side.TESTS, results=(result,))
    readings.keep_tests(a_part(run, "tests", "junit.xml"), readings.Read(format="junit"), records)
    readings.keep_server(a_part(run), readings.Read(format="journal-short", entries=2), [an_entry(1), an_entry(2)])
    assert decisions.keep(run, histories.a_report((test, True, True), version=1))
    return run


def told(*words: str) -> str:
    out = StringIO()
    call_command("reanalyse", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def cars(db):
    return a_project()


def kinds() -> set[str]:
    return set(Verdict.objects.values_list("kind", flat=True))


def test_what_would_change_is_shown_and_nothing_changes(cars):
    run = an_old_run(cars)
    said = told()
    assert "nothing is changed without --apply" in said
    assert f"split_state (suspected) → unexplained (suspected)  {TEST}  {settings.BASE_URL}/runs/{run.pk}" in said
    assert "1 verdicts would change:\n       1  split_state → unexplained" in said
    run.refresh_from_db()
    assert (run.core_version, kinds()) == (1, {"split_state"})
    assert not VerdictChange.objects.exists()
    assert told("--dry-run").count("/runs/") == 1, "looking does not use up what there is to see"


def test_applied_it_is_decided_anew_and_the_old_verdict_stays(cars):
    run = an_old_run(cars)
    assert "1 verdicts changed:" in told("--apply")
    run.refresh_from_db()
    assert (run.status, run.core_version, kinds()) == ("ready", CORE_VERSION, {"unexplained"})
    change = VerdictChange.objects.get()
    assert (change.cause, change.reason) == ("core", f"Core version 1 → {CORE_VERSION}.")
    assert change.before["kind"] == "split_state"
    assert Occasion.objects.get().kind == "unexplained"
    assert "Deciding again on 0 runs" in told("--apply"), "what is decided by today's analysis is left alone"


def test_verdicts_of_other_runs_that_change_with_it_are_told_and_counted(cars):
    runs = [an_old_run(cars) for _ in range(4)]
    looked = told()
    assert "4 verdicts would change:" in looked
    assert "history is weighed anew" in looked
    before = VerdictChange.objects.count()
    said = told("--apply")
    told_of = VerdictChange.objects.count() - before
    assert f"{told_of} verdicts changed:" in said
    assert said.count("/runs/") == told_of
    assert sum(Reanalysis.objects.order_by("-pk")[0].changes.values()) == told_of
    assert {run.pk for run in runs} == set(VerdictChange.objects.values_list("run", flat=True))


def test_only_the_named_project_the_named_days_and_so_many_runs_are_looked_at(cars):
    trucks = a_project("trucks")
    ours, theirs = [an_old_run(cars) for _ in range(3)], an_old_run(trucks)
    told("--apply", "--project", "cars", "--limit", "2")
    assert list(Run.objects.order_by("received_at").values_list("core_version", flat=True)) == [
        CORE_VERSION, CORE_VERSION, 1, 1,
    ]  # fmt: skip
    Run.objects.filter(pk=theirs.pk).update(received_on=ours[0].received_on + timedelta(days=2))
    told("--apply", "--since", str(ours[0].received_on + timedelta(days=1)))
    assert Run.objects.get(pk=theirs.pk).core_version == CORE_VERSION
    assert Run.objects.get(pk=ours[2].pk).core_version == 1
    with pytest.raises(CommandError, match="no project 'boats'"):
        told("--project", "boats")


def test_a_run_whose_lines_are_gone_keeps_its_verdict_and_is_counted(cars):
    an_old_run(cars, lines_gone_at=timezone.now())
    assert "1 runs skipped, because retention took their lines" in told("--apply")
    assert kinds() == {"split_state"}


def test_a_run_whose_parts_another_version_kept_is_read_from_its_files_again(cars):
    run = an_old_run(cars)
    run.parts.get(side="tests").reading.delete()
    readings.Reading.objects.create(part=run.parts.get(side="tests"), blob=b"of another time")
    assert "1 runs whose files have to be read again first" in told()
    run.refresh_from_db()
    assert run.status == "ready"
    told("--apply")
    run.refresh_from_db()
    assert (run.status, run.read_revision) == ("queued", 0)


def test_a_defect_costs_no_run_its_verdict(cars, monkeypatch):
    an_old_run(cars)
    monkeypatch.setattr(reanalysis, "analyse", lambda _: 1 / 0)
    assert "1 runs could not be decided on" in told("--apply")
    assert kinds() == {"split_state"}


@pytest.mark.django_db(transaction=True)
def test_a_run_that_a_worker_holds_is_left_to_it():
    run = an_old_run(a_project())
    with work.hold(run.pk):
        assert "1 runs skipped, because they are in work already" in told("--apply")


def test_continue_goes_on_behind_the_last_run_that_was_done(cars):
    runs = [an_old_run(cars) for _ in range(3)]
    state = Reanalysis.objects.create(applies=True, core_version=CORE_VERSION)
    going = reanalysis.go_on(state)
    assert next(going).run == runs[0]
    going.close()
    said = told("--continue")
    assert "Deciding again on 2 runs" in said
    assert "3 runs decided again" in said
    with pytest.raises(CommandError, match="none that was not finished"):
        told("--continue")
    with pytest.raises(CommandError, match="leave the other options out"):
        told("--continue", "--apply")


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_it_loses_nothing_and_does_nothing_twice():
    cars = a_project()
    runs = [an_old_run(cars, f"t.py::test_{n}") for n in range(60)]  # none weighs on another
    begun = command("--apply")
    wait_until(lambda: sum(counts().values()) >= 5)
    begun.send_signal(signal.SIGKILL)
    begun.wait(20)
    done = counts().get("decided", 0)
    assert 5 <= done < len(runs), "it was killed in the middle"
    assert Run.objects.filter(core_version=CORE_VERSION).count() == done
    after = command("--continue")
    said, errors = after.communicate(timeout=120)
    assert after.returncode == 0, errors
    assert f"{len(runs)} runs decided again" in said
    assert not Run.objects.exclude(core_version=CORE_VERSION, status="ready").exists()
    assert sorted(VerdictChange.objects.values_list("run", flat=True)) == sorted(run.pk for run in runs)
    assert Occasion.objects.count() == len(runs)
    assert Reanalysis.objects.get().changes == {"split_state → unexplained": len(runs)}


def command(*words: str) -> subprocess.Popen[str]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return subprocess.Popen(
        [sys.executable, "manage.py", "reanalyse", *words], cwd=ROOT, env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def counts() -> dict[str, int]:
    state = Reanalysis.objects.order_by("-pk").first()
    return state.counts if state is not None else {}


def wait_until(true) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)
