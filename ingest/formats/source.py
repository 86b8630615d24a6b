"""A part as lines: any size, any encoding, any line end, in constant memory.

The line loop is the hot path of a 1 GB journal: it decodes and splits whole blocks and only touches a line singly where
it has to be cut.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from ingest.formats import ansi
from ingest.formats.base import HEAD_BYTES, LINE_LIMIT, Head
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

    def blocks(self) -> Iterator[bytes]:
        """Decompressed bytes from the beginning."""
        self.cut_lines = 0
        self._inflow = Inflow(self._file, self._total_limit)
        return self._inflow.blocks()

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


class _Cuts:
    cut_lines = 0


def _numbered(blocks: Iterator[bytes], limit: int, cuts: PartSource | _Cuts) -> Iterator[tuple[int, str]]:
    number = 0
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
