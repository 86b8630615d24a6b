"""Lines of rich's log handler put together again: it wraps them to the terminal's width, names the source at the right
and shows a time only where it differs from the line before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ingest.formats import ansi
from ingest.formats.base import LINE_LIMIT

# [12:49:37] INFO     cars test_add_car round 0                         suite.py:6
FIRST = re.compile(
    r"^(?P<time>\[[^\]]{1,40}\]| {5,42}) (?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL) {1,5}(?P<text>\S.*)$"
)
PLACE = re.compile(r"\S{1,200}\.py:\d{1,7}$")
LEAST = 3
SHARE = 0.8  # of the lines with a level name their source at the right
LINES = 200  # of one record
SIGNS = "│╭╰❱"


def is_rich(lines: Iterable[str]) -> bool:
    """Whether rich wrote these lines (without escapes)."""
    first = placed = indented = 0
    for text in lines:
        found = FIRST.match(text[:400].rstrip())
        if found is not None:
            first += 1
            placed += _said(found["text"]) != found["text"]
            indented += text.startswith(" ")
    return placed >= LEAST and placed >= SHARE * first and indented > 0


def _said(text: str) -> str:
    """The text without the source that stands at the right."""
    said, _, last = text.rpartition(" ")
    return said.rstrip() if said and PLACE.match(last) else text


def joined(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    """(number of the first line, raw lines, one line without wrapping) of each record."""
    number, raws, text, time, indent = 0, [""], "", "", 0
    size = 0
    for line, raw in lines:
        plain = ansi.strip(raw)
        found = FIRST.match(plain.rstrip()) if len(plain) < LINE_LIMIT else None
        if found is not None:
            if number:
                yield number, "\n".join(raws), text
            time = found["time"].strip() or time
            number, raws, size = line, [raw], len(raw)
            text = f"{time} {found['level']} {_said(found['text'])}".lstrip()
            indent = found.start("text")
        elif number and _continues(plain, indent) and len(raws) < LINES and size < LINE_LIMIT:
            raws.append(raw)
            size += len(raw) + 1
            boxed = plain.strip()[:1] in SIGNS
            text += f"\n{plain.strip()}" if boxed or "\n" in text else f" {plain.strip()}"
        else:
            if number:
                yield number, "\n".join(raws), text
            number = 0
            yield line, raw, plain
    if number:
        yield number, "\n".join(raws), text


def _continues(text: str, indent: int) -> bool:
    return bool(text.strip()) and text[:indent].strip() == ""
