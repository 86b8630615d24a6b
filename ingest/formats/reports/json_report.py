"""pytest-json-report (`--json-report`): exact node ids and whole log records, each with its own time and process.

The report has durations of phases but no times; the records of a phase bound when it began and ended.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.client_logs.log_json import decode
from ingest.formats.reports.json_report_tests import Session, records_of
from ingest.formats.reports.json_stream import Faulty, Value, values
from ingest.formats.reports.report_values import epoch_seconds, later, span
from triage.core.records import SECOND, Fact, Record, Side, Unparsed

NAME = "pytest-json-report"
TITLE = "pytest --json-report"
SIDE = Side.TESTS
DOCUMENT = True  # one file is one report, whatever logs stand in it
SAMPLES = (
    '{"created": 1795415302.2103944, "duration": 0.7187995910644531, "exitcode": 1, "root": "/srv/garage", '
    '"environment": {}, "summary": {"failed": 1, "total": 1, "collected": 1}, "tests": [{"nodeid": '
    '"api/test_cars.py::test_add_car", "lineno": 4, "outcome": "failed", "keywords": ["test_add_car"], "setup": '
    '{"duration": 0.0005, "outcome": "passed", "log": [{"name": "garage", "msg": "setup base", "levelname": "INFO", '
    '"created": 1795415301.6038952, "process": 26231}]}, "call": {"duration": 0.016, "outcome": "failed", "crash": '
    '{"path": "/srv/garage/api/test_cars.py", "lineno": 12, "message": "AssertionError: assert 3 == (3 + 1)"}, '
    '"stdout": "added 200\\n", "log": [{"name": "urllib3.connectionpool", "msg": "http://127.0.0.1:5055 \\"GET /cars '
    'HTTP/1.1\\" 200 63", "levelname": "DEBUG", "created": 1795415301.612757, "process": 26231}], "longrepr": '
    '"E   AssertionError: assert 3 == (3 + 1)"}, "teardown": {"duration": 0.0002, "outcome": "passed"}}]}',
)

ROOT, TESTS = (), ("tests",)
KEYS = (b'"created"', b'"duration"', b'"exitcode"', b'"root"', b'"summary"')
BEGINNING = 65_536  # bytes in which those keys must stand


def recognises(head: Head) -> Recognition | None:
    """By the keys that such a report begins with."""
    start = head.data[:BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"{") or not all(key in start for key in KEYS):
        return None
    return Recognition(0.99, "one JSON object with the keys of pytest-json-report: created, exitcode, summary")


def parse(source: Source, context: Context) -> Iterator[Record]:
    """The records of one test after the other, in constant memory. Never raises on content."""
    top: dict[str, object] = {}
    session: Session | None = None
    for value in values(source.blocks(), (ROOT, TESTS)):
        if isinstance(value, Faulty):
            yield Fact(name="problem", value=value.problem, line=value.line)
        elif value.path == ("tests", "*"):
            if session is None:
                session = _session(top)
            yield from _test(value, session)
        elif len(value.path) == 1:
            if (fact := _top(value, top)) is not None:
                yield fact
            if value.path == ("duration",) and (began := _session(top).began) is not None:
                yield Fact(name="session_started_us", value=str(began.us), line=value.line)


def _top(value: Value, top: dict[str, object]) -> Fact | None:
    """A key of the report itself; two of them say when the session was, one is worth telling."""
    name = value.path[0]
    if name not in ("created", "duration", "exitcode"):
        return None
    try:
        top[name] = float(value.data)
    except ValueError:
        return None
    if name == "exitcode":
        return Fact(name="exit_status", value=value.data.decode("ascii", "replace")[:20], line=value.line)
    if name == "duration":
        return Fact(name="session_duration_us", value=str(span(top[name], SECOND) or 0), line=value.line)
    return None


def _session(top: dict[str, object]) -> Session:
    ended = epoch_seconds(top.get("created"))
    took = span(top.get("duration"), SECOND)
    began = None if ended is None or took is None or took > ended.us else later(ended, -took)
    return Session(began=began, ended=ended)


def _test(value: Value, session: Session) -> Iterator[Record]:
    test = decode(value.data) if value.whole else None
    if test is None or not isinstance(test.get("nodeid"), str):
        yield Unparsed(value.line, value.data[:LINE_LIMIT].decode("utf-8", "replace").replace("\0", "\u2400"))
        return
    yield from records_of(value.line, test, session)
