"""A time before every line by a tool that is not known: `ts`, Jenkins' and TeamCity's clock, a CI of one's own.

Log lines that begin with their own time look the same, so a stamp is only a wrapper's where what no log record can be
stands behind it as well: nothing, or one of pytest's bars.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.formats import stamps
from ingest.formats.base import Outer, Source
from ingest.formats.wrapping.wrapper import Line, each

NAME = "stamped"
TITLE = "a console log with a time before each line"
SAMPLES = (
    "2026-11-23T01:30:00Z ============================= test session starts ==============================\n"
    "2026-11-23T01:30:00Z collected 4 items\n2026-11-23T01:30:00Z \n"
    "2026-11-23T01:30:01Z ============================== 4 passed in 0.10s ===============================",
    "[01:30:00] + pytest\n[01:30:00] \n[01:30:01] ============================== 4 passed in 0.10s ==================",
)
# 2026-11-23T01:30:00.123Z text · [2026-11-23T01:30:00.123Z] text · [01:30:00] text · 01:30:00  text
STAMPED = re.compile(
    r"(\[?)(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?Z|[+-]\d\d:?\d\d)?|\d\d:\d\d:\d\d(?:\.\d{1,3})?)"
    r"(\]?)(?: |$)"
)
SHARE = 0.9  # of the lines must carry it
LEAST = 3
EMPTY = 20  # one line in so many
BAR = re.compile(r"([=_-])\1{2,200} .{1,300} [=_-]{3}")  # ===== FAILURES =====


def take(text: str) -> tuple[str, Outer] | None:
    found = STAMPED.match(text)
    if found is None or bool(found[1]) != bool(found[3]):
        return None
    read = stamps.iso(found[2]) or stamps.clock(found[2])
    return None if read is None else (text[found.end() :], Outer(stamp=read[0], printed=True))


def fits(lines: Sequence[str]) -> bool:
    taken = [found for found in map(take, lines) if found]
    if len(taken) < max(LEAST, SHARE * len(lines)):
        return False
    bars = sum(BAR.match(text) is not None for text, _ in taken)
    empty = sum(not text.strip() for text, _ in taken)
    deep = sum(text.startswith(("    ", "\t")) for text, _ in taken)
    return bars >= 2 or (bars == 1 and empty + deep > 0) or empty * EMPTY >= len(taken)


def lines(source: Source, limit: int) -> Iterator[Line]:
    return each(source, limit, take, carry=True)
