"""What CI systems put before and between the lines of a console log."""

from __future__ import annotations

import json

import pytest

from ingest.formats.wrapping.registry import WRAPPERS
from ingest.formats.wrapping.unwrap import unwrapped, wrappers_of
from tests.ingest.wrapped_parts import clock, corpus, only, parts_of, source
from triage.core.records import Fact

BARS = (
    "============================= test session starts ==============================\n"
    "tests/test_cars.py::test_add FAILED                                      [100%]\n"
    "=================================== FAILURES ===================================\n"
    "___________________________________ test_add ___________________________________\n"
    "E       assert 404 == 200\n"
    "----------------------------- Captured stdout call -----------------------------\n"
    "GET /cars -> 404\n"
    "============================== 1 failed in 0.10s ===============================\n"
)


def around(lines: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}\n" for line in lines.splitlines())


PREFIXES = {
    "github-actions": "2026-11-23T01:30:00.1234567Z ",
    "github-cli": "test\tRun pytest\t2026-11-23T01:30:00.1234567Z ",
    "gitlab": "2026-11-23T01:30:00.123456Z 01O ",
    "jenkins": "[2026-11-23T01:30:00.123Z] ",
    "buildkite": "\x1b_bk;t=1795397400123\x07",
    "docker-timestamps": "2026-11-23T01:30:00.123456789Z ",
    "stamped": "2026-11-23T01:30:00.123+00:00 ",
}


@pytest.mark.parametrize("name", PREFIXES)
def test_a_ci_stamp_is_the_latest_time_of_every_step(name):
    part = only(around(BARS, PREFIXES[name]))
    assert [each.NAME for each in wrappers_of(unwrapped(source(around(BARS, PREFIXES[name]))))] == [name]
    assert part.format == "pytest-terminal"
    assert [each.test for each in part.results] == ["tests/test_cars.py::test_add"]
    (step,) = part.steps
    assert step.stamp is None
    assert clock(step.after)[:12] == "01:30:00.123"
    assert (step.request.path, step.request.status) == ("/cars", 404)


def test_a_clock_without_a_date_is_told_as_one():
    (step,) = only(around(BARS, "[01:30:00] ")).steps
    assert (clock(step.after)[:8], step.after.dated) == ("01:30:00", False)


def test_a_byte_order_mark_anywhere_in_githubs_log_is_no_text():
    lines = around(BARS, "2026-11-23T01:30:00.1234567Z ").splitlines()
    part = only("\ufeff" + "\n".join([*lines[:2], "\ufeff" + lines[2], *lines[3:]]))
    assert len(part.results) == 1
    assert not part.unparsed


def test_a_message_of_several_lines_is_of_the_time_of_its_first():
    part = only(around(BARS, "2026-11-23T01:30:00.1234567Z ").replace("GET /cars", "first\nGET /cars"))
    assert [clock(step.after)[:8] for step in part.steps] == ["01:30:00", "01:30:00"]


def test_a_line_that_gitlabs_runner_flushed_in_parts_is_whole():
    stamp = "2026-11-23T01:30:00.123456Z 01O"
    content = around(BARS, f"{stamp} ").replace("GET /cars", f"GET /c\n{stamp}+ars")
    (step,) = only(content).steps
    assert step.text == "GET /cars -> 404"


def test_circlecis_pieces_of_output_are_one_text():
    half = len(BARS) // 2
    document = json.dumps(
        [
            {"type": "out", "time": "2026-11-23T01:30:00.123Z", "message": BARS[:half].replace("\n", "\r\n")},
            {"type": "out", "time": "2026-11-23T01:30:01.123Z", "message": BARS[half:].replace("\n", "\r\n")},
        ]
    )
    part = only(document)
    assert len(part.results) == 1
    assert clock(part.steps[0].after)[:8] == "01:30:01"


def test_a_json_list_that_is_no_output_stays_what_it_is():
    content = '[{"type":"out","time":1,"message":2}]'
    assert [text for _, text in unwrapped(source(content)).lines()] == [content]


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-23T01:30:00.123Z INFO cars: added car {n}",
        "2026-11-23T01:30:00.123456+00:00 vm gunicorn[15866]: added car {n}",
        "2026-11-23 01:30:00,123    INFO    added car {n}",
        "[2026-11-23 01:30:00 +0000] [15866] [INFO] added car {n}",
        "01:30:00 INFO added car {n}",
        "2026-11-23T01:30:00.123Z  INFO 12345 --- [main] cars : added car {n}",
    ],
)
def test_a_logs_own_time_is_not_taken_for_a_wrappers(line):
    content = "".join(line.replace("{n}", str(n)) + "\n" for n in range(60))
    assert wrappers_of(unwrapped(source(content))) == ()


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda each: each.NAME)
def test_a_wrapper_knows_its_own_samples(wrapper):
    for sample in wrapper.SAMPLES:
        inner = unwrapped(source(sample.replace("\u240d", "\r")))
        assert wrapper in wrappers_of(inner)
        assert len(list(inner.lines())) >= 1


def test_a_log_printed_at_the_end_of_a_job_does_not_take_the_time_of_its_printing():
    log = next(part for part in parts_of(corpus("github/job.txt")) if "681" in part.name)
    prints = [entry for entry in log.entries if entry.message.startswith("charging card")]
    assert prints
    assert all(entry.stamp is None for entry in prints)
    assert any(isinstance(each, Fact) and each.name == "printed_later" for each in log.records)


def test_a_log_printed_as_it_was_written_takes_the_consoles_times_where_it_has_none():
    servers = parts_of(corpus("github/compose-up.txt"))[-1]
    prints = [entry for entry in servers.entries if entry.message.startswith("charging card")]
    assert prints
    assert all(entry.stamp is not None for entry in prints)
    own = next(entry for entry in servers.entries if "Booting worker" in entry.message)
    assert own.stamp.tick_us == 1_000_000


@pytest.mark.parametrize("line", ['INFO:     127.0.0.1:5 - "GET /cars HTTP/1.1" 200 OK'])
def test_lines_without_any_time_of_their_own_are_believed_the_console_when_they_trickle(line):
    slowly = "".join(f"2026-11-23T01:30:{n:02}.1234567Z {line}\n" for n in range(30))
    at_once = "".join(f"2026-11-23T01:30:00.{n:07}Z {line}\n" for n in range(30))
    assert all(entry.stamp is not None for entry in only(slowly).entries)
    assert all(entry.stamp is None for entry in only(at_once).entries)
