"""`journalctl -o short-precise`: no year, no zone, microseconds."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import prefixed, stamps
from ingest.formats.base import Context, Head, Recognition, Source
from triage.core.records import Record, Side, Stamp

NAME = "journal-short-precise"
TITLE = "journalctl -o short-precise"
SIDE = Side.SERVER
SAMPLES = (
    "Nov 23 01:30:00.053850 vm gunicorn[15865]: [2026-11-23 01:30:00,053] INFO in cars_app: session on get: 5",
    'Nov 23 01:40:05.218973 vm gunicorn[15865]: 127.0.0.1 - - [23/Nov/2026:01:40:05 +0000] "GET /cars HTTP/1.1" 200 3',
)

SECONDS = len("Nov 23 01:30:00")
WIDTH = len("Nov 23 01:30:00.053850")


def reader(calendar: stamps.Calendar) -> prefixed.ReadStamp:
    known = ""
    second = 0

    def read(line: str) -> tuple[Stamp, int] | None:
        nonlocal known, second
        digits = line[SECONDS + 1 : WIDTH]
        if line[:SECONDS] == known and line[WIDTH : WIDTH + 1] == " " and digits.isdecimal() and line[SECONDS] == ".":
            return Stamp(second + int(digits), False, 1), WIDTH
        found = calendar.syslog(line) if line[:1].isalpha() else None
        if found is None or line[found[1] : found[1] + 1] != " " or found[0].tick_us == stamps.SECOND:
            return None
        if found[1] == WIDTH:
            known, second = line[:SECONDS], found[0].us - found[0].us % stamps.SECOND
        return found

    return read


def recognises(head: Head) -> Recognition | None:
    return prefixed.recognise(head, reader(stamps.Calendar(0)), "a syslog-like stamp with microseconds")


def parse(source: Source, context: Context) -> Iterator[Record]:
    return prefixed.parse(source, context, reader)
