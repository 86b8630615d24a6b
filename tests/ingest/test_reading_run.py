"""From stored parts to rows and an answer: what is read, what is kept, what is said of what cannot be read."""

from __future__ import annotations

import gzip
from datetime import date, timedelta

import pytest
from celery import current_app

from bench.logs import START, client_log, events, served, short, with_run
from ingest import storage, tasks
from ingest.reading import server_side
from tests.triage.made import a_part, a_run
from triage.models import Entry, Part, Process, Reading, Run, Verdict
from triage.store import partitions, work

pytestmark = pytest.mark.django_db(transaction=True)
AT = START + timedelta(hours=12, minutes=11, seconds=7)
TESTS = client_log(AT).encode()
JOURNAL = "".join(short(iter(served(AT)))).encode()


@pytest.fixture(autouse=True)
def tasks_run_at_once():
    current_app.conf.task_always_eager = True
    current_app.conf.task_eager_propagates = True
    yield
    current_app.conf.task_always_eager = False
    partitions.drop(date(9999, 1, 1))  # the table is not one of Django's, so that no flush empties it


def stored(run: Run, side: str, data: bytes, name: str = "") -> Part:
    with storage.Incoming() as incoming:
        incoming.write(data)
        incoming.keep()
        sha256 = incoming.sha256
    return a_part(run, side, name or f"{side}.log", sha256=sha256, size=len(data))


def more(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(revision=run.revision + 1, status="queued", attempts=0)
    run.refresh_from_db()


def read(run: Run) -> Run:
    tasks.read_run(str(run.pk))
    run.refresh_from_db()
    return run


def both_sides_are_used() -> bool:
    return Verdict.objects.count() == 1 and {51463, 51465} <= {process.pid for process in Process.objects.all()}


def long_journal(lines: int, at=AT) -> bytes:
    """`lines` lines, one every five seconds at the mean, with the run in the middle."""
    start = at - timedelta(seconds=lines * 5 / 2)
    return "".join(short(with_run(events(lines, start, per_second=0.2), at))).encode()


def test_the_original_case_becomes_ready_with_its_verdict():
    run = a_run()
    stored(run, "tests", TESTS)
    journal = stored(run, "server", JOURNAL)
    assert read(run).status == "ready"
    journal.refresh_from_db()
    assert (journal.state, journal.format, journal.entries, journal.kept) == ("read", "journal-short", 2, 2)
    assert [row.pid for row in Entry.objects.of_part(journal)] == [51463, 51465]
    verdict = Verdict.objects.get()
    assert (verdict.kind, verdict.write["pid"], verdict.read["pid"]) == ("split_state", 51463, 51465)


def test_only_entries_near_the_run_become_rows_and_all_are_counted():
    run = a_run()
    stored(run, "tests", TESTS)
    journal = stored(run, "server", long_journal(40_000))
    assert read(run).status == "ready"
    journal.refresh_from_db()
    assert journal.entries == 40_002
    assert 2 <= journal.kept < 1_000
    assert Entry.objects.count() == journal.kept
    assert {51463, 51465} <= {row.pid for row in Entry.objects.all()}


def test_a_short_log_is_kept_whole():
    run = a_run()
    stored(run, "tests", TESTS)
    journal = stored(run, "server", long_journal(900))
    read(run)
    journal.refresh_from_db()
    assert journal.kept == journal.entries == 902


def test_reading_again_changes_nothing():
    run = a_run()
    stored(run, "tests", TESTS)
    stored(run, "server", long_journal(3_000))
    read(run)
    before = list(Entry.objects.order_by("part_id", "line").values())
    more(run)
    Part.objects.update(state="stored")
    assert read(run).status == "ready"
    assert list(Entry.objects.order_by("part_id", "line").values()) == before


def test_a_test_log_that_comes_after_the_journal_decides_anew_what_of_it_is_kept(monkeypatch):
    monkeypatch.setattr(server_side, "ROW_LIMIT_ALONE", 500)
    run = a_run()
    journal = stored(run, "server", long_journal(30_000))
    assert read(run).status == "ready"
    journal.refresh_from_db()
    assert journal.kept == 500
    assert "Until a test log comes" in journal.problem
    stored(run, "tests", TESTS)
    more(run)
    assert read(run).status == "ready"
    journal.refresh_from_db()
    assert journal.problem == ""
    assert both_sides_are_used()


def test_a_journal_that_comes_after_the_test_log_completes_the_answer():
    run = a_run()
    stored(run, "tests", TESTS)
    assert read(run).status == "ready"
    stored(run, "server", JOURNAL)
    more(run)
    assert read(run).status == "ready"
    assert both_sides_are_used()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "empty"),
        (bytes(range(256)) * 400, "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "PNG"),
        (b"PK\x03\x04" + bytes(1000), "zip"),
        (b"roses are red\n" * 50, "No known format"),
    ],
    ids=["empty", "binary", "image", "zip", "poem"],
)
def test_a_part_that_cannot_be_read_is_named_and_the_others_are_used(data, named):
    run = a_run()
    stored(run, "tests", TESTS)
    stored(run, "server", JOURNAL)
    bad = stored(run, "server", data, "bad.log")
    assert read(run).status == "ready"
    bad.refresh_from_db()
    assert bad.state == "unreadable"
    assert named.lower() in bad.problem.lower()
    assert both_sides_are_used()


