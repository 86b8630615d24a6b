"""Views of a long part: some stretches of it, as a format sees a whole part."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ingest.formats.base import LINE_LIMIT, Head, Outer
from ingest.formats.source import PartSource


class Stretch(msgspec.Struct, frozen=True, gc=False):
    """Where whole lines of a part begin."""

    line: int = 1  # number of its first line
    offset: int = 0  # of its first byte, decompressed


WHOLE = Stretch()


class View:
    """What a view of a part takes over from it."""

    def __init__(self, source: PartSource, head: Head | None = None) -> None:
        self._source = source
        self._head = head
        self.name = source.name

    @property
    def problem(self) -> str | None:
        return self._source.problem

    def head(self) -> Head:
        """That of the whole part, which may tell the year."""
        if self._head is None:
            self._head = self._source.head()
        return self._head

    def blocks(self) -> Iterator[bytes]:
        return self._source.blocks()

    def outer(self, number: int) -> Outer | None:
        return None


class Sliced(View):
    """The lines from one stretch to the byte `end` (None: to the end of the part), with their numbers."""

    def __init__(self, source: PartSource, first: Stretch, end: int | None, head: Head | None = None) -> None:
        super().__init__(source, head)
        self._first, self._end = first, end

    def lines(self, limit: int = LINE_LIMIT) -> Iterator[tuple[int, str]]:
        room = None if self._end is None else self._end - self._first.offset
        return self._source.lines_from(self._first.offset, self._first.line, room, limit)
