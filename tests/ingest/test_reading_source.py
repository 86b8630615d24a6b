"""A part as lines: encodings, line ends, compression and its bombs."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib

import pytest
import zstandard

from ingest.formats import decompress
from ingest.formats.base import LINE_LIMIT
from ingest.formats.source import PartSource
from tests.ingest.server_parts import part

TEXT = b"".join(b"line %d\n" % n for n in range(200_000))
LINES = [f"line {n}" for n in range(200_000)]


def texts(source: PartSource) -> list[str]:
    return [text for _, text in source.lines()]


def test_lines_are_numbered_as_in_an_editor_and_can_be_read_again():
    source = part(b"a\r\nb\n\nc")
    assert list(source.lines()) == [(1, "a"), (2, "b"), (3, ""), (4, "c")]
    assert list(source.lines()) == [(1, "a"), (2, "b"), (3, ""), (4, "c")]


def test_an_empty_part_has_no_lines():
    assert texts(part(b"")) == []


def test_nul_lone_cr_and_bytes_that_are_no_utf8_are_shown():
    assert texts(part(b"a\0b\nc\rd\r\n\xff\xe9e\n")) == ["a\u2400b", "c\u240dd", "\ufffd\ufffde"]


def test_a_file_with_cr_alone_has_lines_too():
    assert texts(part(b"a\rb\rc\r")) == ["a", "b", "c"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_what_powershell_writes_is_read(encoding):
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    assert texts(part(mark + "Käfer\nfigo\n".encode(encoding))) == ["Käfer", "figo"]


def test_lines_and_characters_across_blocks_stay_whole():
    content = ("ä" * 700 + "\n").encode() * 3000
    assert set(texts(part(content))) == {"ä" * 700}
    assert len(texts(part(content))) == 3000


def test_a_long_line_is_cut_marked_and_counted():
    source = part(b"x" * (LINE_LIMIT + 1) + b"\n" + b"y" * LINE_LIMIT + b"\nz")
    first, second, third = texts(source)
    assert (len(first), first[-1], second, third) == (LINE_LIMIT, "…", "y" * LINE_LIMIT, "z")
    assert source.cut_lines == 1


def test_a_line_of_100_mb_is_not_held():
    class Long(io.RawIOBase):
        left = 100 << 20

        def seek(self, *_: int) -> int:
            self.left = 100 << 20
            return 0

        def read(self, size: int = -1) -> bytes:
            size = min(size, self.left)
            if not size:
                return b""
            self.left -= size
            return b"x" * size if self.left else b"x" * (size - 4) + b"\nend"

    source = PartSource("long", Long())
    tracemalloc.start()
    lines = texts(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [len(lines[0]), lines[1]] == [LINE_LIMIT, "end"]
    assert peak < 8 << 20


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_compressed_parts_are_read_and_progress_counts_their_stored_bytes(pack):
    packed = pack(TEXT)
    source = part(packed)
    assert texts(source) == LINES
    assert (source.problem, source.bytes_read, source.bytes_out) == (None, len(packed), len(TEXT))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_members_one_after_the_other_are_one_part(pack):
    source = part(pack(b"a\n") + pack(b"b\n") + pack(b"") + pack(b"c\n"))
    assert texts(source) == ["a", "b", "c"]
    assert source.problem is None


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_truncated_part_gives_what_could_be_read_and_a_sentence(pack):
    packed = pack(TEXT)
    source = part(packed[: len(packed) // 2])
    got = texts(source)
    assert 1000 < len(got) < len(LINES)
    assert got[:1000] == LINES[:1000]
    assert "ends early" in source.problem


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_every_truncation_and_every_flipped_byte_is_survived(pack):
    packed = pack(TEXT[:3000])
    for at in range(0, len(packed), 7):
        texts(part(packed[:at]))
        texts(part(packed[:at] + bytes([packed[at] ^ 0xFF]) + packed[at + 1 :]))


def test_bytes_behind_a_gzip_stream_are_left_out_and_said_and_padding_is_fine():
    source = part(gzip.compress(b"a\n") + b"garbage")
    assert texts(source) == ["a"]
    assert "not gzip" in source.problem
    padded = part(gzip.compress(b"a\n") + b"\0" * 512)
    assert (texts(padded), padded.problem) == (["a"], None)


def test_a_gzip_bomb_is_stopped():
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(100)) + packer.flush()
    source = part(bomb)
    given = sum(len(block) for block in source.blocks())
    assert decompress.RATIO_FREE < given <= max(decompress.RATIO_FREE, decompress.RATIO_LIMIT * len(bomb)) + (2 << 20)
    assert "500:1" in source.problem


def test_a_zstd_bomb_is_stopped_without_ever_being_held():
    bomb = zstandard.ZstdCompressor(level=3).compress(b"\0" * (300 << 20))
    source = part(bomb)
    tracemalloc.start()
    given = sum(len(block) for block in source.blocks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert given < 100 << 20
    assert peak < 48 << 20
    assert "500:1" in source.problem


def test_the_total_is_bounded():
    source = PartSource("big", io.BytesIO(TEXT), total_limit=1000)
    assert sum(len(text) + 1 for text in texts(source)) <= 1001
    assert "left out" in source.problem
