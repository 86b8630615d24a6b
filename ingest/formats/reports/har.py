"""HAR files: the requests of a browser, a Playwright context, schemathesis or a proxy, with start and duration each."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import stamps
from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.client_logs.log_json import decode
from ingest.formats.reports.har_entries import step_of
from ingest.formats.reports.json_stream import Faulty, values
from ingest.formats.reports.report_values import text
from triage.core.records import Fact, Record, Side, Unparsed

NAME = "har"
TITLE = "HAR (HTTP archive)"
SIDE = Side.TESTS
DOCUMENT = True  # one file is one report, whatever logs stand in it
SAMPLES = (
    '{"log": {"version": "1.2", "creator": {"name": "Playwright", "version": "1.65.1"}, "pages": [], "entries": '
    '[{"startedDateTime": "2026-11-23T06:30:00.334Z", "time": 12.067, "request": {"method": "GET", "url": '
    '"http://127.0.0.1:5055/cars?page=1", "headers": []}, "response": {"status": 200, "headers": [{"name": "Date", '
    '"value": "Mon, 23 Nov 2026 06:30:00 GMT"}], "content": {"size": 239}}}]}}',
)

INTO = ((), ("log",), ("log", "entries"), ("log", "pages"))


def recognises(head: Head) -> Recognition | None:
    """By its log with a creator and entries or pages."""
    start = head.data[:65_536].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"{") or b'"log"' not in start[:2000] or b'"creator"' not in start:
        return None
    if not any(key in start for key in (b'"entries"', b'"pages"')):
        return None
    return Recognition(0.99, "a JSON object with log, creator and entries, as a HAR has them")


def parse(source: Source, context: Context) -> Iterator[Record]:
    """One step a request, in the order of the file, in constant memory. Never raises on content."""
    begun = False
    for value in values(source.blocks(), INTO):
        if isinstance(value, Faulty):
            yield Fact(name="problem", value=value.problem, line=value.line)
        elif value.path == ("log", "entries", "*"):
            entry = decode(value.data) if value.whole else None
            step = step_of(entry, value.line) if entry is not None else None
            if step is None or entry is None:
                yield Unparsed(value.line, value.data[:LINE_LIMIT].decode("utf-8", "replace").replace("\0", "\u2400"))
                continue
            if not begun and (read := stamps.iso(text(entry.get("startedDateTime"), 80))) is not None:
                begun = True
                yield Fact(name="session_started_us", value=str(read[0].us), line=value.line)
            yield step
