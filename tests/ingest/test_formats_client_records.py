"""Log records of test programs, written by real loggers in the layouts that teams use."""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal

import pytest

from ingest.formats.client_logs import log_line, log_pairs, log_record, loguru, pytest_log_file, python_log, rich_lines
from ingest.formats.detect import detect
from tests.ingest.client_parts import FORMATS, read, sample, source
from triage.core.records import SECOND, Side

# file: (format, records, [ticks of a stamp, dated, zoned] or None, whether the process is named)
RUNS = {
    "python_log/logging_basic.log": (python_log, None, False),
    "python_log/logging_asctime.log": (python_log, (1_000, True, False), False),
    "python_log/logging_boxed.log": (python_log, (1_000, True, False), True),
    "python_log/logging_pipes.log": (loguru, (1_000, True, False), True),
    "python_log/logging_place.log": (python_log, (1_000, False, False), False),
    "python_log/logging_utc.log": (python_log, (1_000, True, True), True),
    "python_log/logging_level_first.log": (python_log, (1_000, True, False), True),
    "python_log/colorlog.log": (python_log, (1_000, True, False), False),
    "python_log/rich.log": (python_log, (SECOND, False, False), False),
    "python_log/python_json_logger.jsonl": (python_log, (1_000, True, False), True),
    "python_log/python_json_logger_timestamp.jsonl": (python_log, (1, True, True), False),
    "loguru/run_default.log": (loguru, (1_000, True, False), False),
    "loguru/run_color.log": (loguru, (1_000, True, False), False),
    "loguru/run_process.log": (python_log, (1, True, True), True),
    "loguru/run_clock.log": (python_log, (1_000, False, False), False),
    "loguru/run_box.log": (python_log, (SECOND, True, False), True),
    "loguru/run_bound.log": (python_log, (1, True, True), False),
    "loguru/serialized_run.jsonl": (python_log, (1, True, True), True),
    "structlog/console.log": (python_log, (1, True, True), False),
    "structlog/color.log": (python_log, (1, True, True), True),
    "structlog/local.log": (python_log, (SECOND, True, False), True),
    "structlog/json.jsonl": (python_log, (1, True, True), True),
    "structlog/epoch.jsonl": (python_log, (1, True, True), True),
    "structlog/logfmt.log": (python_log, (1, True, True), True),
    "structlog/keyvalue.log": (python_log, (1, True, True), True),
}
LOG_FILES = {
    "run_default.log": (pytest_log_file, None, False),
    "run_asctime.log": (pytest_log_file, (SECOND, False, False), False),
    "run_time_f_z.log": (python_log, (1_000, True, True), True),
    "run_auto_indent.log": (python_log, (1_000, True, False), True),
    "run_message_only.log": (python_log, None, False),
    "run_pid_no_time.log": (python_log, None, True),
    "run_xdist_append.log": (python_log, (SECOND, True, True), True),
}


@pytest.mark.parametrize("path", RUNS)
def test_every_layout_tells_the_same_run(path):
    """Twelve rounds of one POST and one GET, each logged by the program and by urllib3, and two errors."""
    what, stamp, has_pid = RUNS[path]
    content = sample(path)
    assert detect(source(content), Side.TESTS).format is what
    found = read(what, content)
    assert not found.unparsed
    assert len(found.steps) == 100
    assert found.requests() == [("POST", "/cars/add", 201), ("GET", "/cars/none", 404)] * 12
    assert Counter(step.level for step in found.steps) == {"info": 24, "debug": 60, "error": 14, "warning": 2}
    for step in found.steps:
        assert (step.stamp is None) is (stamp is None)
        if step.stamp is not None:
            # a number loses its last zeros, a time that falls on a whole millisecond is one
            assert step.stamp.tick_us == stamp[0] or (stamp[0] == 1 and step.stamp.us % step.stamp.tick_us == 0)
            assert (step.stamp.dated, step.stamp.zoned) == stamp[1:]
    # structlog's console puts the process behind the message, so behind both lines of one that has two
    pids = {step.pid for step in found.steps if "\n" not in step.raw}
    assert len(pids) == 1
    assert (None not in pids) is has_pid
    errors = [step.text for step in found.steps if "broken" in step.text]
    assert len(errors) == 2
    assert all("KeyError" in text or "colour" in text or "exception" in text for text in errors) or "json" in path


def test_the_library_is_named_as_the_logger_in_every_layout_that_has_one():
    for path in RUNS:
        if path.partition("/")[2] in ("logging_place.log", "run_clock.log", "run_box.log", "run_bound.log"):
            continue
        if "logging_level_first" in path:
            continue  # it has the module only
        names = {step.logger for step in read(RUNS[path][0], sample(path)).steps}
        assert names & {"urllib3.connectionpool", "connectionpool"}, path


