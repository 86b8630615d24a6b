"""Allure results: start and stop of every test and every step of it in milliseconds, whichever framework wrote them.

A run is a folder of hundreds of small files. Out of an archive they come as JSON lines, each a result, a container of
fixtures, or an attachment's text; a single result file is read too.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.client_logs.log_json import decode
from ingest.formats.reports.allure_tests import Gathering, records_of
from ingest.formats.reports.report_values import text
from ingest.formats.reports.reportlog import byte_lines
from triage.core.records import Fact, Record, Side, Unparsed

NAME = "allure-results"
TITLE = "Allure results"
SIDE = Side.TESTS
DOCUMENT = True  # one file is one report, whatever logs stand in it
SAMPLES = (
    '{"name": "test_get_car[swift]", "status": "failed", "statusDetails": {"message": "assert 404 == 200", "trace": '
    '"E   assert 404 == 200"}, "steps": [{"name": "GET /cars/swift", "status": "passed", "start": 1795415359049, '
    '"stop": 1795415359051}], "parameters": [{"name": "name", "value": "\'swift\'"}], "start": 1795415359049, "stop": '
    '1795415359052, "uuid": "b22b6685-49a2-4a36-8142-b0f1f2386e2b", "historyId": "3ec23ed98b5855129af4eaca26e310a8", '
    '"fullName": "api.test_cars#test_get_car", "labels": [{"name": "thread", "value": "31127-MainThread"}], '
    '"titlePath": ["api", "test_cars.py"]}\n',
)

OWN_KEYS = ('"historyId"', '"children"', '"befores"', '"afters"')
FILE_LIMIT = 8 << 20  # bytes of one result
HELD = 192 << 20  # bytes of all results and attachments: attempts are told apart only when all are known
FAULT = f"The results are larger than {HELD >> 20} MiB together; the first ones were read."


def recognises(head: Head) -> Recognition | None:
    """By the keys of a result or container, on the first lines."""
    lines = [line for line in head.lines if line.strip()]
    if not lines and head.data.lstrip().startswith(b"{"):
        return _long(head.data)
    marked = sum(1 for line in lines if _is_ours(line))
    if marked:
        return Recognition(0.99 * marked / len(lines), f"{marked} of {len(lines)} lines are results of Allure")
    start = head.data[:65_536].lstrip(b"\xef\xbb\xbf \t\r\n")
    return _long(start) if start.startswith((b"{\n", b"{\r\n")) else None


def _is_ours(line: str) -> bool:
    if not line.startswith("{"):
        return False
    if '"attachment":' in line[:16]:
        return True
    return '"uuid"' in line and '"start"' in line and any(key in line for key in OWN_KEYS)


def _long(data: bytes) -> Recognition | None:
    """A result over several lines, or one longer than the head."""
    if b'"uuid"' in data and b'"start"' in data and any(key.encode() in data for key in OWN_KEYS):
        return Recognition(0.98, "a JSON object with the keys of an Allure result: uuid, historyId, start")
    return None


def parse(source: Source, context: Context) -> Iterator[Record]:
    """Tests in the order in which they began, each with its fixtures and steps. Never raises on content."""
    gathering = Gathering()
    room = HELD
    pending = bytearray()
    first = 0
    for line, data, _ in byte_lines(source.blocks(), FILE_LIMIT):
        if not data.strip():
            continue
        room -= len(data)
        if room < 0:
            yield Fact(name="problem", value=FAULT, line=line)
            break
        if not pending and data.rstrip().endswith(b"}") and data.startswith(b"{"):
            yield from _take(gathering, line, bytes(data))
            continue
        # a file that was written over several lines: it ends with a bracket at the beginning of a line
        first = first if pending else line
        pending += data + b"\n"
        if data.rstrip() == b"}":
            yield from _take(gathering, first, bytes(pending))
            pending.clear()
    if pending:
        yield from _take(gathering, first, bytes(pending))
    yield from records_of(gathering)


def _take(gathering: Gathering, line: int, data: bytes) -> Iterator[Record]:
    found = decode(data)
    if found is None:
        yield Unparsed(line, data[:LINE_LIMIT].decode("utf-8", "replace").replace("\0", "\u2400"))
    elif "attachment" in found and "text" in found:
        gathering.attachment(text(found.get("attachment")), text(found.get("text"), 1 << 20))
    elif "children" in found or "befores" in found or "afters" in found or ("uuid" in found and "status" not in found):
        gathering.container(found)
    elif "status" in found and ("name" in found or "fullName" in found):
        gathering.result(line, msgspec.json.encode(found), found)
    else:
        yield Unparsed(line, data[:LINE_LIMIT].decode("utf-8", "replace").replace("\0", "\u2400"))
