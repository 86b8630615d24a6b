"""`pm2 logs`: `0|app  | text`, a number and a name for each process. All are on one machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ingest.formats.base import Outer, Source
from ingest.formats.wrapping.wrapper import MOST, Line, each

NAME = "pm2"
TITLE = "pm2 logs"
SAMPLES = ("0|srv      | 2026-11-23 01:39:35.679 +00:00: GET / pid=21345\nPM2        | App [srv:0] online",)
_COLOUR = r"(?:\x1b\[[\d;]{0,12}m){0,2}"
# 0|srv      | text, with colours; PM2's own lines have no number
PREFIX = re.compile(rf"{_COLOUR}(?:(\d{{1,4}})\|([^\s|]{{1,60}})|PM2) {{0,60}}{_COLOUR}\|{_COLOUR}(?: |$){_COLOUR}")


@lru_cache(maxsize=1024)
def outer_of(number: str, name: str) -> Outer:
    return Outer(unit=name, label=f"{number}|{name}" if number else name)


def take(text: str) -> tuple[str, Outer] | None:
    found = PREFIX.match(text)
    return None if found is None else (text[found.end() :], outer_of(found[1] or "", found[2] or "PM2"))


def fits(lines: Sequence[str]) -> bool:
    found = [match for match in map(PREFIX.match, lines) if match]
    return len(found) >= MOST * len(lines) and any(match[1] for match in found)


def lines(source: Source, limit: int) -> Iterator[Line]:
    return each(source, limit, take, carry=False)
