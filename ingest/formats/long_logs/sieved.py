"""A long log as only the lines that may matter, in one pass over its bytes that also notes where and when it is."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Iterator

from ingest.formats.base import LINE_LIMIT
from ingest.formats.long_logs.sieve import Sieve
from ingest.formats.long_logs.views import WHOLE, Stretch, View
from ingest.formats.source import CR_SIGN, CUT_MARK, UTF16, PartSource, first_bytes
from triage.core.records import Entry

LEADING = 2  # lines read at the beginning of each stretch: one of them tells its time
LINE_BYTES = 4 << 20  # with a longer line it is no log of lines


class Sieved(View):
    """The first lines of every stretch, and the lines that the sieve lets through; notes the stretches as it goes."""

    def __init__(self, source: PartSource, sieve: Sieve, first: Stretch = WHOLE, end: int | None = None) -> None:
        super().__init__(source)
        self._sieve = sieve
        self._first, self._end = first, end
        self.stretches: list[Stretch] = []
        self.times: list[int | None] = []  # the first time told in each, raw
        self.count = 0  # lines
        self.odd = False  # not lines of UTF-8 that end in \n

    def lines(self, limit: int = LINE_LIMIT) -> Iterator[tuple[int, str]]:
        number = self._first.line
        for offset, chunk in self._chunks():
            self.stretches.append(Stretch(number, offset))
            self.times.append(None)
            ends = chunk.count(b"\n") + (not chunk.endswith(b"\n"))
            self.count += ends
            for at, start, end in self._picked(chunk):
                yield number + at, _text(chunk[start:end], limit)
            number += ends

    def _picked(self, chunk: bytes) -> Iterator[tuple[int, int, int]]:
        """(index, start, end) of the lines worth reading."""
        index = start = 0
        while index < LEADING and start < len(chunk):
            end = chunk.find(b"\n", start)
            end = len(chunk) if end < 0 else end
            yield index, start, end
            index, start = index + 1, end + 1
        counted = start  # lines before here are in `index`
        for found in self._sieve.search(chunk, start):
            at = found.start()
            if at < start:
                continue  # in a line that was given already
            start = chunk.rfind(b"\n", counted, at) + 1 or counted
            end = chunk.find(b"\n", at)
            end = len(chunk) if end < 0 else end
            index += chunk.count(b"\n", counted, start)
            yield index, start, end
            index, start = index + 1, end + 1
            counted = start

    def _chunks(self) -> Iterator[tuple[int, bytes]]:
        kept, offset = b"", self._first.offset
        for block in self._blocks():
            if not offset and not kept:
                if block.startswith(UTF16) or (b"\r" in block and b"\n" not in block):
                    self.odd = True
                    return
                if block.startswith(codecs.BOM_UTF8):
                    block, offset = block[len(codecs.BOM_UTF8) :], len(codecs.BOM_UTF8)
            last = block.rfind(b"\n") + 1
            if not last:
                kept += block
                if len(kept) > LINE_BYTES:
                    self.odd = True
                    return
                continue
            chunk = kept + block[:last] if kept else block[:last]
            yield offset, chunk
            offset += len(chunk)
            kept = block[last:]
        if kept:
            yield offset, kept

    def _blocks(self) -> Iterator[bytes]:
        blocks = self._source.blocks(self._first.offset)
        return blocks if self._end is None else first_bytes(blocks, self._end - self._first.offset)

    def told(self, entry: Entry) -> None:
        """Notes the time of a stretch by an entry that began in its first lines."""
        if entry.stamp is None or not entry.stamp.dated:
            return
        place = bisect_right(self.stretches, entry.line, key=_line) - 1
        if self.times[place] is None and entry.line < self.stretches[place].line + LEADING:
            self.times[place] = entry.stamp.us


def _text(raw: bytes, limit: int) -> str:
    text = raw.decode("utf-8", "replace").rstrip("\r").replace("\r", CR_SIGN).replace("\0", "\u2400")
    return text if len(text) <= limit else text[: limit - 1] + CUT_MARK


def _line(stretch: Stretch) -> int:
    return stretch.line
