"""Jenkins' console text: hidden notes, perhaps the Timestamper's time, perhaps the name of a parallel branch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.formats import stamps
from ingest.formats.base import Outer, Source
from ingest.formats.wrapping.wrapper import MOST, Line

NAME = "jenkins"
TITLE = "Jenkins' console text"
SAMPLES = (
    "Started by user admin\n[Pipeline] Start of Pipeline\n[2026-11-23T01:30:00.123Z] + pytest -v\n",
    "[Pipeline] { (Branch: api)\n[Pipeline] sh\n[api] + pytest tests/api\n",
)
NOTE = re.compile(r"\x1b\[8mha:[A-Za-z0-9+/=]*\x1b\[0m")
BOXED = re.compile(
    r"\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:?\d\d))\](?: |$)"
)  # [2026-11-23T01:30:00.123Z] +
CLOCK = re.compile(r"(\d\d:\d\d:\d\d)(?:  ?|$)")  # 01:30:00  + pytest
BRANCH_OPENS = re.compile(r"\[Pipeline\] \{ \(Branch: (.{1,200})\)$")  # [Pipeline] { (Branch: api)
BRANCHES = 64


def fits(lines: Sequence[str]) -> bool:
    if any(text.startswith("[Pipeline] ") or "\x1b[8mha:" in text or " [Pipeline] " in text[:40] for text in lines):
        return True
    return sum(BOXED.match(text) is not None for text in lines) >= max(1, MOST * len(lines))


def lines(source: Source, limit: int) -> Iterator[Line]:
    branches: set[str] = set()
    outer: Outer | None = None
    for number, text in source.lines(limit):
        if "\x1b[8m" in text:
            text = NOTE.sub("", text)
        stamp = None
        if found := BOXED.match(text):
            read = stamps.iso(found[1])
        else:
            found = CLOCK.match(text)
            read = stamps.clock(found[1]) if found else None
        if found is not None and read is not None:
            stamp, text = read[0], text[found.end() :]
        branch = ""
        if text.startswith("["):
            if opened := BRANCH_OPENS.match(text):
                if len(branches) < BRANCHES:
                    branches.add(opened[1])
            else:
                name = text[1 : text.find("] ", 1, 210)]
                if name in branches:
                    branch, text = name, text[len(name) + 3 :]
        if stamp is not None or branch:
            outer = Outer(stamp=stamp, label=branch, printed=True)
        elif outer is not None and outer.label:
            outer = None
        yield number, text, outer
