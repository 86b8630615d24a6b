"""GitLab's job trace with the times that its runner writes before each line (FF_TIMESTAMPS).

A trace without them has nothing before its lines; what it marks its sections with is the business of `pieces`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.formats import stamps
from ingest.formats.base import Outer, Source
from ingest.formats.wrapping.wrapper import MOST, Line

NAME = "gitlab"
TITLE = "GitLab's job trace"
SAMPLES = (
    "2026-11-23T01:30:00.020010Z 00O section_start:1795397400:step_script\u240d\x1b[0K\x1b[0KExecuting\n"
    "2026-11-23T01:30:00.120010Z 01O $ pytest -v\n"
    "2026-11-23T01:30:01.320010Z 01O+ and the rest of that line",
)
# 2026-11-23T01:30:00.020010Z 01O text     the same with + for a blank: the line before goes on
STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) [0-9a-f]{2}[EO]([+ ])")


def fits(lines: Sequence[str]) -> bool:
    return sum(STAMPED.match(text) is not None for text in lines) >= max(1, MOST * len(lines))


def lines(source: Source, limit: int) -> Iterator[Line]:
    """A line that the runner flushed in parts comes whole, with the time of its first part."""
    number, held, outer = 0, "", None
    for line, text in source.lines(limit):
        found = STAMPED.match(text)
        if found is not None and found[2] == "+" and number:
            held = (held + text[found.end() :])[:limit]
            continue
        if number:
            yield number, held, outer
        number, held = line, text
        if found is not None:
            read = stamps.iso(found[1])
            held, outer = text[found.end() :], Outer(stamp=read[0] if read else None, printed=True)
    if number:
        yield number, held, outer
