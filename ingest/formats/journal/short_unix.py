"""`journalctl -o short-unix`: seconds since 1970 with microseconds."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import prefixed, stamps
from ingest.formats.base import Context, Head, Recognition, Source
from triage.core.records import Record, Side, Stamp

NAME = "journal-short-unix"
TITLE = "journalctl -o short-unix"
SIDE = Side.SERVER
SAMPLES = ("1795397400.053850 vm gunicorn[15865]: [2026-11-23 01:30:00,053] INFO in cars_app: session on get: 5",)


def reader(calendar: stamps.Calendar) -> prefixed.ReadStamp:
    def read(line: str) -> tuple[Stamp, int] | None:
        found = stamps.epoch(line) if line[:1].isdigit() else None
        if found is None or line[found[1] : found[1] + 1] != " " or found[0].tick_us == stamps.SECOND:
            return None
        return found

    return read


def recognises(head: Head) -> Recognition | None:
    return prefixed.recognise(head, reader(stamps.Calendar(0)), "seconds since 1970")


def parse(source: Source, context: Context) -> Iterator[Record]:
    return prefixed.parse(source, context, reader)
