"""The last resort: text of no known form whose lines begin with a time, or mention requests."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import bare, stamps
from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.messages.understand import understand
from triage.core.records import Record, Side

NAME = "plain"
TITLE = "text with times"
SIDE = Side.SERVER
SAMPLES = (
    "Mon Nov 23 01:36:44 2026 worker 1 handled POST /cars/add",
    "Nov 23 01:36:44 added figo",
    "01:36:45 read 4 cars",
)

WEIGHT = 0.4  # any better claim goes first
SHARE = 0.2


def recognises(head: Head) -> Recognition | None:
    if bare.of_load_test(head.lines):
        return None
    calendar = stamps.Calendar(0)
    fits = tried = 0
    for line in head.lines:
        if not line.strip() or line[0] in " \t":
            continue
        tried += 1
        if bare.leading_stamp(line, calendar) is not None or understand(line) is not None:
            fits += 1
        if tried >= bare.HEAD_SAMPLE:
            break
    if not fits or fits < SHARE * tried:
        return None
    return Recognition(WEIGHT * fits / tried, f"{fits} of {tried} lines begin with a time or tell of a request.")


def parse(source: Source, context: Context) -> Iterator[Record]:
    return bare.parse(source, context)
