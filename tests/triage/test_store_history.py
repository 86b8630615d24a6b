"""What a run adds to history, once, however often it is analysed; and each project's history is its own."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from tests.triage.histories import MESSAGE, TEST, a_report, a_run, ran, runs_that_split
from tests.triage.made import a_project
from triage.core.findings import Trace
from triage.core.history.records import Pair
from triage.core.records import Outcome
from triage.models import FailureGroup, Occasion, Run, Verdict, VerdictChange
from triage.querysets.history import REMEMBERED
from triage.store import decisions, history, weighing
from triage.store.recall import occasion_of, test_key
from triage.store.traces import pack, unpack

OTHER = "tests/test_cars.py::test_names"


@pytest.fixture
def cars(db):
    return a_project()


def test_every_test_that_ran_leaves_an_occasion_and_a_failure_its_group(cars):
    run = ran(cars, (TEST, True, True), (OTHER, False, None))
    failed, passed = Occasion.objects.order_by("-failed")
    group = FailureGroup.objects.get()
    assert (failed.test, failed.failed, failed.group, failed.kind) == (TEST, True, group, "split_state")
    assert (passed.test, passed.failed, passed.group, passed.kind) == (OTHER, False, None, "")
    assert (group.test, group.occurrences, group.message) == (TEST, 1, MESSAGE)
    assert (group.first_seen, group.last_seen, group.newest_run) == (run.received_at, run.received_at, run)


def test_an_occasion_comes_back_as_the_core_gave_it(cars):
    run = ran(cars, branch="main", experiment="one_process")
    record = occasion_of(Occasion.objects.of_test(cars, test_key(TEST)).get())
    assert (record.run, record.failed, record.branch, record.experiment) == (str(run.pk), True, "main", "one_process")
    assert record.pair == Pair("POST /cars", "GET /cars")
    assert record.trace == a_report().traces[0]
    assert record.fingerprint == FailureGroup.objects.get().key


def test_the_same_failure_of_two_runs_is_one_group(cars):
    first, second = ran(cars), ran(cars)
    group = FailureGroup.objects.get()
    assert (group.occurrences, group.first_seen, group.last_seen) == (2, first.received_at, second.received_at)
    assert group.newest_run == second


def test_another_failure_of_the_same_test_is_another_group(cars):
    ran(cars)
    ran(cars, message="KeyError: 'token'")
    assert FailureGroup.objects.count() == 2


def test_analysing_a_run_again_counts_nothing_twice(cars):
    run = ran(cars)
    for _ in range(3):
        assert decisions.keep(run, a_report())
    assert FailureGroup.objects.get().occurrences == 1
    assert Occasion.objects.count() == 1
    assert not VerdictChange.objects.exists()


def test_a_run_that_no_longer_fails_leaves_its_group_and_the_list(cars):
    run = ran(cars)
    decisions.keep(run, a_report((TEST, False, True)))
    assert FailureGroup.objects.get().occurrences == 0
    assert not FailureGroup.objects.of_project(cars).exists()


def test_a_report_on_an_older_upload_adds_nothing(cars):
    run = a_run(cars)
    Run.objects.filter(pk=run.pk).update(revision=2)
    assert decisions.keep(run, a_report()) is False
    assert not Occasion.objects.exists()


def test_two_projects_share_no_history(cars):
    trucks = a_project("trucks")
    runs_that_split(cars, 3, 3)
    ran(trucks)
    ours, theirs = FailureGroup.objects.of_project(cars).get(), FailureGroup.objects.of_project(trucks).get()
    assert ours.key == theirs.key, "it is the same failure, known to each by itself"
    assert (ours.occurrences, theirs.occurrences) == (3, 1)
    assert Occasion.objects.of_test(trucks, test_key(TEST)).count() == 1
    assert FailureGroup.objects.by_key(trucks, ours.pk) is None


def test_history_confirms_what_one_run_could_only_suspect_and_keeps_both(cars):
    first, *_ = runs_that_split(cars)
    verdict = Verdict.objects.get(run=first)
    assert (verdict.level, verdict.own["level"]) == ("confirmed", "suspected")
    changes = list(VerdictChange.objects.of_run(first))
    assert changes[0].before["level"] == "suspected"
    assert changes[-1].after["level"] == "confirmed"
    assert all(change.reason and change.cause == "history" for change in changes)
    group = FailureGroup.objects.get()
    assert (group.level, group.table["failed_different"], group.table["passed_same"]) == ("confirmed", 8, 8)
    assert len(group.conclusions) == 6


def test_a_new_run_of_a_confirmed_group_says_so_itself_and_why(cars):
    runs_that_split(cars)
    run = ran(cars)
    assert Verdict.objects.get(run=run).level == "confirmed"
    change = VerdictChange.objects.of_run(run).get()
    assert (change.before["level"], change.after["level"], change.group) == (
        "suspected", "confirmed", FailureGroup.objects.get(),
    )  # fmt: skip
    decisions.keep(run, a_report())
    assert VerdictChange.objects.of_run(run).count() == 1, "nothing has changed by deciding again"


def test_older_verdicts_wait_for_the_next_run_where_there_is_no_time_for_them(cars, monkeypatch):
    monkeypatch.setattr(weighing, "OLDER_S", -1.0)
    first, *_ = runs_that_split(cars)
    assert Verdict.objects.get(run=first).level != "confirmed"
    monkeypatch.setattr(weighing, "OLDER_S", 10.0)
    ran(cars)
    assert Verdict.objects.get(run=first).level == "confirmed"
    ran(cars)
    assert VerdictChange.objects.of_run(first).latest("pk").after["level"] == "confirmed"


def test_a_newer_core_that_decides_otherwise_is_named_as_the_reason(cars):
    run = ran(cars)
    decisions.keep(run, a_report(version=5, kind="consistent_failure", side=None, mechanism=None))
    change = VerdictChange.objects.get()
    assert (change.cause, change.reason, change.core_version) == ("core", "Core version 4 → 5.", 5)
    assert (change.before["kind"], change.after["kind"]) == ("split_state", "consistent_failure")


def test_more_evidence_that_decides_otherwise_is_named_as_the_reason(cars):
    run = ran(cars)
    Run.objects.filter(pk=run.pk).update(revision=2)
    run.refresh_from_db()
    decisions.keep(run, a_report(kind="consistent_failure", side=None, mechanism=None))
    assert VerdictChange.objects.get().cause == "evidence"


def test_marking_a_run_as_an_experiment_is_read_by_its_groups(cars):
    runs_that_split(cars, 4, 0)
    run = ran(cars, (TEST, False, False), processes=1)
    before = FailureGroup.objects.get().weighed_at
    assert history.mark_experiment(run, "one_process", " nightly ").experiment_note == "nightly"
    group = FailureGroup.objects.get()
    assert group.weighed_at > before
    told = next(one for one in group.conclusions if one["kind"] == "one_process")
    assert (told["passed"], told["failed"]) == (1, 0)
    assert history.mark_experiment(run, "").experiment == ""
    with pytest.raises(ValueError, match="prayer"):
        history.mark_experiment(run, "prayer")


def test_a_suite_that_fails_as_a_whole_is_counted_as_a_whole(cars):
    cases = [(f"t.py::test_{n}", True, None) for n in range(history.GROUPS + 20)]
    for _ in range(2):
        ran(cars, *cases)
    assert set(FailureGroup.objects.values_list("occurrences", flat=True)) == {2}
    assert not FailureGroup.objects.filter(newest_run=None).exists()


def test_where_more_fails_than_is_weighed_at_once_each_has_its_turn(cars):
    cases = [(f"t.py::test_{n}", True, None) for n in range(history.GROUPS + 20)]
    for _ in range(2):
        ran(cars, *cases)
    assert not FailureGroup.objects.filter(weighed_at=None).exists()


@pytest.mark.parametrize("year", [1, 1970, 9999])
def test_a_clock_that_cannot_be_right_says_nothing_of_when_a_run_ran(cars, year):
    run = ran(cars, started_at=datetime(year, 1, 1, tzinfo=UTC))
    assert Occasion.objects.get().at == run.received_at
    assert FailureGroup.objects.get().last_seen == run.received_at


def test_a_run_that_is_handed_in_late_counts_when_it_ran(cars):
    at = datetime(2023, 5, 4, tzinfo=UTC)
    ran(cars, started_at=at)
    assert Occasion.objects.get().at == at


def test_a_test_that_failed_once_is_weighed_when_it_passes(cars):
    ran(cars)
    ran(cars, (TEST, False, True))
    assert FailureGroup.objects.get().table["passed_different"] == 1


def test_a_trace_stays_small_and_comes_back_whole():
    trace = a_report().traces[0]
    blob = pack(trace)
    assert unpack(blob, TEST) == trace
    assert len(blob) < 150
    assert unpack(b"\x09" + blob, TEST) is None, "another version's row is no trace"
    assert unpack(b"\x01garbage", TEST) is None
    assert pack(Trace(test=TEST, outcome=Outcome.PASSED)) is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_group_and_see_each_other():
    cars = a_project()
    runs = [a_run(cars) for _ in range(6)]
    ready, failures = threading.Barrier(len(runs)), []

    def work(run: Run) -> None:
        try:
            ready.wait(10)
            decisions.keep(run, a_report((TEST, True, True), (OTHER, True, False)))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(run,)) for run in runs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert not failures
    assert list(FailureGroup.objects.values_list("test", "occurrences").order_by("test")) == [(TEST, 6), (OTHER, 6)]
    # The last one that came saw all the others.
    assert max(sum(group.table[k] for k in COUNTS) for group in FailureGroup.objects.all()) == 6


COUNTS = (
    "failed_different", "passed_different", "failed_same", "passed_same", "unknown_failed", "unknown_passed",
)  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_run_that_another_worker_holds_is_not_waited_for():
    cars = a_project()
    first, *_ = runs_that_split(cars, 6, 8)
    Verdict.objects.filter(run=first).update(level="suspected", own=None)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Run.objects.locked(first.pk)
            held.set()
            done.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    try:
        ran(cars)
        assert Verdict.objects.get(run=first).level == "suspected"
    finally:
        done.set()
        holder.join(10)
    ran(cars)
    assert Verdict.objects.get(run=first).level == "confirmed"


def test_the_look_up_of_a_tests_history_uses_its_index(cars):
    # A table with as many rows as make an index worth while, told to the planner as it will be in the long run.
    run = ran(cars)
    rows = [
        Occasion(
            project=cars, run=run, test_key=key, test="t", at=run.received_at + timedelta(seconds=key), failed=False
        )
        for key in range(1, 3_000)
    ]
    Occasion.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE triage_occasion")
        cursor.execute(f"EXPLAIN {REMEMBERED}", [[test_key(TEST)], cars.pk, 300])
        weighing_looks = "\n".join(row[0] for row in cursor.fetchall())
    for plan in (weighing_looks, Occasion.objects.of_test(cars, test_key(TEST)).explain()):
        assert "occasions_of_a_test" in plan, plan
        assert "Seq Scan on triage_occasion" not in plan
