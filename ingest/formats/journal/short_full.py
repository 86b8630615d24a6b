"""`journalctl -o short-full` and `-o with-unit`: weekday, date and a zone, which may be a name that nobody can read."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import prefixed, stamps
from ingest.formats.base import Context, Head, Recognition, Source
from triage.core.records import Record, Side, Stamp

NAME = "journal-short-full"
TITLE = "journalctl -o short-full or with-unit"
SIDE = Side.SERVER
SAMPLES = (
    "Mon 2026-11-23 01:30:00 UTC vm gunicorn[15865]: [2026-11-23 01:30:00,053] INFO in cars_app: session on get: 5",
    "Mon 2026-11-23 07:15:00 +0545 vm carsapi.service[15865]: hello",
    "Mon 2026-11-23 07:00:00 IST vm gunicorn[15865]: hello",
)

DATE = len("Mon ")


def reader(calendar: stamps.Calendar) -> prefixed.ReadStamp:
    known = "?"
    answer: tuple[Stamp, int] | None = None

    def read(line: str) -> tuple[Stamp, int] | None:
        nonlocal known, answer
        if line.startswith(known):
            return answer
        if line[:3] not in stamps.WEEKDAYS or line[3:4] != " ":
            return None
        found = stamps.iso(line, DATE)
        if found is None:
            return None
        stamp, end = found
        if not stamp.zoned:
            name_end = line.find(" ", end + 1, end + 8)
            if line[end : end + 1] != " " or name_end < 0 or not line[end + 1 : name_end].isupper():
                return None
            end = name_end
        known, answer = line[: end + 1], (stamp, end)
        return answer

    return read


def recognises(head: Head) -> Recognition | None:
    return prefixed.recognise(head, reader(stamps.Calendar(0)), "a weekday, a date and a zone")


def parse(source: Source, context: Context) -> Iterator[Record]:
    return prefixed.parse(source, context, reader)
