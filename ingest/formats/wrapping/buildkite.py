"""Buildkite's raw job log: the time of each line in milliseconds, hidden in an escape sequence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.formats.base import Outer, Source
from ingest.formats.wrapping.wrapper import Line
from triage.core.records import Stamp

NAME = "buildkite"
TITLE = "Buildkite's job log"
SAMPLES = ("\x1b_bk;t=1795397400921\x07~~~ Running commands\n\x1b_bk;t=1795397401004\x07$ pytest -v",)
TOLD = re.compile(r"\x1b_bk;t=(\d{1,14})\x07")
MILLISECOND = 1_000
SOME = 0.2  # of the lines: what came in one write has one time


def fits(lines: Sequence[str]) -> bool:
    return sum("\x1b_bk;t=" in text for text in lines) >= max(1, SOME * len(lines))


def lines(source: Source, limit: int) -> Iterator[Line]:
    outer: Outer | None = None
    for number, text in source.lines(limit):
        if "\x1b_bk;" in text:
            found = TOLD.search(text)
            if found is not None:
                stamp = Stamp(int(found[1]) * MILLISECOND, True, MILLISECOND)
                outer = Outer(stamp=stamp, printed=True)
                text = TOLD.sub("", text)
        yield number, text, outer
