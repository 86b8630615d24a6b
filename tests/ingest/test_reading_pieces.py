"""One uploaded file with several logs in it: each becomes a part, is read as what it is, and is named by its place."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.db import connection

from tests.ingest.test_reading_run import JOURNAL, TESTS, both_sides_are_used, more, read, stored, tasks_run_at_once
from tests.triage.made import a_run
from triage.models import Entry, LineFormat, Part, RedactionPattern, Run
from triage.store import settings

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
    assert "It holds" in console.reason and "passed over" in console.reason
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
