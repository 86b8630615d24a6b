"""Lines and counted bytes in turn, as the export format of journald and counted syslog frames hold them."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.base import LINE_LIMIT

VALUE_LIMIT = LINE_LIMIT * 4  # bytes kept of one value; the rest is skipped as it comes
DIGITS = b"0123456789"


class CountedBytes:
    """Reads from blocks, holding no more than a block and one value."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.line = 1  # number of the line that comes next
        self._blocks = blocks
        self._block = b""
        self._at = 0

    def _more(self) -> bool:
        self._block, self._at = next(self._blocks, b""), 0
        return bool(self._block)

    def text(self) -> bytes | None:
        """The next line without its end, at most VALUE_LIMIT bytes of it; None at the end of the part."""
        kept = b""
        while True:
            end = self._block.find(b"\n", self._at)
            if end >= 0:
                piece = self._block[self._at : end]
                self._at = end + 1
                self.line += 1
                return (kept + piece[: VALUE_LIMIT - len(kept)]) if kept else piece[:VALUE_LIMIT]
            kept += self._block[self._at :][: VALUE_LIMIT - len(kept)]
            if not self._more():
                return kept or None

    def take(self, count: int) -> bytes:
        """The next `count` bytes, at most VALUE_LIMIT of them kept."""
        kept = b""
        while count > 0:
            if self._at >= len(self._block) and not self._more():
                break
            piece = self._block[self._at : self._at + count]
            self._at += len(piece)
            count -= len(piece)
            self.line += piece.count(b"\n")
            kept += piece[: VALUE_LIMIT - len(kept)]
        return kept

    def paragraph(self) -> bytes | None:
        """What comes before the next empty line, where it is at hand; it stays until `skip`."""
        end = self._block.find(b"\n\n", self._at)
        return None if end < 0 else self._block[self._at : end]

    def skip(self, paragraph: bytes) -> None:
        """Over that paragraph and the empty line behind it."""
        self._at += len(paragraph) + 2
        self.line += paragraph.count(b"\n") + 2

    def peek(self) -> bytes:
        """The next byte, which stays; b"" at the end of the part."""
        if self._at >= len(self._block) and not self._more():
            return b""
        return self._block[self._at : self._at + 1]

    def digits(self, most: int) -> bytes:
        """The next decimal digits, at most so many."""
        found = b""
        while len(found) < most and self.peek() and self.peek() in DIGITS:
            found += self.take(1)
        return found
