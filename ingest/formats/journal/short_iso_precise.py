"""`journalctl -o short-iso-precise`, and syslog files with RFC 3339 stamps: microseconds and an offset."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import prefixed, stamps
from ingest.formats.base import Context, Head, Recognition, Source
from triage.core.records import Record, Side, Stamp

NAME = "journal-short-iso-precise"
TITLE = "journalctl -o short-iso-precise, or a syslog file with RFC 3339 stamps"
SIDE = Side.SERVER
SAMPLES = (
    "2026-11-23T07:00:00.053850+0530 vm gunicorn[15865]: [2026-11-23 01:30:00,053] INFO in cars_app: session on get: 5",
    "2026-11-23T01:38:18.266945+00:00 vm gunicorn[20843]: [2024-05-23 12:34:06 +0000] [51463] [INFO] hello",
)

SECONDS = len("2026-11-23T01:38:18")
DIGITS = len("2026-11-23T01:38:18.266945")


def reader(calendar: stamps.Calendar) -> prefixed.ReadStamp:
    known = zone = "?"
    second = end = 0

    def read(line: str) -> tuple[Stamp, int] | None:
        nonlocal known, zone, second, end
        digits = line[SECONDS + 1 : DIGITS]
        if line.startswith(known) and line.startswith(zone, DIGITS) and digits.isdecimal() and len(digits) == 6:
            return Stamp(second + int(digits), True, 1), end
        found = stamps.iso(line) if line[10:11] == "T" else None
        if found is None or line[found[1] : found[1] + 1] != " " or not found[0].zoned:
            return None
        if found[0].tick_us == 1 and not line[DIGITS : DIGITS + 1].isdigit():
            known, zone, end = line[: SECONDS + 1], line[DIGITS : found[1] + 1], found[1]
            second = found[0].us - found[0].us % stamps.SECOND
        return found

    return read


def recognises(head: Head) -> Recognition | None:
    return prefixed.recognise(head, reader(stamps.Calendar(0)), "an ISO 8601 stamp with fractions")


def parse(source: Source, context: Context) -> Iterator[Record]:
    return prefixed.parse(source, context, reader)
