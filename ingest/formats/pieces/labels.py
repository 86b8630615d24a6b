"""Whose lines of an interleaved log are what: a tests container among the servers is a piece of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from ingest.formats import ansi, plain
from ingest.formats.bare import Bare
from ingest.formats.base import Format, Head, Source
from ingest.formats.detect import Detection, judged, may_be_either
from ingest.formats.pieces.piece import PIECES, Piece
from triage.core.records import Side

LABELS = 256  # whose lines are looked at
LINES = 400  # of each
LINES_TEXT = 100_000  # characters of each
LOOKED_AT = 16 << 20  # characters of the whole log
CLEAR = 0.6
TESTS_NAME = re.compile(r"(?i)(?:^|[^a-z])(?:tests?|pytest|e2e|specs?|integration)(?:[^a-z]|$)")


class _Beginning(msgspec.Struct):
    lines: list[str] = msgspec.field(default_factory=list)
    size: int = 0


def by_label(source: Source, stretch: Piece, formats: Sequence[Format]) -> tuple[tuple[Piece, ...], int]:
    """The pieces of an unwrapped stretch, and how many of its lines have no label, as what compose says itself.

    The stretch itself where all its labels are of one kind, or it has none.
    """
    named, unlabelled = _beginnings(source)
    if len(named) < 2:
        return (stretch,), 0
    apart = []
    for label, beginning in named.items():
        found = judged(Head(source.name, "\n".join(beginning.lines).encode(), tuple(beginning.lines)), None, formats)
        if _stands_alone(label, found):
            apart.append(label)
    apart = apart[: PIECES - 1]
    if not apart:
        return (stretch,), 0
    pieces = [msgspec.structs.replace(stretch, label=label) for label in apart]
    if len(apart) < len(named):
        pieces.append(msgspec.structs.replace(stretch, others=tuple(apart)))
    return tuple(pieces), unlabelled


def _beginnings(source: Source) -> tuple[dict[str, _Beginning], int]:
    """The first lines of each label, and how many lines have none, as far as the log is looked at."""
    found: dict[str, _Beginning] = {}
    size = unlabelled = 0
    for number, text in source.lines():
        size += len(text) + 1
        if size > LOOKED_AT:
            break
        outer = source.outer(number)
        if outer is None or not outer.label:
            unlabelled += bool(text.strip())
            continue
        beginning = found.get(outer.label)
        if beginning is None:
            if len(found) >= LABELS:
                continue
            beginning = found[outer.label] = _Beginning()
        if len(beginning.lines) < LINES and beginning.size < LINES_TEXT:
            beginning.lines.append(ansi.strip(text))
            beginning.size += len(text)
    return found, unlabelled


def _stands_alone(label: str, found: Detection) -> bool:
    """Not what `bare` reads, which tells the lines of many servers apart by itself."""
    if found.format is None or found.score < CLEAR:
        return False
    if found.side is Side.TESTS:
        return not may_be_either(found) or TESTS_NAME.search(label) is not None
    return not isinstance(found.format, Bare) and found.format is not plain
