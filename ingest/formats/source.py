"""A part as lines: any size, any encoding, any line end, in constant memory.

The line loop is the hot path of a 1 GB journal: it decodes and splits whole blocks and only touches a line singly where
it has to be cut.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from ingest.formats import ansi
from ingest.formats.base import HEAD_BYTES, LINE_LIMIT, Head, Outer
from ingest.formats.decompress import TOTAL_LIMIT, Inflow

CUT_MARK = "…"  # the last character of a line that was cut
NUL_SIGN = "\u2400"
CR_SIGN = "\u240d"  # a lone CR inside a line: a progress bar; line numbers stay those of every editor
BYTES_A_CHARACTER = 4  # the most that UTF-8 takes
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class PartSource:
    """A part in a seekable binary file object. Not for use by two readers at once."""

    def __init__(self, name: str, file: BinaryIO, total_limit: int = TOTAL_LIMIT) -> None:
        self.name = name
        self.cut_lines = 0  # lines of the current pass that were longer than the limit
        self._file = file
        self._total_limit = total_limit
        self._inflow = Inflow(file, total_limit)

    @property
    def problem(self) -> str | None:
        """A sentence on what kept the current pass from reading everything."""
        return self._inflow.problem

    @property
    def bytes_read(self) -> int:
        """Bytes of the file (as stored, so perhaps compressed) that the current pass has consumed."""
        return self._inflow.bytes_in

    @property
    def bytes_out(self) -> int:
        """Decompressed bytes that the current pass has given out."""
        return self._inflow.bytes_out

    def blocks(self, start: int = 0) -> Iterator[bytes]:
        """Decompressed bytes from the beginning, or from the byte `start` of them."""
        self.cut_lines = 0
        self._inflow = Inflow(self._file, self._total_limit)
        return self._inflow.blocks(start)

    @property
    def size(self) -> int:
        """Bytes as stored."""
        return self._inflow.size

    @property
    def plain(self) -> bool:
        """Whether reading can begin anywhere at once: nothing to decompress."""
        return self._inflow.plain

    def places(self, count: int) -> tuple[int, ...]:
        """Offsets all over the part at which reading can begin at once; of a compressed part only the first."""
        return tuple(range(0, self.size, max(1, self.size // count + 1))) if self.plain else (0,)

    def head(self) -> Head:
        """At most HEAD_BYTES, and the lines in them."""
        data = bytearray()
        for block in self.blocks():
            data += block[: HEAD_BYTES + 1 - len(data)]
            if len(data) > HEAD_BYTES:
                break
        whole = len(data) <= HEAD_BYTES
        kept = bytes(data[:HEAD_BYTES])
        lines = [text for _, text in _numbered(iter((kept,)), LINE_LIMIT, _Cuts())]
        if lines and not whole and not kept.endswith((b"\n", b"\r")):
            lines.pop()
        return Head(self.name, kept, tuple(ansi.strip(line) for line in lines))

    def lines(self, limit: int = LINE_LIMIT) -> Iterator[tuple[int, str]]:
        """(1-based number, text) of every line, without its end, at most `limit` characters."""
        return _numbered(self.blocks(), limit, self)

    def count_lines(self, until: int, known: int = 0) -> tuple[int, int]:
        """(line ends before the byte `until`, line ends in all): the number of a line found by its place.

        Where line `known` is known to begin behind `until`, only the bytes before are counted.
        """
        before = after = at = 0
        for block in self.blocks():
            room = max(0, until - at)
            before += block.count(b"\n", 0, room)
            if known and room <= len(block):
                break
            after += block.count(b"\n", room)
            at += len(block)
        return before, before + after

    def lines_from(self, start: int, number: int, room: int | None, limit: int) -> Iterator[tuple[int, str]]:
        """Lines of `room` bytes (None: all) from byte `start`, where line `number` begins."""
        blocks = self.blocks(start)
        return _numbered(blocks if room is None else first_bytes(blocks, room), limit, self, number - 1)

    def outer(self, number: int) -> Outer | None:
        """Nothing: a part as it was sent has no wrapper taken off."""
        return None


class _Cuts:
    cut_lines = 0


def first_bytes(blocks: Iterator[bytes], room: int) -> Iterator[bytes]:
    for block in blocks:
        yield block[:room]
        room -= len(block)
        if room <= 0:
            return


def _numbered(
    blocks: Iterator[bytes], limit: int, cuts: PartSource | _Cuts, number: int = 0
) -> Iterator[tuple[int, str]]:
    for chunk in _whole_lines(_utf8(blocks), limit * BYTES_A_CHARACTER):
        if b"\0" in chunk:
            chunk = chunk.replace(b"\0", b"\xe2\x90\x80")
        text = chunk.decode("utf-8", "replace")
        carriage = "\r" in text
        long = len(text) > limit
        lines = text.split("\n")
        for line in lines:
            number += 1
            if carriage and "\r" in line:
                line = line.rstrip("\r").replace("\r", CR_SIGN)
            if long and len(line) > limit:
                line = line[: limit - 1] + CUT_MARK
                cuts.cut_lines += 1
            yield number, line


def _utf8(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same text as UTF-8: PowerShell's `>` writes UTF-16, old Macs and some terminals end lines with CR alone."""
    first = next(blocks, b"")
    if first.startswith(UTF16):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        yield decoder.decode(first).encode()
        for block in blocks:
            yield decoder.decode(block).encode()
        return
    first = first.removeprefix(codecs.BOM_UTF8)
    if b"\r" in first and b"\n" not in first:
        yield first.replace(b"\r", b"\n")
        for block in blocks:
            yield block.replace(b"\r", b"\n")
        return
    yield first
    yield from blocks


def _whole_lines(blocks: Iterator[bytes], limit: int) -> Iterator[bytes]:
    """Chunks of whole lines without the last line end. Of a line longer than `limit` bytes only its beginning is held:
    what is over is dropped as it comes.
    """
    kept = bytearray()  # the beginning of a line whose end has not come yet
    for block in blocks:
        start = 0
        if kept:
            end = block.find(b"\n")
            piece = block if end < 0 else block[:end]
            kept += piece[: limit + 1 - len(kept)]
            if end < 0:
                continue
            yield bytes(kept)
            kept.clear()
            start = end + 1
        last = block.rfind(b"\n")
        if last >= start:
            yield block[start:last]
            start = last + 1
        kept += block[start : start + limit + 1]
    if kept:
        yield bytes(kept)
