"""The log files of containerd and CRI-O under /var/log/pods: time, stream, whether the line is whole, text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.formats import stamps
from ingest.formats.base import Outer, Source
from ingest.formats.wrapping.wrapper import MOST, Line

NAME = "cri"
TITLE = "a container runtime's log file (CRI)"
SAMPLES = (
    "2026-11-23T01:30:00.053850123Z stdout F GET /cars",
    "2026-11-23T01:30:00.053850123+01:00 stderr P the beginning of a long line, \n"
    "2026-11-23T01:30:00.053850456+01:00 stderr F and its end",
)
WRITTEN = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?::\S{1,40})?(?: |$)"
)


def fits(lines: Sequence[str]) -> bool:
    return sum(WRITTEN.match(text) is not None for text in lines) >= max(1, MOST * len(lines))


def lines(source: Source, limit: int) -> Iterator[Line]:
    begun: dict[str, tuple[int, str, Outer]] = {}  # by stream
    for number, raw in source.lines(limit):
        found = WRITTEN.match(raw)
        if found is None:
            yield number, raw, None
            continue
        written, stream, whole = found.groups()
        text = raw[found.end() :]
        first = begun.pop(stream, None) if begun else None
        if first is None:
            read = stamps.iso(written)
            line, outer = number, Outer(stamp=read[0] if read else None, stream=stream)
        else:
            line, outer, text = first[0], first[2], (first[1] + text)[:limit]
        if whole == "P":
            begun[stream] = (line, text, outer)
        else:
            yield line, text, outer
    yield from sorted(begun.values(), key=lambda part: part[0])
