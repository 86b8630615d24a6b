"""CircleCI: what its API gives of a step, one JSON list of pieces of output with the time at which each came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ingest.formats import stamps
from ingest.formats.base import Outer, Source
from ingest.formats.wrapping.wrapper import Line

NAME = "circleci"
TITLE = "CircleCI's step output"
SAMPLES = (
    '[{"type":"out","time":"2026-11-23T01:30:00.123Z","message":"$ pytest\\r\\n....\\r\\n4 passed in 0.1s\\r\\n"}]',
)
LONGEST = 64 << 20  # bytes of one document


class Output(msgspec.Struct):
    """A piece of output: many lines, and perhaps the beginning of one that the next piece goes on with."""

    message: str
    time: str = ""


_decode = msgspec.json.Decoder(list[Output]).decode


def fits(lines: Sequence[str]) -> bool:
    first = lines[0][:65_536] if lines else ""
    return first.startswith("[{") and '"message":' in first and '"time":' in first and '"type":' in first


def lines(source: Source, limit: int) -> Iterator[Line]:
    """Its text as lines, counted from 1; the document as it is where it is no such list or too long."""
    data = bytearray()
    for block in source.blocks():
        data += block
        if len(data) > LONGEST:
            break
    try:
        outputs = _decode(data) if len(data) <= LONGEST else None
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        outputs = None
    if outputs is None:
        yield from ((number, text, None) for number, text in source.lines(limit))
        return
    number, begun = 0, ""
    outer: Outer | None = None
    for output in outputs:
        read = stamps.iso(output.time)
        outer = Outer(stamp=read[0] if read else None, printed=True)
        *whole, begun = (begun + output.message).split("\n")
        for text in whole:
            number += 1
            yield number, text.rstrip("\r").replace("\r", "\u240d").replace("\0", "\u2400")[:limit], outer
        begun = begun[:limit]
    if begun:
        yield number + 1, begun.rstrip("\r").replace("\0", "\u2400"), outer
