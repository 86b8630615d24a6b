"""honcho and foreman, which run a Procfile: `12:00:00 web.1  | text`, the time in the machine's own zone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.formats import ansi, stamps
from ingest.formats.base import Outer, Source
from ingest.formats.messages import procfile
from ingest.formats.wrapping.wrapper import MOST, Line, each, share

NAME = "honcho"
TITLE = "honcho's or foreman's output"
SAMPLES = ("12:00:00 system | web.1 started (pid=4711)\n12:00:01 web.1  | [INFO] Listening at: http://0.0.0.0:5000",)
MANAGER = "system"  # whose lines speak of the others
_COLOUR = r"(?:\x1b\[[\d;]{0,12}m){0,2}"
PREFIX = re.compile(
    rf"{_COLOUR}(\d\d:\d\d:\d\d) {_COLOUR}([A-Za-z0-9_][\w.-]{{0,60}}) {{1,60}}\|{_COLOUR}(?: |$){_COLOUR}"
)  # 12:00:01 web.1  | text


def take(text: str) -> tuple[str, Outer] | None:
    found = PREFIX.match(text)
    if found is None or (read := stamps.clock(found[1])) is None:
        return None
    rest, name = text[found.end() :], found[2]
    if name == MANAGER and (about := procfile.about(ansi.strip(rest))):
        return rest, Outer(stamp=read[0], unit=about, label=name, stream=about)
    return rest, Outer(stamp=read[0], unit=name, label=name)


def fits(lines: Sequence[str]) -> bool:
    return share(lines, take) >= MOST


def lines(source: Source, limit: int) -> Iterator[Line]:
    return each(source, limit, take, carry=True)
