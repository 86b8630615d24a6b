"""Docker's json-file driver: the files under /var/lib/docker/containers, one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ingest.formats import stamps
from ingest.formats.base import LINE_LIMIT, Outer, Source
from ingest.formats.wrapping.wrapper import MOST, Line

NAME = "docker-json-file"
TITLE = "Docker's json-file log"
SAMPLES = ('{"log":"GET /cars\\n","stream":"stdout","time":"2026-11-23T01:30:00.053850123Z"}',)


class Logged(msgspec.Struct):
    log: str
    time: str
    stream: str = ""


_decode = msgspec.json.Decoder(Logged).decode


def _read(text: str) -> Logged | None:
    if not text.startswith('{"log":'):
        return None
    try:
        return _decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def fits(lines: Sequence[str]) -> bool:
    return sum(_read(text) is not None for text in lines) >= max(1, MOST * len(lines))


def lines(source: Source, limit: int) -> Iterator[Line]:
    """Docker cuts a line of more than 16 KiB in parts; the last one ends with the line end."""
    begun: dict[str, tuple[int, str, Outer]] = {}  # by stream
    for number, raw in source.lines(max(limit, 2 * LINE_LIMIT)):
        logged = _read(raw)
        if logged is None:
            yield number, raw[:limit], None
            continue
        read = stamps.iso(logged.time)
        text = logged.log.replace("\0", "\u2400")
        stream = logged.stream[:10]
        first = begun.pop(stream, None) if begun else None
        line, outer = (number, Outer(stamp=read[0] if read else None, stream=stream)) if first is None else first[::2]
        if first is not None:
            text = (first[1] + text)[: limit + 2]
        if not text.endswith("\n"):
            begun[stream] = (line, text, outer)
            continue
        yield line, text.rstrip("\r\n").replace("\n", " ")[:limit], outer
    for line, text, outer in sorted(begun.values(), key=lambda part: part[0]):
        yield line, text.replace("\n", " ")[:limit], outer
