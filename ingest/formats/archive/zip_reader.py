"""Zip archives by their directory, which stands at the end: every number in it is a stranger's claim.

Own, because the standard library's builds an object for each of a million entries before one can say no.
"""

from __future__ import annotations

import bz2
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
import zstandard

from ingest.formats.archive.member import MEMBER_LIMIT, MEMBERS, TOTAL_LIMIT, Listing, Member, last_of_each, path_of
from ingest.formats.archive.stream import BLOCK, Damaged, bounded

END = struct.Struct("<4s4H2LH")
END_64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR_64 = struct.Struct("<4sLQL")
ENTRY = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
TAIL = END.size + 65_535 + LOCATOR_64.size  # the end record has a comment of at most 64 KiB behind it
DIRECTORY_LIMIT = 32 << 20  # bytes of the directory that are read
ENCRYPTED = 0x1 | 0x40 | 0x2000
IN_UTF8 = 0x800
STORED, DEFLATE, BZIP2, ZSTD = 0, 8, 12, 93
FULL, FULL_SHORT = 0xFFFF_FFFF, 0xFFFF
SIP = 256  # zstd makes up to 8 MiB of this, which bounds one step
KINDS = {0o120000: "is a link", 0o020000: "is a device", 0o060000: "is a device", 0o010000: "is a pipe"}
NO_END = "The zip archive is cut off: its directory, which stands at the end, is missing."


def listing(file: BinaryIO) -> Listing:
    """The files of the archive."""
    size = file.seek(0, 2)
    found = _directory(file, size)
    if found is None:
        return Listing((), NO_END)
    begin, length, shift = found
    if length > DIRECTORY_LIMIT or begin < 0 or begin + length > size:
        return Listing((), "The zip archive's directory lies outside of the file or is larger than 32 MiB.")
    file.seek(begin)
    members: list[Member] = []
    problem = ""
    total = 0
    for member in _entries(file.read(length), shift):
        if len(members) == MEMBERS:
            problem = f"The archive holds more than {MEMBERS:,} files; the rest was left out."
            break
        total += 0 if member.refused else member.size
        if total > TOTAL_LIMIT:
            problem = (
                f"The files of the archive are larger than {TOTAL_LIMIT >> 30} GiB together; the rest was left out."
            )
            break
        members.append(member)
    return Listing(last_of_each(_apart(members, begin)), problem)