@pytest.mark.parametrize("name", LOG_FILES)
def test_a_log_file_of_pytest_is_read_in_every_format_it_may_have(name):
    what, stamp, has_pid = LOG_FILES[name]
    content = sample(f"pytest_log_file/{name}")
    assert detect(source(content), Side.TESTS).format is what
    found = read(what, content)
    assert not found.unparsed
    times = 2 if "append" in name else 1
    asked = Counter(found.requests())
    assert asked["POST", "/cars/add", 201] == asked["GET", "/old", 302] == asked["GET", "/cars/none", 404] == times
    assert asked["GET", "/cars", 200] == 3 * times
    stamps = {step.stamp and (step.stamp.tick_us, step.stamp.dated, step.stamp.zoned) for step in found.steps}
    assert stamps == {stamp}
    assert all((step.pid is not None) is has_pid for step in found.steps)
    assert sum("adding a car\n" in step.text for step in found.steps) == times


def test_two_workers_that_write_one_log_file_are_told_apart():
    found = read(python_log, sample("pytest_log_file/run_xdist_append.log"))
    raw = sample("pytest_log_file/run_xdist_append.log").decode()
    assert {step.pid for step in found.steps} == {int(pid) for pid in re.findall(r"^\S+ (\d+) [A-Z]+ ", raw, re.M)}


def test_the_times_of_json_records_are_those_of_the_file():
    records = [json.loads(line, parse_float=Decimal) for line in sample("structlog/epoch.jsonl").splitlines()]
    steps = read(python_log, sample("structlog/epoch.jsonl")).steps
    assert [step.stamp.us for step in steps] == [int(each["timestamp"] * SECOND) for each in records]


def test_pairs_keep_quoted_values_whole():
    head = log_pairs.read(r'ts=2026-11-23T07:19:48Z level=warn msg="two\nlines \"quoted\"" logger=cars pid=12 car=figo')
    assert (head.message, head.level, head.logger, head.pid) == ('two\nlines "quoted" car=figo', "warning", "cars", 12)
    assert head.stamp.zoned


@pytest.mark.parametrize("text", ["before=4 after=4", "a=", "x = 5", "level=info", "msg=hello", "url=http://a/b?c=d"])
def test_words_with_an_equals_sign_are_no_record(text):
    assert log_pairs.read(text) is None


def test_a_wrapped_line_of_rich_is_put_together_and_keeps_its_raw_lines():
    found = read(python_log, sample("python_log/rich.log"))
    step = next(each for each in found.steps if each.request and each.request.path == "/cars/add")
    assert step.text == 'http://127.0.0.1:5065 "POST /cars/add HTTP/1.1" 201 14'
    assert step.raw.count("\n") == 2
    assert step.stamp == found.steps[0].stamp  # rich shows a time once


def test_other_indented_text_is_not_taken_for_richs():
    assert not rich_lines.is_rich(["     INFO a", "     INFO b", "     INFO c"])
    assert not rich_lines.is_rich(["12:00:01 INFO a b.py:4"] * 9)


COLUMNS = {
    "28091 INFO cars setup base": (28091, "info", "", "cars setup base"),
    "2026-11-23T07:19:35.440Z INFO MainProcess(27936) cars.client - answer": (27936, "info", "cars.client", "answer"),
    "INFO 2026-11-23 12:49:36,016 suite 27937 139739038514048 answer 201": (27937, "info", "suite", "answer 201"),
    "2026-11-23T07:19:45Z [info     ] answer 201    [cars.client] process=28019 n=1": (
        28019,
        "info",
        "cars.client",
        "answer 201 process=28019 n=1",
    ),
    "2026-11-23T07:19:45Z [info] a list [of] things": (None, "info", "", "a list [of] things"),
}


@pytest.mark.parametrize("text", COLUMNS)
def test_columns_are_recognised_in_any_order(text):
    head = log_record.read(text)
    assert (head.pid, head.level, head.logger, head.message) == COLUMNS[text]


def test_a_number_before_words_is_no_process():
    assert log_line.read("12 cars added") is None
    assert log_line.read("200 OK") is None


def test_the_corpus_names_no_other_files_than_are_tested_here():
    for folder in ("structlog", "pytest_log_file"):
        files = {path.name for path in (FORMATS / folder).iterdir() if path.suffix in (".log", ".jsonl")}
        tested = (
            {path.partition("/")[2] for path in RUNS} | set(LOG_FILES) | {"logfile_asctime.log", "logfile_default.log"}
        )
        assert files <= tested