HOSTILE = {
    "xml-bomb": b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n > 1 else b"&a;") * 10) for n in range(1, 10))
    + b"]><testsuites><testsuite><testcase name='&a9;'/></testsuite></testsuites>",
    "one-line": b"May 23 12:11:07 web1 gunicorn[7]: " + b"x" * (20 << 20),
    "nul-and-bytes": b"May 23 12:11:07 web1 gunicorn[7]: \0\xff\xfe \x1b[31mred <script>alert(1)</script>\n" * 50,
    "json-deep": b'{"MESSAGE":' + b"[" * 100_000 + b"\n",
    "json-numbers": b'{"__REALTIME_TIMESTAMP":"9' + b"9" * 400 + b'","_PID":"' + b"9" * 400 + b'","MESSAGE":"x"}\n',
    "copy-end": b"May 23 12:11:07 web1 gunicorn[7]: a\tb\\N\nMay 23 12:11:08 web1 gunicorn[7]: \\.\n",
}


@pytest.mark.parametrize("slot", ["tests", "server"])
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_parts_crash_nothing_in_either_slot(data, slot):
    run = a_run()
    stored(run, "tests", TESTS)
    stored(run, "server", JOURNAL)
    bad = stored(run, slot, data, "bad.log")
    assert read(run).status == "ready", run.error
    bad.refresh_from_db()
    assert bad.state in ("read", "unreadable")
    assert "inside Lineup" not in bad.problem


def test_a_run_of_which_nothing_can_be_read_fails_with_a_sentence():
    run = a_run()
    stored(run, "tests", b"")
    stored(run, "server", b"\0\1\2" * 100)
    assert read(run).status == "failed"
    assert run.error.startswith("None of its files could be read.")


def test_a_run_that_no_file_came_with_says_which_fields_take_one():
    """Files sent as `files` were ignored, and the page said that the file could not be read."""
    run = read(a_run())
    assert (run.status, run.error.split(".")[0]) == ("failed", "No file came with it")
    assert "as tests" in run.error and "as server" in run.error


