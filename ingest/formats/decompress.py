"""The bytes inside a part: plain, gzip, zstd, bzip2 or xz by magic number, in bounded blocks, the whole bounded too.

An upload may be a bomb: what a compressor made of 50 KB can be 50 GB. Nothing here raises on content; what went wrong
is told in `Inflow.problem`, and the blocks that came before stand.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import zstandard

BLOCK = 1 << 20
PLAIN_BLOCK = 1 << 18  # fits the processor's cache, which makes splitting it into lines a third faster
TOTAL_LIMIT = 8 << 30  # bytes of one part, decompressed
RATIO_FREE = 64 << 20  # so much may come out whatever went in
RATIO_LIMIT = 500  # real logs stay under 100; gzip itself cannot pass 1032
ZSTD_SIP = 256  # zstd makes up to 8 MiB of this, which bounds the memory that one step can take
ZSTD_READ = 16 << 10
ZSTD_WINDOW = 1 << 27  # what `zstd --ultra` may ask for; more is refused
XZ_MEMORY = 1 << 27  # what `xz -9` needs twice over; more is refused

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
BZIP2_MAGIC = b"BZh"
XZ_MAGIC = b"\xfd7zXZ\x00"
COMPRESSED = (GZIP_MAGIC, ZSTD_MAGIC, BZIP2_MAGIC, XZ_MAGIC)
BZIP2_STARTS = (b"1AY&SY", b"\x17rE8P\x90")  # of a block, and of the end of an empty file: a log may begin with BZh9
ARCHIVES = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (BZIP2_MAGIC, "a bzip2 file"),
    (XZ_MAGIC, "an xz file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"\x04\x22\x4d\x18", "an lz4 file"),
)


def archive_name(head: bytes) -> str | None:
    """What kind of container these first bytes open, in words; None where they are none."""
    for magic, name in ARCHIVES:
        if head.startswith(magic):
            return name
    if len(head) >= 262 and head[257:262] == b"ustar":
        return "a tar archive"
    return None


class Inflow:
    """One pass over a binary file object from its beginning."""

    def __init__(self, file: BinaryIO, total_limit: int = TOTAL_LIMIT) -> None:
        self.problem: str | None = None
        self.bytes_in = 0
        self.bytes_out = 0
        self._file = file
        self._total_limit = total_limit
        self._stopped = False

    def blocks(self, start: int = 0) -> Iterator[bytes]:
        """Decompressed, non-empty blocks of at most 1 MiB, from the byte `start` of what they unfold to."""
        self._file.seek(0)
        first = self._read(PLAIN_BLOCK)
        if start and not first.startswith(COMPRESSED):
            self._file.seek(start)
            self.bytes_in = self.bytes_out = start
            first, start = self._read(PLAIN_BLOCK), 0
        for block in self._all(first):
            if start >= len(block):
                start -= len(block)
            else:
                yield block[start:] if start else block
                start = 0

    @property
    def plain(self) -> bool:
        self._file.seek(0)
        return not self._file.read(len(XZ_MAGIC)).startswith(COMPRESSED)

    @property
    def size(self) -> int:
        return self._file.seek(0, 2)

    def _all(self, first: bytes) -> Iterator[bytes]:
        for large in self._inner(first):
            for start in range(0, len(large), BLOCK):
                block = self._bounded(large[start : start + BLOCK] if len(large) > BLOCK else large)
                if block:
                    yield block
                if self._stopped:
                    return

    def _bounded(self, block: bytes) -> bytes:
        """`block`, or what of it is allowed; sets `problem` and `_stopped` where a limit is reached."""
        room = self._total_limit - self.bytes_out
        if len(block) > room:
            self.problem = f"The part is longer than {self._total_limit >> 20} MiB; what comes after that was left out."
            self._stopped = True
            block = block[:room]
        self.bytes_out += len(block)
        if self.bytes_out > RATIO_FREE and self.bytes_out > RATIO_LIMIT * self.bytes_in:
            self.problem = (
                f"The part is compressed more than {RATIO_LIMIT}:1, as no log is; reading stopped after "
                f"{self.bytes_out >> 20} MiB."
            )
            self._stopped = True
        return block

    def _read(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except OSError as error:
            self.problem = f"The part could not be read to its end: {error.strerror or 'input error'}."
            return b""
        self.bytes_in += len(data)
        return data

    def _inner(self, first: bytes) -> Iterator[bytes]:
        if first.startswith(GZIP_MAGIC):
            return self._gzip(first)
        if first.startswith(ZSTD_MAGIC):
            return self._zstd(first)
        if first.startswith(BZIP2_MAGIC) and first[4:10] in BZIP2_STARTS:
            return self._framed(first, BZIP2_MAGIC, "bzip2")
        if first.startswith(XZ_MAGIC):
            return self._framed(first, XZ_MAGIC, "xz")
        return self._plain(first)

    def _plain(self, data: bytes) -> Iterator[bytes]:
        while data:
            yield data
            data = self._read(PLAIN_BLOCK)

    def _gzip(self, data: bytes) -> Iterator[bytes]:
        """All members, one after the other, as `cat a.gz b.gz` makes them."""
        member = zlib.decompressobj(wbits=31)
        while True:
            try:
                block = member.decompress(data, BLOCK)
            except zlib.error:
                self.problem = "The gzip stream is damaged; what could be read before that is used."
                return
            if block:
                yield block
            if member.eof:
                data = member.unused_data or self._read(BLOCK)
                data = data.lstrip(b"\0") if data[:1] == b"\0" else data  # tapes and some tools pad with zeros
                if not data:
                    return
                if len(data) < len(GZIP_MAGIC):
                    data += self._read(BLOCK)
                if not data.startswith(GZIP_MAGIC):
                    self.problem = "After the gzip stream come bytes that are not gzip; they were left out."
                    return
                member = zlib.decompressobj(wbits=31)
                continue
            data = member.unconsumed_tail or (b"" if len(block) == BLOCK else self._read(BLOCK))
            if not data and len(block) < BLOCK:
                self.problem = self.problem or "The gzip stream ends early; what could be read is used."
                return

    def _zstd(self, data: bytes) -> Iterator[bytes]:
        """All frames, in sips: one call of the decompressor cannot be bounded by its output."""
        opener = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        frame = opener.decompressobj()
        while data:
            sip, data = data[:ZSTD_SIP], data[ZSTD_SIP:]
            try:
                block = frame.decompress(sip)
            except zstandard.ZstdError:
                self.problem = "The zstd stream is damaged; what could be read before that is used."
                return
            if block:
                yield block
            if frame.eof:
                data = frame.unused_data + data
                frame = opener.decompressobj()
                data = data or self._read(ZSTD_READ)
                if not data:
                    return
            else:
                data = data or self._read(ZSTD_READ)
        self.problem = self.problem or "The zstd stream ends early; what could be read is used."

    def _framed(self, data: bytes, magic: bytes, name: str) -> Iterator[bytes]:
        """All streams of a bzip2 or xz file, one after the other."""
        while data:
            if not data.startswith(magic):
                self.problem = f"After the {name} stream come bytes that are not {name}; they were left out."
                return
            stream = _opened(name)
            while not stream.eof:
                if stream.needs_input and not data and not (data := self._read(BLOCK)):
                    self.problem = self.problem or f"The {name} stream ends early; what could be read is used."
                    return
                try:
                    block = stream.decompress(data, BLOCK)
                except (OSError, lzma.LZMAError, EOFError, ValueError):
                    self.problem = f"The {name} stream is damaged; what could be read before that is used."
                    return
                data = b""
                if block:
                    yield block
            data = stream.unused_data.lstrip(b"\0") or self._read(BLOCK).lstrip(b"\0")
            while 0 < len(data) < len(magic) and (more := self._read(BLOCK)):
                data += more


def _opened(name: str) -> bz2.BZ2Decompressor | lzma.LZMADecompressor:
    if name == "bzip2":
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
