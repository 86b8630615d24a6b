"""Tornado: `[I 261123 08:42:56 web:2591] 200 GET /cars (127.0.0.1) 2.55ms`, and Jupyter, which is built on it.

Its access line also stands behind any other logger's prefix.
"""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.access import duration_of
from ingest.formats.messages.said import METHODS, Said, split_target
from triage.core.records import Request, Stamp

NAME = "tornado"
TITLE = "Tornado's output"
STARTS = "[12345"
SAMPLES = (
    "[I 261123 08:42:56 web:2591] 200 GET /cars?i=1 (127.0.0.1) 2.55ms",
    "[E 261123 08:42:56 web:2108] Uncaught exception GET /cars (127.0.0.1)",
    "[I 2026-11-23 08:42:56.123 ServerApp] 302 GET / (127.0.0.1) 0.42ms",
)

LEVELS = {"D": "debug", "I": "info", "W": "warning", "E": "error", "C": "critical"}
PREFIX = re.compile(
    r"\[([DIWEC]) (?:(\d\d)(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)|(?=\d{4}-\d\d-\d\d \d\d:))"
)  # of yymmdd; the long form is read by itself
PLACE = re.compile(r" [\w.-]{1,80}(?::\d{1,6})?\] ?")
ACCESS = re.compile(r"([1-5]\d\d) ([A-Z]{3,9}) (\S{1,8192}) \(([\w.@:%-]{0,100})\) (\d{1,9}\.\d{1,3}ms)(?= |$)")


def understand(text: str) -> Said | None:
    if text[:1] != "[":
        request = _request(text) if text[3:4] == " " and "ms" in text[-200:] else None
        return None if request is None else Said(kind=NAME, request=request)
    found = PREFIX.match(text) if text[2:3] == " " else None
    if found is None:
        return None
    stamp, end = _stamp(text, found)
    place = PLACE.match(text, end)
    if stamp is None or place is None:
        return None
    rest = text[place.end() :]
    request = _request(rest)
    return Said(
        kind=NAME, stamp=stamp, level=LEVELS[found[1]], request=request, rest="" if request is not None else rest
    )


def _stamp(text: str, found: re.Match[str]) -> tuple[Stamp | None, int]:
    if found[2] is None:
        read = stamps.iso(text, found.end())
        return read or (None, 0)
    year, *others = map(int, found.groups()[1:])
    at = stamps.moment(2000 + year, *others)
    return (None if at is None else Stamp(at, False, stamps.SECOND)), found.end()


def _request(text: str) -> Request | None:
    found = ACCESS.match(text)
    if found is None or found[2] not in METHODS:
        return None
    path, query = split_target(found[3])
    return Request(
        method=found[2],
        path=path,
        query=query,
        status=int(found[1]),
        duration_us=duration_of(found[5], 0),
        client=found[4].rpartition("@")[2],
        ended=True,
    )
