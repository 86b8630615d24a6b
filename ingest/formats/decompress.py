"""The bytes inside a part: plain, gzip or zstd by magic number, in bounded blocks and with a bound on the whole.

An upload may be a bomb: what a compressor made of 50 KB can be 50 GB. Nothing here raises on content; what went wrong
is told in `Inflow.problem`, and the blocks that came before stand.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

import zstandard

BLOCK = 1 << 20
TOTAL_LIMIT = 8 << 30  # bytes of one part, decompressed
RATIO_FREE = 64 << 20  # so much may come out whatever went in
RATIO_LIMIT = 500  # real logs stay under 100; gzip itself cannot pass 1032
ZSTD_SIP = 256  # zstd makes up to 8 MiB of this, which bounds the memory that one step can take
ZSTD_READ = 16 << 10
ZSTD_WINDOW = 1 << 27  # what `zstd --ultra` may ask for; more is refused

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ARCHIVES = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
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

    def blocks(self) -> Iterator[bytes]:
        """Decompressed, non-empty blocks of at most 1 MiB."""
        self._file.seek(0)
        for large in self._inner(self._read(BLOCK)):
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
        return self._plain(first)

    def _plain(self, data: bytes) -> Iterator[bytes]:
        while data:
            yield data
            data = self._read(BLOCK)

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
