"""`journalctl -o short-iso`: whole seconds with an offset, +0000 until systemd 254, +00:00 since."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import prefixed, stamps
from ingest.formats.base import Context, Head, Recognition, Source
from triage.core.records import Record, Side, Stamp

NAME = "journal-short-iso"
TITLE = "journalctl -o short-iso"
SIDE = Side.SERVER
SAMPLES = (
    "2026-11-23T01:30:00+0000 vm gunicorn[15865]: [2026-11-23 01:30:00,053] INFO in cars_app: session on get: 5",
    "2026-11-23T07:00:00+05:30 vm gunicorn[15865]: [2026-11-23 01:30:00 +0000] [15865] [INFO] Booting worker",
)

LONGEST = len("2026-11-23T07:00:00+05:30")


def reader(calendar: stamps.Calendar) -> prefixed.ReadStamp:
    known = "?"
    answer: tuple[Stamp, int] | None = None

    def read(line: str) -> tuple[Stamp, int] | None:
        nonlocal known, answer
        if line.startswith(known):
            return answer
        end = line.find(" ", 0, LONGEST + 1)
        found = stamps.iso(line) if line[10:11] == "T" else None
        if found is None or found[1] != end or not found[0].zoned or found[0].tick_us != stamps.SECOND:
            return None
        known, answer = line[: end + 1], found
        return found

    return read


def recognises(head: Head) -> Recognition | None:
    return prefixed.recognise(head, reader(stamps.Calendar(0)), "an ISO 8601 stamp")


def parse(source: Source, context: Context) -> Iterator[Record]:
    return prefixed.parse(source, context, reader)
