"""The lines of a part against a shape: fitting ones with what they tell, and the others."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ingest.formats import ansi, stamps
from ingest.formats.bare import CHAINED, RAISED, TRACEBACK
from ingest.formats.base import Context, Outer, Source
from ingest.formats.line_format.shape import Shape
from ingest.formats.messages.said import LEVELS
from triage.core.records import Stamp

JOINED_LIMIT = 2_000  # continuation lines that are kept with one line
LETTERS = {
    "T": "debug", "V": "debug", "D": "debug", "I": "info", "N": "info", "W": "warning", "E": "error", "C": "critical",
    "F": "critical",
}  # fmt: skip


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line of a part."""

    number: int
    raw: str
    text: str  # without colours
    told: dict[str, str] | None = None  # by field; None: it does not fit
    stamp: Stamp | None = None
    joins: bool = False  # it does not fit, and goes on with the line before
    outer: Outer | None = None  # what a wrapper said of it


class Lines:
    """Iterates over all lines of a source that are not blank."""

    def __init__(self, shape: Shape, source: Source, context: Context) -> None:
        self.shape = shape
        self._source = source
        self._calendar = stamps.Calendar(context.reference_us)
        self._reads = {group.field: group.read for group in shape.groups}

    def __iter__(self) -> Iterator[Line]:
        begun = traceback = False
        for number, raw in self._source.lines():
            if not raw or raw.isspace():
                continue
            text = ansi.strip(raw) if "\x1b" in raw else raw
            told = self.shape.told(text)
            stamp = self.stamp(told) if told is not None else None
            if told is not None and (stamp is not None or "time" not in told):
                begun, traceback = True, False
                yield Line(number, raw, text, told, stamp, outer=self._source.outer(number))
                continue
            joins, traceback = continues(text, traceback)
            begun = begun and joins  # what follows a line that is not understood is not joined over it
            yield Line(number, raw, text, joins=begun)

    def stamp(self, told: dict[str, str]) -> Stamp | None:
        """The time that the fields tell."""
        text, read = told.get("time"), self._reads.get("time")
        return read(text, self._calendar) if text and read else None


def continues(text: str, traceback: bool) -> tuple[bool, bool]:
    """(whether a line that does not fit goes on with the one before, whether a traceback is open after it)."""
    if text[:1] in (" ", "\t"):
        return True, traceback
    if text.startswith((TRACEBACK, *CHAINED)):
        return True, True
    if traceback and RAISED.match(text):
        return True, False
    return False, False


def level_of(name: str) -> str:
    """`WARN`, `Warning` and `W` as warning; "" for a word that is no level."""
    return LEVELS.get(name) or LEVELS.get(name.lower()) or LETTERS.get(name, "")
