"""Entries go in by COPY and come out as the same records."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from django.db import connection, transaction

from tests.triage.made import NOON, a_part, a_request, a_run, an_entry
from triage.core.records import Life, LifeEvent, PartRecords, PidTrust, Request, Side, Stamp, Step
from triage.models import Entry
from triage.store import entries, evidence, partitions

pytestmark = pytest.mark.django_db


@pytest.fixture
def part():
    partitions.ensure(NOON.date())
    return a_part(a_run())


def written(part, *records):
    kept = entries.write(part.pk, part.run.received_on, iter(records))
    part.kept = kept
    part.save()
    return evidence.load(part.run).evidence.parts[part.position].entries


def test_every_field_of_an_entry_survives(part):
    whole = an_entry(
        3,
        "a\tb\nc\\d\r\\N\\.",
        raw="r\taw\\",
        inner=Stamp(5, zoned=True, tick_us=1000),
        boot="b00t",
        level="error",
        request=Request(method="POST", path="/cars/add", query="x=\\1", status=200, size=3, client="1.2.3.4:5"),
        life=LifeEvent(what=Life.KILL, subject=9, reason='SIG"KILL\\'),
        keys=(("request_id", "a\\b\t"), ("trace", "é漢😀")),
    )
    bare = an_entry(4, "", stamp=None, pid=None, pid_trust=PidTrust.UNKNOWN, host="", unit="")
    # The core reads no raw line, so a lineup does without; people see the row's.
    assert written(part, whole, bare) == tuple(msgspec.structs.replace(entry, raw="") for entry in (whole, bare))
    assert [row.raw for row in Entry.objects.of_part(part)] == [whole.raw, bare.raw]


def test_a_log_line_that_looks_like_the_end_of_the_data_is_data(part):
    assert written(part, an_entry(1, "\\."), an_entry(2, "after"))[1].message == "after"


def test_text_that_postgres_refuses_is_written_with_signs_in_its_place(part):
    nasty = "nul \0 surrogate \ud800 literal \\u0000 end"
    [entry] = written(part, an_entry(1, nasty, keys=((nasty, nasty),), request=a_request(path=nasty)))
    assert entry.message == entry.request.path == entry.keys[0][0] == "nul ␀ surrogate ? literal \\u0000 end"


def test_numbers_that_fit_no_column_do_not_stop_the_load(part):
    huge = 10**30
    [entry] = written(part, an_entry(1, pid=huge, stamp=Stamp(huge, True, huge), request=a_request(status=huge)))
    assert entry.pid is None
    assert entry.stamp.us == 2**63 - 1
    assert Entry.objects.get().status is None


def test_loading_a_part_again_replaces_its_rows(part):
    written(part, an_entry(1), an_entry(2))
    assert [entry.line for entry in written(part, an_entry(2), an_entry(3))] == [2, 3]


def test_a_line_that_comes_twice_is_one_row(part):
    assert len(written(part, an_entry(1), an_entry(1, "again"), an_entry(2))) == 2


def test_what_a_reader_raises_in_mid_load_comes_out_unchanged_and_leaves_no_row(part):
    class Broken(Exception):
        pass

    def stream():
        yield from (an_entry(line) for line in range(1, 5_000))
        raise Broken

    with pytest.raises(Broken), transaction.atomic():
        entries.write(part.pk, part.run.received_on, stream())
    assert not Entry.objects.exists()


def test_rows_lie_in_the_partition_of_the_day_their_run_was_received(part):
    written(part, an_entry(1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM triage_entry_20260523")
        assert cursor.fetchone() == (1,)


def test_the_entries_around_a_line_are_bounded_and_in_order(part):
    written(part, *(an_entry(line) for line in range(10, 1000, 10)))
    assert [row.line for row in Entry.objects.around(part, 500, before=2, after=2)] == [480, 490, 500, 510, 520]
    assert [row.line for row in Entry.objects.around(part, 505, before=1, after=0)] == [500, 510]
    assert Entry.objects.around(part, 10, before=10**9, after=-5)[0].line == 10


def test_entries_of_a_process_and_of_a_time_slice(part):
    stamps = an_entry(5).stamp.us
    written(part, an_entry(4), an_entry(5), an_entry(6, pid=8))
    assert [row.line for row in Entry.objects.of_process(part.run, "web1", 7, first_us=None, last_us=None)] == [4, 5]
    assert [row.line for row in Entry.objects.between(part, stamps, stamps + 10**6)] == [5, 6]


def test_a_part_asks_one_partition_only(part):
    partitions.ensure(date(2026, 5, 24))
    plan = Entry.objects.of_part(part).explain()
    assert "20260523" in plan
    assert "20260524" not in plan


def bounded(monkeypatch, enough: int, most: int, text: int) -> None:
    """With room for this many entries, and characters."""
    monkeypatch.setattr(evidence, "ENOUGH", enough)
    monkeypatch.setattr(evidence, "_room", lambda _: most)
    monkeypatch.setattr(evidence, "TEXT", text)


def test_a_long_run_has_more_room_up_to_a_bound():
    steps = tuple(Step(line=n, raw="", text="") for n in range(6_000))
    assert evidence._room([PartRecords(name="", side=Side.TESTS, steps=steps[:10])]) == evidence.ENOUGH
    assert evidence.ENOUGH < evidence._room([PartRecords(name="", side=Side.TESTS, steps=steps)]) < evidence.MOST
    assert evidence._room([PartRecords(name="", side=Side.TESTS, steps=steps)] * 3) == evidence.MOST


def test_only_the_lines_of_the_runs_time_are_evidence(part):
    written(part, an_entry(5), an_entry(6), an_entry(7))
    part.window_low_us, part.window_high_us = an_entry(6).stamp.us, an_entry(6).stamp.us + 1
    part.save()
    assert [entry.line for entry in evidence.load(part.run).evidence.parts[0].entries] == [6]


def test_when_there_are_too_many_entries_those_that_have_to_do_with_the_tests_are_compared(part, monkeypatch):
    bounded(monkeypatch, 4, 400, 10_000)
    rows = [an_entry(n, "INFO tick", pid=9) for n in range(1, 2_000)]
    part.kept = entries.write(part.pk, part.run.received_on, [*rows, an_entry(2_000, request=a_request())])
    part.save()
    loaded = evidence.load(part.run)
    lines = [entry.line for entry in loaded.evidence.parts[0].entries]
    assert len(lines) < 200
    assert lines[-1] == 2_000
    assert not loaded.remarks


def test_what_finds_no_room_is_left_out_and_said(part, monkeypatch):
    bounded(monkeypatch, 4, 100, 10_000_000)
    rows = [an_entry(n, request=a_request()) for n in range(1, 10_000)]
    part.kept = entries.write(part.pk, part.run.received_on, rows)
    part.save()
    loaded = evidence.load(part.run)
    assert len(loaded.evidence.parts[0].entries) < 5_000
    assert "of the 9,999" in loaded.remarks[0]


def test_a_run_that_finished_before_it_started_is_told(part):
    part.run.started_at = part.run.received_at
    part.run.finished_at = part.run.received_at - timedelta(minutes=20)
    assert "its clock was set back meanwhile, or one of the two is wrong" in evidence.load(part.run).remarks[0]
