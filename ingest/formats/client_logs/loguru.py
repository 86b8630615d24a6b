"""Loguru's lines with bars between the columns, and the logs of test frameworks built on it, which name their tests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.formats import ansi, stamps
from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.client_logs.client_steps import Place, StepReader
from ingest.formats.client_logs.log_line import LEVELS, LogLine
from ingest.formats.client_logs.loguru_tests import Naming, Segments
from ingest.formats.client_logs.pytest_log_file import BARS
from triage.core.records import Record, Side, Stamp, Unparsed

NAME = "loguru"
TITLE = "loguru-style log"
SIDE = Side.TESTS
SAMPLES = (
    """\
2024-05-23 12:11:07 | INFO | Base_Logging | log_result | PASS: Successfully added new car with details {'name': 'figo'}
2024-05-23 12:11:08 | INFO | Base_Logging | conditional_write |   - Successfully fetched cars
2024-05-23 12:11:10 | INFO | Base_Logging | log_result | FAIL: Total car count doesnt match expected count
2024-05-23 12:11:10 | WARNING | test_api_example |
2024-05-23 12:11:10 | INFO | Base_Logging | test_api_example | Exception when trying to run test:/home/ci/tests/test_api_example.py
""",  # noqa: E501
    """\
2026-11-23 07:27:18 | SUCCESS | tests/run.py::log_result | PASS: Successfully added new car with details {'name': 'i20'}
2026-11-23 07:27:18 | ERROR | tests/run.py::log_result | FAIL: Total car count doesnt match expected count
""",
    """\
2026-11-23 07:09:38.393 | INFO     | __main__:<module>:2 - x
2026-11-23 07:09:38.394 | WARNING  | cars.client:add:14 - POST /cars/add -> 200
""",
)

LIKELY = 0.987  # goes before other logs of Python programs; the slot may still say that a server wrote it
BAR = re.compile(r" {0,3}\| ?")
LEVEL = re.compile(r" {0,3}\| {0,3}(?P<level>[A-Z][A-Z_]{2,15}) {0,10}\|(?: |$)")
# tests/run.py::log_result | message
PLACED = re.compile(r"(?P<file>[^|:\n]{1,300}\.py)::(?P<func>[\w<>]{1,200}) {0,3}\|(?: |$)")
# cars.client:add:14 - message
LOGURU = re.compile(r"(?P<name>[\w.]{1,200}):(?P<func>[\w<>.]{1,200}):\d{1,7} {1,3}(?:-|\|)(?: |$)")
# 27930 |      MainThread |      MainProcess |
PROCESS = re.compile(r"(?P<pid>\d{1,10}) {0,3}\|(?: |$)")
THREAD = re.compile(r"(?:MainThread|MainProcess|Thread-\d{1,6}(?: \(\w{1,80}\))?) {0,12}\|(?: |$)")
# Base_Logging | log_result | message      and      test_api_example | message
COLUMN = re.compile(r"(?P<name>[\w.<>]{1,200}) {0,3}\|(?: |$)")


def recognises(head: Head) -> Recognition | None:
    """By lines that begin with a date and time, a bar, a level in capitals and a bar."""
    lines = [line for line in head.lines if line.strip()]
    fitting = sum(1 for line in lines if columns(line) is not None)
    if not fitting or fitting * 5 < len(lines):
        return None
    reason = f"{fitting} of {len(lines)} lines are `time | LEVEL | …`"
    if any(map(_tells_of_a_test, lines)):
        return Recognition(1.0, f"{reason}, and some tell how a test went")
    # the rest continues messages: banners, tracebacks
    barred = any(BARS.match(line[:300]) for line in lines)  # a run of pytest, in whose output these lines stand
    return Recognition((0.96 if barred else LIKELY) if fitting * 2 >= len(lines) else 0.6, reason)


def _tells_of_a_test(line: str) -> bool:
    """What no server writes: a mark of its own before the message, or the name of a test function."""
    read = _columns(line)
    if read is None:
        return False
    head, naming = read
    return head.message.startswith(("PASS: ", "FAIL: ")) or (naming.func or naming.name).startswith("test_")


def parse(source: Source, context: Context) -> Iterator[Record]:
    """Two passes: which test each line belongs to, then the steps, then a result a test. Never raises on content."""
    segments = Segments(source.name)
    for line, raw in source.lines():
        read = _columns(ansi.strip(raw))
        if read is not None:
            segments.see(line, read[0].message, read[1], read[0].stamp)
    segments.close()
    steps = StepReader(columns=columns)
    place, end = Place(log=True), 0
    begun = False
    for line, raw in source.lines():
        if line > end:
            test, end = segments.at(line)
            place = Place(test=test, log=True)
        if not begun:
            begun = columns(ansi.strip(raw)) is not None
            if not begun:
                if raw.strip():
                    yield Unparsed(line, raw)
                continue
        yield from steps.feed(line, raw, place)
    yield from steps.flush()
    yield from segments.results()


def columns(text: str) -> LogLine | None:
    """The columns of a line without escapes; None where it continues a message."""
    read = _columns(text)
    return read[0] if read else None


def _columns(text: str) -> tuple[LogLine, Naming] | None:
    stamped = stamps.iso(text) or stamps.slashed(text)
    if stamped is None or not (found := LEVEL.match(text, stamped[1])):
        return None
    stamp: Stamp = stamped[0]
    level = LEVELS.get(found["level"], "info")
    at = found.end()
    file = name = func = ""
    pid: int | None = None
    for _ in range(3):  # process, thread and process name, in any order
        if (process := PROCESS.match(text, at)) and pid is None:
            pid, at = int(process["pid"]), process.end()
        elif thread := THREAD.match(text, at):
            at = thread.end()
    if placed := PLACED.match(text, at):
        file, func, at = placed["file"], placed["func"], placed.end()
    elif placed := LOGURU.match(text, at):
        name, func, at = placed["name"], placed["func"], placed.end()
    elif placed := COLUMN.match(text, at):
        name, at = placed["name"], placed.end()
        if second := COLUMN.match(text, at):
            func, at = second["name"], second.end()
    head = LogLine(text[at:].rstrip(), stamp, level, name or file, pid)
    return head, Naming(file=file, name=name, func=func)
