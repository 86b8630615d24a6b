"""What a part is told to be: content decides, and what is no log is called by its name."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

from ingest.formats.detect import detect, resolve
from ingest.formats.registry import FORMATS
from ingest.formats.source import PartSource
from tests.ingest.server_parts import part, records, sample
from triage.core.records import Fact, Side

JOURNAL = "Nov 23 01:30:00 vm gunicorn[15866]: GET /cars from 127.0.0.1\n"


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("server.log", JOURNAL)
    return buffer.getvalue()


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("server.log"), io.BytesIO())
    return buffer.getvalue()


REFUSED = {
    "empty": (b"", "empty"),
    "empty gzip": (gzip.compress(b""), "empty"),
    "blank": (b"\n \n\n", "blank"),
    "binary": (bytes(range(256)) * 40, "binary"),
    "noise": (b"\xfe\x8a\x91\xd3" * 5000, "binary"),
    "png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "PNG"),
    "elf": (b"\x7fELF\x02\x01\x01" + b"\0" * 100, "ELF"),
    "zip": (zipped(), "zip"),
    "tar": (tarred(), "tar"),
    "tar in gzip": (gzip.compress(tarred()), "tar"),
    "binary journal": (b"LPKSHHRH" + b"\0" * 200, "journalctl --file"),
    "html": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "HTML"),
    "prose": (b"Once upon a time there was a car.\nIt was red.\nThat is all.\n", "No known format"),
    "one endless line": (b"x" * 400_000, "no known format"),
    "truncated gzip": (gzip.compress(b"x" * 9000)[:12], "ends early"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_log_is_refused_with_a_sentence(kind):
    content, word = REFUSED[kind]
    detection = detect(part(content))
    assert (detection.format, detection.side) == (None, None)
    assert word in detection.problem
    assert detection.problem.endswith(".")
    assert list(records(part(content), Side.SERVER)) == [Fact(name="problem", value=detection.problem)]


def test_noise_before_the_log_does_not_mislead():
    noise = "+ ssh web1 journalctl -u carsapi\nWelcome to Debian!\n\n"
    detection = detect(part(noise + JOURNAL * 20))
    assert detection.format.NAME == "journal-short"
    assert "20 of 22" in detection.reason


def test_a_compressed_log_is_recognised():
    assert detect(part(gzip.compress(JOURNAL.encode() * 5))).format.NAME == "journal-short"


def test_a_server_log_in_the_tests_slot_is_used_as_a_server_log_and_that_is_said():
    detection = detect(part(JOURNAL), Side.TESTS)
    sided = resolve(Side.TESTS, detection)
    assert sided.side is Side.SERVER
    assert "sent as tests" in sided.remark
    assert resolve(Side.SERVER, detection).remark == ""
    assert resolve(None, detection).side is Side.SERVER


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-23 01:35:55.507 | INFO     | cars:add:12 - added car 5\n",
        "2026-11-23 01:35:55,507 INFO cars: added car 5\n",
        '{"timestamp": "2026-11-23T01:39:38.294146Z", "level": "info", "event": "added car 5"}\n',
    ],
)
def test_log_lines_that_either_side_writes_are_what_they_were_sent_as(line):
    assert detect(part(line * 5), Side.SERVER).side is Side.SERVER
    assert detect(part(line * 5), Side.TESTS).side is Side.TESTS


def test_names_of_formats_are_unique():
    names = [fmt.NAME for fmt in FORMATS]
    assert len(names) == len(set(names))


def test_a_file_with_few_server_lines_among_prints_is_still_a_servers():
    lines = ["cars now 4"] * 60 + ['INFO:     127.0.0.1:34988 - "GET /cars HTTP/1.1" 200 OK'] * 3
    assert detect(part("\n".join(lines))).format.NAME == "uvicorn"


def test_text_with_nothing_but_times_is_read_as_a_last_resort():
    detection = detect(part("Mon Nov 23 01:36:44 2026 added figo\nMon Nov 23 01:36:45 2026 read 4 cars\n"))
    assert detection.format.NAME == "plain"


def test_the_same_content_is_the_same_format_whatever_its_name():
    source = sample("journal/json.txt")
    source.name = "results.xml"
    assert detect(source).format.NAME == "journal-json"


def test_a_test_log_in_the_server_slot_is_known_by_its_marks():
    log = (
        b"2024-05-23 12:11:07 | INFO | Base_Logging | log_result | PASS: Successfully added new car\n"
        b"2024-05-23 12:11:10 | INFO | Base_Logging | log_result | FAIL: Total car count doesnt match\n"
    )
    found = detect(PartSource("run.log", io.BytesIO(log)), Side.SERVER)
    assert (found.side, found.format.NAME if found.format else None) == (Side.TESTS, "loguru")
