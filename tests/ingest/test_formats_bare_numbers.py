"""A bare number in a log line is the PID of its writer only where the same part proves it."""

from __future__ import annotations

from ingest.formats.assemble import Assembler
from ingest.formats.detect import detect
from tests.ingest.server_parts import part
from triage.core.records import Entry, PidTrust

BOOT = "[2026-11-23 07:54:18 +0000] [4700] [INFO] Booting worker with pid: {}"
LINE = "2026-11-23 07:54:20,907 INFO {} {}: {}"


def told(*lines: str) -> list[Entry]:
    assembler = Assembler()
    return [
        assembler.entry(number, line, None, line, trust=PidTrust.UNKNOWN) for number, line in enumerate(lines, start=1)
    ]


def test_the_number_of_a_worker_that_was_booted_is_its_pid():
    entry = told(BOOT.format(19846), LINE.format(19846, "cars", "listing 0 cars"))[-1]
    assert (entry.pid, entry.pid_trust) == (19846, PidTrust.PROVEN)


def test_a_number_that_nothing_confirms_is_no_pid():
    assert told(BOOT.format(19846), LINE.format(19847, "cars", "listing 0 cars"))[-1].pid is None


def test_the_numbers_of_source_lines_are_no_pids_even_where_one_is_a_worker_too():
    lines = [LINE.format(number, "cars", f"step {number}") for number in range(1010, 1100, 10)]
    assert {entry.pid for entry in told(BOOT.format(1050), *lines)[1:]} == {None}


def test_a_small_number_may_be_a_source_line_of_the_same_number():
    assert told(BOOT.format(12), LINE.format(12, "cars", "listing"))[-1].pid is None


def test_a_number_of_several_loggers_is_a_pid_where_the_same_text_comes_with_others():
    lines = [
        LINE.format(number, logger, "done") for number in (7617, 7622) for logger in ("shop", "celery.trace", "redis")
    ]
    entry = told(*lines, lines[0])[-1]
    assert (entry.pid, entry.pid_trust) == (7617, PidTrust.INFERRED)


def test_a_source_line_that_writes_for_every_logger_is_no_pid():
    assert told(*(LINE.format(1207, f"shop.part{n}", "done") for n in range(20)))[-1].pid is None


def test_the_console_of_a_load_generator_is_no_servers_log():
    lines = ("[2026-11-23 07:49:01,534] web1/INFO/locust.main: Starting Locust 2.47.0",
             "[2026-11-23 07:49:01,539] web1/INFO/locust.main: Run time limit set to 5 seconds",
             "[2026-11-23 07:49:01,543] web1/INFO/locust.runners: All users spawned")  # fmt: skip
    found = detect(part("\n".join(lines).encode(), "load.txt"))
    assert found.format is None or found.format.SIDE.value != "server"
