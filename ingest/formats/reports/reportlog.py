"""pytest-reportlog (`--report-log=report.jsonl`): exact node ids, outcomes, and start and stop of every phase."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.client_logs import log_line
from ingest.formats.client_logs.log_json import decode
from ingest.formats.reports.reportlog_tests import Tests
from triage.core.records import Fact, Record, Side, Unparsed

NAME = "pytest-reportlog"
TITLE = "pytest --report-log"
SIDE = Side.TESTS
DOCUMENT = True  # one file is one report, whatever logs stand in it
SAMPLES = (
    """\
{"pytest_version": "9.2.0", "$report_type": "SessionStart"}
{"location": ["test_cars.py", 6, "test_add_car"], "keywords": {}, "outcome": "passed", "longrepr": null, \
"when": "setup", "user_properties": [], "sections": [], "duration": 0.0007, "start": 1795403416.2015157, \
"stop": 1795403416.2022562, "nodeid": "test_cars.py::test_add_car", "$report_type": "TestReport"}
{"location": ["test_cars.py", 6, "test_add_car"], "keywords": {}, "outcome": "failed", "longrepr": "assert 1 == 5", \
"when": "call", "user_properties": [], "sections": [["Captured stdout call", "POST /cars/add -> 200\\n"]], \
"duration": 0.0174, "start": 1795403416.2024891, "stop": 1795403416.2199, "nodeid": "test_cars.py::test_add_car", \
"$report_type": "TestReport"}
""",
)

JSON_LIMIT = 32 * 1024 * 1024  # bytes of one report; a longer line is kept cut, as text
LEARN_BYTES = 2 * 1024 * 1024  # of the beginning, from which the shape of log lines is learned
CUT_OFF = "The report ends in the middle of a line: the run was cut off."
TYPES = ("SessionStart", "CollectReport", "TestReport", "SubTestReport", "WarningMessage", "SessionFinish")


def recognises(head: Head) -> Recognition | None:
    """By the key that pytest-reportlog puts into every object."""
    lines = [line for line in head.lines if line.strip()]
    marked = sum(1 for line in lines if line.lstrip().startswith("{") and '"$report_type"' in line)
    if not marked:
        first = head.data[:4096].lstrip()
        if not (first.startswith(b"{") and b'"nodeid"' in head.data and b'"when"' in head.data):
            return None
        return Recognition(0.7, "one long JSON object that looks like a pytest report")
    return Recognition(marked / len(lines), f"{marked} of {len(lines)} lines are reports of pytest-reportlog")


def parse(source: Source, context: Context) -> Iterator[Record]:
    """Steps at each phase's report, the result of an attempt at its teardown. Never raises on content."""
    tests = Tests(log_line.learn(_log_sample(source)))
    for line, data, whole in byte_lines(source.blocks(), JSON_LIMIT):
        if not data.strip():
            continue
        report = decode(data)
        if report is None:
            yield Unparsed(line, data[:LINE_LIMIT].decode("utf-8", "replace").replace("\0", "\u2400"))
            if not whole:
                yield Fact(name="problem", value=CUT_OFF, line=line)
            continue
        kind = report.get("$report_type")
        if kind == "SessionStart":
            yield Fact(name="pytest", value=str(report.get("pytest_version", ""))[:80], line=line)
        elif kind == "SessionFinish":
            yield Fact(name="exit_status", value=str(report.get("exitstatus", ""))[:20], line=line)
        elif kind in ("TestReport", "SubTestReport", "CollectReport") or (kind is None and "when" in report):
            yield from tests.report(line, report, kind)
        elif kind not in TYPES:
            yield Unparsed(line, data[:LINE_LIMIT].decode("utf-8", "replace").replace("\0", "\u2400"))
    yield from tests.finish()


def byte_lines(blocks: Iterator[bytes], limit: int) -> Iterator[tuple[int, bytes, bool]]:
    """(1-based number, line without its end, whether the end was there); what is over `limit` bytes is dropped."""
    number = 1
    held = bytearray()
    for block in blocks:
        start = 0
        while (end := block.find(b"\n", start)) >= 0:
            if held:
                held += block[start : min(end, start + limit - len(held))] if len(held) < limit else b""
                yield number, bytes(held), True
                held.clear()
            else:
                yield number, block[start : min(end, start + limit)], True
            number += 1
            start = end + 1
        if len(held) < limit:
            held += block[start : start + limit - len(held)]
    if held:
        yield number, bytes(held), False


def _log_sample(source: Source) -> list[str]:
    sample: list[str] = []
    seen = 0
    for _, data, _ in byte_lines(source.blocks(), LEARN_BYTES):
        seen += len(data)
        report = decode(data)
        sections = report.get("sections") if report else None
        for section in sections if isinstance(sections, list) else ():
            if isinstance(section, list) and len(section) == 2 and "log" in str(section[0]):
                sample += islice(str(section[1]).split("\n"), 50)
        if seen > LEARN_BYTES or len(sample) > 500:
            break
    return sample
