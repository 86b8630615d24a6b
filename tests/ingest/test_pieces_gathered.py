"""A file with several logs, gathered into the evidence of one run."""

from __future__ import annotations

from ingest.formats.gather import Offered, gather
from tests.ingest.wrapped_parts import CONTEXT, corpus, source
from triage.core.records import Side


def named(format: str) -> str:
    """Of a file in which several grammars are at home, the name is that of the one with most lines."""
    return "" if format in ("gunicorn-error", "access-log") else format


def test_one_console_gives_both_sides():
    gathered = gather([Offered(source(corpus("github/job.txt"), "job.txt"), Side.TESTS)], now_us=CONTEXT.reference_us)
    assert [(part.name, part.side, named(part.format), part.problem) for part in gathered.parts] == [
        ("job.txt, lines 103\u2013104", Side.TESTS, "pytest-terminal", ""),
        ("job.txt, lines 111\u2013439", Side.TESTS, "pytest-terminal", ""),
        ("job.txt, lines 447\u2013675", Side.TESTS, "pytest-terminal", ""),
        ("job.txt, lines 681\u2013830", Side.SERVER, "", ""),
        ("job.txt, lines 835\u2013949", Side.SERVER, "journal-short-iso-precise", ""),
        ("job.txt, lines 954\u20131205", Side.SERVER, "", ""),
    ]
    assert sum(part.skipped_lines for part in gathered.parts) == 0
    assert gathered.remarks == ("job.txt: 133 lines of the console's own output were passed over.",)


def test_a_plain_file_keeps_its_name_and_the_side_it_was_sent_as():
    log = "2026-11-23 01:35:55,507 INFO cars: added car 5\n" * 5
    for side in Side:
        (part,) = gather([Offered(source(log, "cars.log"), side)], now_us=CONTEXT.reference_us).parts
        assert (part.name, part.side) == ("cars.log", side)


def test_containers_that_interleave_are_told_apart():
    gathered = gather([Offered(source(corpus("compose/logs.txt"), "compose.log"))], now_us=CONTEXT.reference_us)
    tests, servers = gathered.evidence.parts
    assert (tests.name, servers.name) == ("compose.log, tests-1", "compose.log, all but tests-1")
    assert len(tests.results) == 17
    assert {entry.host for entry in servers.entries} == {"web-1", "web-2", "lb-1", "cache-1"}
