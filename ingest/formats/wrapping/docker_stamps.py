"""`docker logs -t`, `kubectl logs --timestamps` and what stands behind a label of theirs: times in nanoseconds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.formats import stamps
from ingest.formats.base import Outer, Source
from ingest.formats.wrapping.wrapper import MOST, Line, each, share

NAME = "docker-timestamps"
TITLE = "docker logs -t"
SAMPLES = (
    '2026-11-23T01:30:00.053850123Z 172.18.0.1 - - [23/Nov/2026:01:30:00 +0000] "GET /cars HTTP/1.1" 200 359\n'
    "2026-11-23T01:30:00.053850+01:00 some runtimes leave out zeros at the end",
)
STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(?:Z|[+-]\d\d:\d\d))(?: |$)")
# Nine digits are a container runtime's; an application that writes them itself means the same by them.
NANOSECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d)(?: |$)")


def take(text: str) -> tuple[str, Outer] | None:
    found = STAMPED.match(text)
    if found is None:
        return None
    read = stamps.iso(found[1])
    return None if read is None else (text[found.end() :], Outer(stamp=read[0]))


def fits(lines: Sequence[str]) -> bool:
    fine = sum(NANOSECONDS.match(text) is not None for text in lines)
    return fine >= max(1, MOST * len(lines)) and share(lines, take) >= MOST


def lines(source: Source, limit: int) -> Iterator[Line]:
    return each(source, limit, take, carry=True)
