"""One uploaded file with several logs in it: each becomes a part, is read as what it is, and is named by its place."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.db import connection
from msgspec.structs import replace

from ingest import storage
from ingest.reading import pieces as division
from ingest.reading.progress import Large
from ingest.reading.run import read_parts
from tests.ingest.test_reading_run import JOURNAL, TESTS, both_sides_are_used, more, read, stored, tasks_run_at_once
from tests.ingest.test_wrapping_ci import BARS
from tests.triage.made import a_run
from triage.models import Entry, LineFormat, Part, Reading, RedactionPattern, Run
from triage.store import readings, settings, work

__all__ = ["tasks_run_at_once"]
pytestmark = pytest.mark.django_db(transaction=True)
CORPUS = Path(__file__).parent.parent / "formats"


def zipped(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_log", ".log"), content)
    return data.getvalue()


def pieces(part: Part) -> list[Part]:
    part.refresh_from_db()
    assert part.state == Part.State.SPLIT, part.problem
    return list(part.pieces.order_by("position"))


def test_a_console_log_with_a_test_run_and_a_journal_in_it_answers_alone():
    run = a_run()
    console = stored(run, "tests", (CORPUS / "mixed" / "console.txt").read_bytes(), "console.log")
    assert read(run).status == "ready"
    found = pieces(console)
    assert {piece.side for piece in found} == {"tests", "server"}
    assert all(piece.state == "read" for piece in found), [(p.name, p.problem) for p in found]
    assert all(piece.name.startswith("console.log, lines ") for piece in found)
    assert "It holds" in console.reason and f"{console.skipped_lines} lines" in console.reason
    assert console.skipped_lines > 0  # git and pip: each line of the file is in one account
    assert run.tests_total > 0
    server = next(piece for piece in found if piece.side == "server")
    lines = [entry.line for entry in Entry.objects.of_part(server)]
    text = (CORPUS / "mixed" / "console.txt").read_text().splitlines()
    raw = {entry.line: entry.raw for entry in Entry.objects.of_part(server)}
    assert lines and all(raw[line].splitlines()[0] in text[line - 1] for line in lines)


def test_an_archive_of_both_sides_answers_alone():
    run = a_run()
    archive = stored(run, "server", zipped(out__pytest_log=TESTS, web1_log=JOURNAL, shot=b"\x89PNG" * 99), "logs.zip")
    assert read(run).status == "ready"
    found = pieces(archive)
    assert [(p.name, p.side, p.state) for p in found] == [
        ("logs.zip, out/pytest.log", "tests", "read"),
        ("logs.zip, web1.log", "server", "read"),
    ]
    assert both_sides_are_used()


def test_reading_again_makes_no_piece_twice():
    run = a_run()
    archive = stored(run, "server", zipped(pytest_log=TESTS, web1_log=JOURNAL), "logs.zip")
    read(run)
    first = [part.pk for part in pieces(archive)]
    Part.objects.filter(run=run).update(state="stored")
    more(run)
    read(run)
    assert [part.pk for part in pieces(archive)] == first
    assert both_sides_are_used()


@pytest.mark.parametrize("data", [zipped(), b"PK\x03\x04" + b"\0" * 400, zipped(shot=b"\x89PNG" * 99)])
def test_an_archive_without_a_log_says_so(data: bytes):
    run = a_run()
    part = stored(run, "server", data, "logs.zip")
    assert read(run).status == "failed"
    part.refresh_from_db()
    assert part.state == "unreadable" and part.problem.endswith(".")


def test_a_journal_that_prints_what_pytest_printed_stays_one_part():
    run = a_run()
    lines = [f"May 23 12:11:{n % 60:02} web1 ci[77]: tests/test_a.py::test_{n} PASSED" for n in range(200)]
    part = stored(run, "server", "\n".join(lines).encode() + b"\n", "journal.log")
    read(run)
    part.refresh_from_db()
    assert part.state == "read" and not part.pieces.exists()


def test_a_projects_own_line_format_is_read():
    run = a_run()
    settings.add_line_format(
        run.project, None, run.received_at, name="Billing", slug="custom-billing", side="server", kind="template",
        pattern="{time} #{pid} {level} {message}", time="", sample="",
    )  # fmt: skip
    lines = [f"2024-05-23T12:11:{n:02}Z #51463 warn carried {n} cars" for n in range(30)]
    part = stored(run, "server", "\n".join(lines).encode(), "billing.log")
    read(run)
    part.refresh_from_db()
    assert (part.format, part.entries, part.skipped_lines) == ("custom-billing", 30, 0)
    assert {entry.pid for entry in Entry.objects.of_part(part)} == {51463}
    assert LineFormat.objects.count() == 1


def test_no_secret_of_either_side_reaches_the_database():
    run = a_run()
    bearer, number = "Bearer " + "tok" * 9, "customer-4711-0815"
    settings.add_redaction_pattern(
        run.project, None, run.received_at, name="Customer", pattern=r"customer-(\d{4}-\d{4})"
    )
    tests = TESTS.replace(b"Successfully fetched cars", f"Authorization: {bearer} for {number}".encode())
    server = JOURNAL + f"May 23 12:11:09 web1 gunicorn[51463]: sent Authorization: {bearer} of {number}\n".encode()
    parts = [stored(run, "tests", tests), stored(run, "server", server)]
    read(run)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM triage_entry e")
        rows = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(s::text, ' ') FROM triage_step s")
        steps = cursor.fetchone()[0]
    for said in (rows, steps):
        assert "[redacted" in said
        assert "toktok" not in said and "4711-0815" not in said
    for part in parts:
        part.refresh_from_db()
        assert sum(part.redacted.values()) >= 2, part.redacted
    assert Run.objects.get().status == "ready" and RedactionPattern.objects.count() == 1


def test_names_that_redaction_makes_longer_do_not_cost_the_archive():
    run = a_run()
    secret = "password=" + "hunter2hunter" + "/"
    content = {secret * 12 + "x.log": TESTS, secret + "d" * 225 + ".log": JOURNAL}
    archive = stored(run, "server", zipped(**content), "logs.zip")
    read(run)
    found = pieces(archive)
    assert [piece.state for piece in found] == ["read", "read"]
    assert all(len(piece.name) <= 255 for piece in found)


def test_no_secret_in_a_members_name_is_kept_not_even_half_of_it():
    run = a_run()
    token = "gh" + "p_" + "A1b2C3d4E5" * 4
    long = f"{'k' * 40}/{token}/{'d' * 225}.log"  # too long a name, cut in the middle of the token
    archive = stored(run, "server", zipped(**{long: TESTS, f"{token}/web1.log": JOURNAL}), "logs.zip")
    read(run)
    kept = " ".join(f"{piece.name} {piece.piece}" for piece in pieces(archive))
    records = [readings.load(row) for row in Reading.objects.all()]
    assert "A1b2C3d4E5" not in kept and records and "A1b2C3d4E5" not in repr(records)


def test_a_log_that_is_in_an_archive_twice_is_read_once():
    run = a_run()
    inner = zipped(web1_log=JOURNAL)
    archive = stored(run, "server", zipped(pytest_log=TESTS, **{"a.zip": inner, "b.zip": inner}), "logs.zip")
    read(run)
    assert len(pieces(archive)) == 2
    assert "1 log more of the same content is not read again." in Part.objects.get(pk=archive.pk).reason


def test_more_logs_than_a_file_may_have_are_counted():
    run = a_run()
    consoles = {f"{number}.log": console(number) for number in range(40)}
    archive = stored(run, "server", zipped(**consoles), "logs.zip")
    read(run)
    assert len(pieces(archive)) == 64
    assert "16 logs more are left out: at most 64 of one file are read." in Part.objects.get(pk=archive.pk).problem


def test_more_test_runs_than_a_console_may_have_are_counted():
    run = a_run()
    runs = "".join(f"$ pytest {number}\n{BARS}" for number in range(500))
    part = stored(run, "tests", f"##[group]Run tests\n##[endgroup]\n{runs}".encode(), "console.log")
    read(run)
    assert len(pieces(part)) == 64
    part.refresh_from_db()
    assert "436 logs more are left out: at most 64 of one file are read." in part.problem
    assert "and of 436 logs more than the 64 of one file that are read were passed over." in part.reason


def console(number: int) -> bytes:
    """A test run and a journal in one console."""
    said = f"##[group]Run pytest {number}\n##[endgroup]\n".encode()
    return said + BARS.encode() + b"##[group]Run journalctl\n##[endgroup]\n" + JOURNAL * 20 + b"##[endgroup]\n"


def test_a_member_that_cannot_be_read_to_its_end_says_so():
    run = a_run()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("pytest.log", TESTS)
        archive.writestr("web1.log", JOURNAL)
    torn = data.getvalue().replace(JOURNAL, JOURNAL[:-2] + b"x\n")
    part = stored(run, "server", torn, "logs.zip")
    read(run)
    pieces(part)
    part.refresh_from_db()
    assert "its checksum is wrong: the archive is damaged; what could be read before that is used." in part.reason


def test_an_archive_that_unfolds_to_more_than_a_person_waits_for_goes_on_in_the_other_queue():
    run = a_run()
    archive = stored(run, "server", zipped(pytest_log=TESTS, web1_log=JOURNAL * 1_000), "logs.zip")
    with work.hold(run.pk) as hold, pytest.raises(Large):
        read_parts(run, hold, limit=10_000)
    archive.refresh_from_db()
    assert (archive.state, archive.attempts, archive.pieces.count()) == ("stored", 0, 0)
    assert not list((storage.incoming_folder()).iterdir())
    assert read(run).status == "ready"


def test_an_archive_that_ends_its_workers_is_left_out_in_the_end():
    run = a_run()
    archive = stored(run, "server", zipped(pytest_log=TESTS, web1_log=JOURNAL), "logs.zip")
    Part.objects.filter(pk=archive.pk).update(attempts=5)
    assert read(run).status == "failed"
    archive.refresh_from_db()
    assert archive.state == "unreadable" and "ended the worker 5 times" in archive.problem


def test_a_part_that_is_one_log_today_has_no_pieces_of_yesterday(monkeypatch):
    run = a_run()
    archive = stored(run, "server", zipped(pytest_log=TESTS, web1_log=JOURNAL, web2_log=JOURNAL + b"\n"), "logs.zip")
    read(run)
    assert len(pieces(archive)) == 3
    keep = pieces(archive)[0].pk
    chosen = division.chosen
    monkeypatch.setattr(division, "chosen", lambda *given: replace(chosen(*given), pieces=chosen(*given).pieces[:2]))
    Part.objects.filter(run=run).update(state="stored")
    more(run)
    read(run)
    assert [piece.name for piece in pieces(archive)] == ["logs.zip, pytest.log", "logs.zip, web1.log"]
    assert pieces(archive)[0].pk == keep
    monkeypatch.setattr(division, "kind_of", lambda file: "")
    Part.objects.filter(run=run).update(state="stored")
    more(run)
    read(run)
    assert not Part.objects.filter(parent=archive).exists()
    assert not Entry.objects.exists()


def test_progress_is_told_while_an_archive_is_taken_apart():
    told = []

    class Hold:
        def progress(self, stage: str, done: int, total: int) -> None:
            told.append((stage, done, total))

    run = a_run()
    stored(run, "server", zipped(pytest_log=TESTS, web1_log=JOURNAL), "logs.zip")
    read_parts(run, Hold())
    assert ("unpacking", 0, 2) in told and ("unpacking", 1, 2) in told
    assert told[-1][0] == "parsing"


def test_no_secret_among_the_facts_of_a_report_is_kept():
    run = a_run()
    token = "gh" + "p_" + "A1b2C3d4E5" * 4
    report = (
        f'<testsuite name="a"><properties><property name="x" value="{token}"/></properties>'
        '<testcase classname="tests.a" name="test_a" time="0.1"/></testsuite>'
    )
    part = stored(run, "tests", report.encode(), "junit.xml")
    read(run)
    (kept,) = [readings.load(row) for row in Reading.objects.of_part(part.pk)]
    assert "[redacted github-token " in repr(kept.facts)
    assert "A1b2C3d4E5" not in repr(kept)
