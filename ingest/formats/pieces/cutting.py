"""A piece of a part as a source of its own."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.base import LINE_LIMIT, Source
from ingest.formats.pieces.piece import Piece
from ingest.formats.wrapping.unwrap import unwrapped, wrappers_of
from ingest.formats.wrapping.view import View


def cut(source: Source, piece: Piece) -> Source:
    """A view of that piece; its line numbers are those of the part. The part itself for the empty Piece.

    The wrappers are those that the whole part shows: a stretch from its middle may be too short to show them.
    """
    if piece == Piece(member=piece.member):
        return source
    whole = unwrapped(source)
    stretch: Source = whole
    if piece.first > 1 or piece.last is not None:
        stretch = _Lines(whole, piece.first, piece.last)
    if not piece.label and not piece.others:
        return stretch
    return _Labelled(unwrapped(stretch), piece.label, frozenset(piece.others))


class _Lines(View):
    """The lines from one number to another."""

    def __init__(self, source: Source, first: int, last: int | None) -> None:
        super().__init__(source, wrappers_of(source))
        self._first, self._last = first, last

    def lines(self, limit: int = LINE_LIMIT) -> Iterator[tuple[int, str]]:
        first, last = self._first, self._last
        for number, text in self._source.lines(limit):
            if number < first:
                continue
            if last is not None and number > last:
                return
            yield number, text


class _Labelled(View):
    """The lines of one writer, or of all writers but some."""

    def __init__(self, source: Source, label: str, others: frozenset[str]) -> None:
        super().__init__(source, wrappers_of(source))
        self._label, self._others = label, others

    def lines(self, limit: int = LINE_LIMIT) -> Iterator[tuple[int, str]]:
        for number, text in self._source.lines(limit):
            outer = self._source.outer(number)
            if outer is None or not outer.label:
                continue
            if (outer.label == self._label) if self._label else (outer.label not in self._others):
                yield number, text
