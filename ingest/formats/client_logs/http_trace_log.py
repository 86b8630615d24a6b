"""A bare trace of HTTP exchanges: what `curl -v`, http.client, requests-toolbelt or Playwright's API log printed."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import ansi
from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.client_logs import http_exchange
from ingest.formats.client_logs.client_steps import Place, StepReader
from triage.core.records import Record, Side

NAME = "http-trace"
TITLE = "HTTP client trace (curl -v, http.client, Playwright)"
SIDE = Side.TESTS
SAMPLES = (
    """\
*   Trying 127.0.0.1:5065...
* Connected to 127.0.0.1 (127.0.0.1) port 5065 (#0)
> GET /cars/none HTTP/1.1
> Host: 127.0.0.1:5065
> User-Agent: curl/7.88.1
> Accept: */*
>
< HTTP/1.1 404 NOT FOUND
< Server: gunicorn
< X-Worker-Pid: 31173
<
{ [24 bytes data]
* Closing connection 0
""",
    """\
send: b'POST /cars/add HTTP/1.1\\r\\nHost: 127.0.0.1:5065\\r\\nX-Request-ID: req-debug-0000\\r\\n\\r\\n'
reply: 'HTTP/1.1 201 CREATED\\r\\n'
header: Server: gunicorn
header: X-Worker-Pid: 31173
""",
)

SURE = 0.96
HEAD_LINES = 2_000
SHARE = 0.25  # of the lines are part of exchanges; the rest are bodies and a program's own words


def recognises(head: Head) -> Recognition | None:
    """By lines that follow one another as an exchange does: a request line, headers, a status line."""
    exchange: http_exchange.Exchange | None = None
    told = lines = exchanges = 0
    for text in head.lines[:HEAD_LINES]:
        if not text.strip():
            continue
        lines += 1
        if exchange is not None and exchange.take(text):
            told += 1
            continue
        exchanges += exchange is not None and exchange.answered
        exchange = http_exchange.begun(text)
        if exchange is not None and exchange.take(text):
            told += 1
    exchanges += exchange is not None and exchange.answered
    if not exchanges or told < SHARE * lines:
        return None
    return Recognition(SURE * min(1.0, 0.5 + told / lines), f"{told} of {lines} lines are {exchanges} HTTP exchanges")


def parse(source: Source, context: Context) -> Iterator[Record]:
    """A step an exchange, with the body and the words that follow it. Never raises on content."""
    steps = StepReader()
    place = Place()  # what stands before the first exchange are a program's own words
    for line, raw in source.lines():
        if not place.log and http_exchange.begun(ansi.strip(raw)) is not None:
            place = Place(log=True)
        yield from steps.feed(line, raw, place)
    yield from steps.flush()