def blocks(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The unpacked bytes of a member. Raises Damaged."""
    return bounded(_checked(_unpacked(file, member), member), member.size, member.packed)


def _directory(file: BinaryIO, size: int) -> tuple[int, int, int] | None:
    """(where the directory begins, its length, how many bytes stand before the archive in the file)."""
    begin = max(0, size - TAIL)
    file.seek(begin)
    tail = file.read(TAIL)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if len(tail) - at >= END.size:
            _, _, _, _, count, length, offset, comment = END.unpack_from(tail, at)
            if at + END.size + comment <= len(tail):
                break
        at = tail.rfind(b"PK\x05\x06", 0, at)
    if at < 0:
        return None
    end = begin + at
    if FULL in (length, offset) or count == FULL_SHORT:
        wide = _wide(file, tail, at, size)
        if wide is not None:
            length, offset, end = wide
    if length > end:
        return None
    return end - length, length, max(0, end - length - offset)


def _wide(file: BinaryIO, tail: bytes, at: int, size: int) -> tuple[int, int, int] | None:
    """(length, offset, place of the end record) of a zip64 directory."""
    if at < LOCATOR_64.size or tail[at - LOCATOR_64.size :][:4] != b"PK\x06\x07":
        return None
    _, _, place, _ = LOCATOR_64.unpack_from(tail, at - LOCATOR_64.size)
    if place + END_64.size > size:
        return None
    file.seek(place)
    record = file.read(END_64.size)
    if len(record) < END_64.size or not record.startswith(b"PK\x06\x06"):
        return None
    *_, length, offset = END_64.unpack(record)
    return length, offset, place


def _entries(data: bytes, shift: int) -> Iterator[Member]:
    at = 0
    while at + ENTRY.size <= len(data) and data.startswith(b"PK\x01\x02", at):
        fields = ENTRY.unpack_from(data, at)
        flags, method, checksum, packed, size = fields[3], fields[4], fields[7], fields[8], fields[9]
        name_size, extra_size, comment_size, offset, mode = (
            fields[10],
            fields[11],
            fields[12],
            fields[16],
            fields[15] >> 16,
        )
        name = data[at + ENTRY.size : at + ENTRY.size + name_size]
        extra = data[at + ENTRY.size + name_size : at + ENTRY.size + name_size + extra_size]
        at += ENTRY.size + name_size + extra_size + comment_size
        size, packed, offset = _wide_fields(extra, size, packed, offset)
        path, refused = path_of(_text(name, flags))
        if path.endswith("/"):
            continue
        refused = (
            refused
            or KINDS.get(mode & 0o170000, "")
            or ("is encrypted" if flags & ENCRYPTED else "")
            or (
                ""
                if method in (STORED, DEFLATE, BZIP2, ZSTD)
                else f"is compressed in a way (number {method}) that is not read"
            )
            or ("is larger than any log" if size > MEMBER_LIMIT else "")
        )
        yield Member(
            name=path, size=size, refused=refused, at=offset + shift, packed=packed, method=method, checksum=checksum
        )


def _wide_fields(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Those of the three numbers that did not fit in 32 bits stand in an extra field, in this order."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            found = extra[at + 4 : at + 4 + length]
            wide = [int.from_bytes(found[n : n + 8], "little") for n in range(0, len(found) - 7, 8)]
            size = wide.pop(0) if size == FULL and wide else size
            packed = wide.pop(0) if packed == FULL and wide else packed
            offset = wide.pop(0) if offset == FULL and wide else offset
            break
        at += 4 + length
    return size, packed, offset


def _text(name: bytes, flags: int) -> str:
    try:
        return name.decode()  # also where the flag is missing: macOS and many libraries never set it
    except UnicodeDecodeError:
        return name.decode("utf-8", "replace") if flags & IN_UTF8 else name.decode("cp437")


def _apart(members: list[Member], end: int) -> list[Member]:
    """Members that share their bytes with another are refused: so a file of 10 MB claims to be 280 TB."""
    order = sorted(range(len(members)), key=lambda n: members[n].at)
    found = list(members)
    reach = 0
    for place, n in enumerate(order):
        member = members[n]
        following = members[order[place + 1]].at if place + 1 < len(order) else end
        if member.at < reach or member.at + LOCAL.size + member.packed > following:
            found[n] = msgspec.structs.replace(member, refused=member.refused or "shares its bytes with another file")
        reach = max(reach, member.at + LOCAL.size + member.packed)
    return found


def _unpacked(file: BinaryIO, member: Member) -> Iterator[bytes]:
    file.seek(member.at)
    head = file.read(LOCAL.size)
    if len(head) < LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise Damaged("the archive is damaged where it should begin")
    *_, name_size, extra_size = LOCAL.unpack(head)
    at = member.at + LOCAL.size + name_size + extra_size
    if member.method == STORED:
        return _pieces(file, at, member.packed)
    if member.method == ZSTD:
        return _zstd(_pieces(file, at, member.packed))
    return _inflated(_pieces(file, at, member.packed), member.method)


def _pieces(file: BinaryIO, at: int, size: int) -> Iterator[bytes]:
    """Seeks before every read: another member of the same file may be read in between."""
    end = at + size
    while at < end:
        file.seek(at)
        data = file.read(min(BLOCK, end - at))
        if not data:
            raise Damaged("the archive is cut off")
        at += len(data)
        yield data


def _inflated(pieces: Iterator[bytes], method: int) -> Iterator[bytes]:
    if method == BZIP2:
        opened = bz2.BZ2Decompressor()
        for data in pieces:
            while not opened.eof and (data or not opened.needs_input):
                try:
                    block = opened.decompress(data, BLOCK)
                except (OSError, ValueError) as error:
                    raise Damaged("its compressed bytes are damaged") from error
                data = b""
                if block:
                    yield block
        return
    stream = zlib.decompressobj(-15)
    for data in pieces:
        while not stream.eof:
            try:
                block = stream.decompress(data, BLOCK)
            except zlib.error as error:
                raise Damaged("its compressed bytes are damaged") from error
            data = stream.unconsumed_tail
            if block:
                yield block
            elif not data:
                break


def _zstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    frame = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
    for data in pieces:
        for at in range(0, len(data), SIP):
            if frame.eof:
                return
            try:
                block = frame.decompress(data[at : at + SIP])
            except zstandard.ZstdError as error:
                raise Damaged("its compressed bytes are damaged") from error
            if block:
                yield block


def _checked(blocks: Iterator[bytes], member: Member) -> Iterator[bytes]:
    checksum = out = 0
    for block in blocks:
        checksum = zlib.crc32(block, checksum)
        out += len(block)
        yield block
    if out == member.size and checksum != member.checksum:
        raise Damaged("its checksum is wrong: the archive is damaged")
