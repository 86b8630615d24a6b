"""What a test program logged with Python's logging, structlog or as JSON lines, in whatever format it chose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.client_logs import http_trace, log_file_reading, log_record, rich_lines
from ingest.formats.client_logs.pytest_log_file import BARS
from triage.core.records import Record, Side

NAME = "python-log"
TITLE = "Python log of a test program"
SIDE = Side.TESTS
SAMPLES = (
    """\
2026-11-23T03:10:12.675000+0000 12852 INFO cars setup base
2026-11-23T03:10:12.676000+0000 12852 INFO cars adding a car
with two lines
2026-11-23T03:10:12.677000+0000 12852 DEBUG urllib3.connectionpool Starting new HTTP connection (1): 127.0.0.1:5055
2026-11-23T03:10:12.679000+0000 12852 DEBUG urllib3.connectionpool http://127.0.0.1:5055 "GET /cars HTTP/1.1" 200 34
""",
    """\
{"event": "POST /cars/add -> 200", "level": "info", "logger": "tests.cars", "timestamp": "2026-11-23T03:10:12.675Z"}
{"event": "test_add: GET /cars -> 200", "level": "info", "logger": "tests.cars", "timestamp": "2026-11-23T03:10:12.7Z"}
""",
)

SURE = 0.85
LIBRARY = 0.985  # an HTTP library wrote some lines, and no server any: looks like gunicorn's `[time] [pid] [LEVEL]` too
LEAST = 3
UNSURE = 0.35  # nothing in it says that a client wrote it
# what only a program that calls a server logs, or a test
CLIENT = re.compile(
    r"urllib3\.connectionpool|urllib3\.util\.retry|Starting new HTTPS? connection|\bHTTP Request: [A-Z]+ http|"
    r"httpcore\.(?:connection|http11)|\btest_\w+|\btests?[/.]|::test_|\bpytest\b|(?i:\bassert)"
)
# what only a server logs: its workers, its access lines, Flask's own format
SERVER = re.compile(
    r"Booting worker|Listening at: |Started server process|Application startup complete|Uvicorn running|werkzeug|"
    r"gunicorn|uvicorn|hypercorn|\bINFO in \w+: |\bspawned uWSGI|Worker exiting|WORKER TIMEOUT|celery|"
    r'(?<!//)\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})? - [^"]{0,60}"[A-Z]{3,7} /'
)


def recognises(head: Head) -> Recognition | None:
    """By lines with a level, and by what only clients log: surely, or as a guess that any other format beats."""
    lines = [line for line in head.lines if line.strip()]
    if not lines:
        return None
    if rich_lines.is_rich(lines):
        lines = [text for _, _, text in rich_lines.joined(enumerate(lines, start=1))]
    fitting = client = server = library = 0
    for line in lines:
        read = log_record.read(line if line.startswith("{") else line[:2000])
        if read is not None and (read.level or (line.startswith("{") and read.stamp)):
            fitting += 1
        client += CLIENT.search(line[:2000]) is not None or _asks(line)
        library += http_trace.is_library_line(line)
        server += SERVER.search(line[:2000]) is not None
    if fitting * 3 < len(lines) or server > client:
        return None
    share = min(1.0, fitting * 1.25 / len(lines))
    alone = library >= LEAST and not server and not any(BARS.match(line[:300]) for line in lines)
    told = LIBRARY if alone else SURE
    score = share * (told if client else UNSURE)
    return Recognition(score, f"{fitting} of {len(lines)} lines are log records, {client} as test programs write them")


def parse(source: Source, context: Context) -> Iterator[Record]:
    """A step a record; lines before the first record are kept as unparsed. Never raises on content."""
    yield from log_file_reading.read(source)


def _asks(line: str) -> bool:
    request = http_trace.request_in(line)
    return request is not None and bool(request.target) and request.method is not None