def test_a_truncated_gzip_is_used_as_far_as_it_goes():
    run = a_run()
    stored(run, "tests", TESTS)
    whole = gzip.compress(long_journal(5_000))
    journal = stored(run, "server", whole[: len(whole) * 3 // 4], "journal.gz")
    assert read(run).status == "ready"
    journal.refresh_from_db()
    assert journal.entries > 1_000
    assert "ends early" in journal.problem


def test_a_bomb_is_stopped_and_said():
    run = a_run()
    stored(run, "tests", TESTS)
    bomb = stored(run, "server", gzip.compress(JOURNAL + b"\0" * (80 << 20)), "bomb.gz")
    assert read(run).status == "ready"
    bomb.refresh_from_db()
    assert bomb.problem


def test_logs_in_the_wrong_slots_are_used_as_what_they_are_and_that_is_said():
    run = a_run()
    journal = stored(run, "tests", JOURNAL)
    stored(run, "tests", TESTS)
    assert read(run).status == "ready"
    journal.refresh_from_db()
    assert (journal.state, journal.kept) == ("read", 2)
    assert "sent as tests" in journal.problem
    assert both_sides_are_used()


def test_a_part_whose_stored_file_is_gone_is_named():
    run = a_run()
    stored(run, "tests", TESTS)
    lost = stored(run, "server", JOURNAL)
    storage.path_of(lost.sha256).unlink()
    assert read(run).status == "ready"
    lost.refresh_from_db()
    assert (lost.state, "missing" in lost.problem) == ("unreadable", True)


def test_a_part_that_ends_its_reader_again_and_again_is_given_up():
    run = a_run()
    stored(run, "tests", TESTS)
    deadly = stored(run, "server", JOURNAL)
    Part.objects.filter(pk=deadly.pk).update(attempts=5)
    assert read(run).status == "ready"
    deadly.refresh_from_db()
    assert "ended the worker 5 times" in deadly.problem


def test_a_defect_in_one_format_costs_only_its_part(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(server_side, "read", broken)
    run = a_run()
    stored(run, "tests", TESTS)
    journal = stored(run, "server", JOURNAL)
    assert read(run).status == "ready"
    journal.refresh_from_db()
    assert "failed inside Lineup" in journal.problem


def test_a_run_that_someone_works_on_is_left_to_them():
    run = a_run()
    stored(run, "tests", TESTS)
    with work.hold(run.pk):
        assert read(run).status == "queued"


def test_a_new_upload_during_the_work_is_read_afterwards(monkeypatch):
    run = a_run()
    stored(run, "tests", TESTS)
    end = work.has_read

    def upload_comes_in_between(of: Run):
        monkeypatch.setattr(work, "has_read", end)
        stored(run, "server", JOURNAL)
        more(run)
        return end(of)

    monkeypatch.setattr(work, "has_read", upload_comes_in_between)
    assert read(run).status == "ready"
    assert run.analysed_revision == 2
    assert both_sides_are_used()


def test_a_run_whose_lines_retention_took_is_read_anew_when_a_part_comes():
    run = a_run()
    stored(run, "tests", TESTS)
    journal = stored(run, "server", JOURNAL)
    read(run)
    partitions.drop(run.received_on + timedelta(days=1))
    Part.objects.update(kept=0)
    Run.objects.update(lines_gone_at=run.received_at)
    stored(run, "server", JOURNAL + b"\n", "again.log")
    more(run)
    assert read(run).status == "ready"
    assert run.lines_gone_at is None
    assert Entry.objects.of_part(journal).count() == 2


def test_what_the_tests_said_is_kept_so_that_deciding_needs_no_parser():
    run = a_run()
    part = stored(run, "tests", TESTS)
    read(run)
    assert Reading.objects.get().part_id == part.pk
    assert Reading.objects.get().steps >= 3
    Reading.objects.update(blob=b"of another version")
    Run.objects.update(analysed_revision=0, status="queued")
    tasks.deciding.analyse_run(str(run.pk))
    run.refresh_from_db()
    assert (run.status, run.read_revision) == ("queued", 0)
    assert read(run).status == "ready"


def test_a_broker_that_is_away_fails_nothing_and_the_sweep_brings_the_run(settings):
    current_app.conf.task_always_eager = False
    run = a_run()
    stored(run, "tests", TESTS)
    tasks.enqueue(run)
    run.refresh_from_db()
    assert run.touched_at == work.OVERDUE
    current_app.conf.task_always_eager = True
    tasks.sweep()
    run.refresh_from_db()
    assert run.status == "ready"
