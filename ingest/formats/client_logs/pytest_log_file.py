"""pytest's `--log-file`: one record a line in pytest's own log format, with or without a time before it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.client_logs import log_file_reading
from triage.core.records import Record, Side

NAME = "pytest-log-file"
TITLE = "pytest --log-file"
SIDE = Side.TESTS
SAMPLES = (
    """\
INFO     cars:conftest.py:4 setup base
INFO     cars:test_cars.py:6 adding a car
with two lines
DEBUG    urllib3.connectionpool:connectionpool.py:247 Starting new HTTP connection (1): 127.0.0.1:5055
DEBUG    urllib3.connectionpool:connectionpool.py:550 http://127.0.0.1:5055 "POST /cars/add HTTP/1.1" 200 34
""",
    """\
03:10:11 INFO     cars:conftest.py:4 setup base
03:10:11 DEBUG    urllib3.connectionpool:connectionpool.py:550 http://127.0.0.1:5055 "POST /cars/add HTTP/1.1" 200 34
""",
)

# the tail of pytest's default format: INFO     cars:test_cars.py:6 adding a car
DEFAULT = re.compile(
    r"^(?:.{1,60} )?(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) {1,9}[^\s:]{1,200}:[^\s:/]{1,200}\.py:\d{1,7} "
)
LIKELY = 0.987  # goes before other logs of Python programs
BARS = re.compile(r"^(?:={3,} .{1,200} ={3,}|-{3,} (?:live log|Captured) .{1,40} -{3,})$")


def recognises(head: Head) -> Recognition | None:
    """By lines in pytest's default log format; a file with pytest's bars is terminal output instead."""
    lines = [line for line in head.lines if line.strip()]
    if not lines or any(BARS.match(line[:300]) for line in lines):
        return None
    fitting = sum(1 for line in lines if DEFAULT.match(line[:600]))
    if not fitting or fitting * 5 < len(lines):
        return None
    # what does not fit continues a message of several lines
    score = LIKELY if fitting * 2 >= len(lines) else 0.6
    return Recognition(score, f"{fitting} of {len(lines)} lines are log records in pytest's own format")


def parse(source: Source, context: Context) -> Iterator[Record]:
    """A step a record; lines before the first record are kept as unparsed. Never raises on content."""
    yield from log_file_reading.read(source)
