"""Tar archives as a stream of headers, plain or inside gzip, zstd, bzip2 or xz.

Own, because the standard library's reads a header of any length into memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from ingest.formats.archive.member import MEMBER_LIMIT, MEMBERS, TOTAL_LIMIT, Listing, Member, last_of_each, path_of
from ingest.formats.archive.stream import BLOCK, Damaged
from ingest.formats.decompress import Inflow

SECTOR = 512
LONG_LIMIT = 1 << 20  # bytes of a long name or of extended fields
FILES = b"0\x007"
NOT_FILES = {
    b"1": "is a link",
    b"2": "is a link",
    b"3": "is a device",
    b"4": "is a device",
    b"6": "is a pipe",
    b"S": "is a sparse file",
}


def is_tar(head: bytes) -> bool:
    """Whether the first sector is a tar header: its checksum says so, also where the magic word is missing."""
    sector = head[:SECTOR]
    return len(sector) == SECTOR and sector.strip(b"\0") != b"" and _sums(sector)


def listing(file: BinaryIO) -> Listing:
    """The files of the archive."""
    inflow = Inflow(file, TOTAL_LIMIT)
    reader = _Forward(inflow.blocks())
    members: list[Member] = []
    problem = ""
    try:
        for member in _members(reader):
            if len(members) == MEMBERS:
                problem = f"The archive holds more than {MEMBERS:,} files; the rest was left out."
                break
            members.append(member)
    except Damaged as fault:
        problem = f"The tar archive ends early or is damaged: {fault.strerror}."
    return Listing(last_of_each(members), inflow.problem or problem)


def blocks(file: BinaryIO, member: Member, packed: bool) -> Iterator[bytes]:
    """The bytes of a member. Where the archive is compressed, all that stands before is unpacked first."""
    if not packed:
        at, end = member.at, member.at + member.size
        while at < end:
            file.seek(at)
            data = file.read(min(BLOCK, end - at))
            if not data:
                raise Damaged("the archive is cut off")
            at += len(data)
            yield data
        return
    inflow = Inflow(file, TOTAL_LIMIT)
    reader = _Forward(inflow.blocks())
    try:
        reader.skip(member.at)
        left = member.size
        while left:
            data = reader.take(min(BLOCK, left))
            left -= len(data)
            yield data
    except Damaged as fault:
        raise Damaged(inflow.problem.rstrip(".") if inflow.problem else str(fault.strerror)) from None


def contents(inflow: Inflow, wanted: Mapping[int, Member], limit: int) -> Iterator[tuple[Member, bytes]]:
    """The files that begin at these places, each cut at `limit` bytes, in one pass. What cannot be read is left out."""
    reader = _Forward(inflow.blocks())
    try:
        for at in sorted(wanted):
            member = wanted[at]
            reader.skip(at - reader.at)
            yield member, reader.take(min(member.size, limit))
    except Damaged:
        return


class _Forward:
    """Exact reads from blocks. Raises Damaged where they end early."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._held = b""
        self._from = 0
        self.at = 0

    def take(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            if self._from >= len(self._held):
                self._held, self._from = next(self._blocks, b""), 0
                if not self._held:
                    raise Damaged("the archive is cut off")
            piece = self._held[self._from : self._from + size - len(found)]
            self._from += len(piece)
            found += piece
        self.at += size
        return bytes(found)

    def skip(self, size: int) -> None:
        while size > 0:
            if self._from >= len(self._held):
                self._held, self._from = next(self._blocks, b""), 0
                if not self._held:
                    raise Damaged("the archive is cut off")
            step = min(size, len(self._held) - self._from)
            self._from += step
            self.at += step
            size -= step

    def ended(self) -> bool:
        """Whether no byte is left."""
        if self._from >= len(self._held):
            self._held, self._from = next(self._blocks, b""), 0
        return not self._held


def _members(reader: _Forward) -> Iterator[Member]:
    long_name = ""
    extended: dict[str, str] = {}
    total = 0
    while not reader.ended():
        sector = reader.take(SECTOR)
        if not sector.strip(b"\0"):
            return
        if not _sums(sector):
            raise Damaged("a header is not one")
        kind = sector[156:157]
        size = _number(extended.get("size", "")) if "size" in extended else _field(sector[124:136])
        if size < 0 or size > MEMBER_LIMIT:
            raise Damaged("a file in it claims an impossible size")
        if kind in (b"L", b"K", b"x", b"g"):
            data = reader.take(min(_field(sector[124:136]), LONG_LIMIT))
            reader.skip(_padded(_field(sector[124:136])) - len(data))
            if kind == b"L":
                long_name = data.rstrip(b"\0").decode("utf-8", "replace")
            elif kind == b"x":
                extended = _extended(data)
            continue
        total += size
        if total > TOTAL_LIMIT:
            raise Damaged(f"its files are larger than {TOTAL_LIMIT >> 30} GiB together")
        name, refused = path_of(extended.get("path") or long_name or _name(sector))
        long_name, extended = "", {}
        if kind != b"5" and not name.endswith("/"):
            refused = refused or NOT_FILES.get(kind, "" if kind in FILES else "is of an unknown kind")
            yield Member(name=name, size=size, refused=refused, at=reader.at, packed=size)
        if kind in b"0\x007S" or kind not in NOT_FILES:
            reader.skip(_padded(size))


def _sums(sector: bytes) -> bool:
    """The sum of all bytes, with the eight of the sum itself taken as spaces."""
    told = _field(sector[148:156])
    return told >= 0 and told == sum(sector) - sum(sector[148:156]) + 8 * 0x20


def _field(data: bytes) -> int:
    """An octal number, or a binary one where the first bit is set; -1 for anything else."""
    if data[:1] == b"\x80":
        return int.from_bytes(data[1:], "big")
    digits = data.strip(b" \0")
    if not digits:
        return 0
    return int(digits, 8) if digits.isdigit() and not digits.translate(None, b"01234567") else -1


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def _padded(size: int) -> int:
    return -(-max(size, 0) // SECTOR) * SECTOR


def _name(sector: bytes) -> str:
    name = sector[:100].split(b"\0", 1)[0]
    prefix = sector[345:500].split(b"\0", 1)[0] if sector[257:263] == b"ustar\0" else b""
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "replace")


def _extended(data: bytes) -> dict[str, str]:
    """`27 path=a/long/name.log` and a line end, one after the other."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 20)
        length = _number(data[at:space].decode("ascii", "replace")) if space > at else -1
        if length <= space - at or at + length > len(data):
            break
        key, _, value = data[space + 1 : at + length - 1].partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        at += length
    return found
