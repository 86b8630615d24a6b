"""Archives of any kind behind one door: what is in them, and one member as a file to read."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, cast

from ingest.formats.archive import tar_reader, zip_reader
from ingest.formats.archive.member import Listing, Member
from ingest.formats.archive.stream import Damaged, MemberFile
from ingest.formats.decompress import BZIP2_MAGIC, GZIP_MAGIC, XZ_MAGIC, ZSTD_MAGIC, Inflow

INSIDE = "!/"  # between the name of an archive in an archive and the path in it: results/trace.zip!/trace.network
NESTED_LIMIT = 64 << 20  # bytes of an archive inside an archive: it is held in memory
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK00PK\x03\x04")
COMPRESSED = (GZIP_MAGIC, ZSTD_MAGIC, BZIP2_MAGIC, XZ_MAGIC)
UNREAD = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
)


def kind_of(file: BinaryIO) -> str:
    """ "zip", "tar" or "tar-packed" (compressed); "" for anything else, which a single compressed file is too."""
    file.seek(0)
    head = file.read(tar_reader.SECTOR)
    if head.startswith(ZIP_STARTS):
        return "zip"
    if tar_reader.is_tar(head):
        return "tar"
    if head.startswith(COMPRESSED):
        inner = bytearray()
        for block in Inflow(file, 1 << 24).blocks():
            inner += block
            if len(inner) >= tar_reader.SECTOR:
                break
        return "tar-packed" if tar_reader.is_tar(bytes(inner)) else ""
    return ""


def listed(file: BinaryIO) -> Listing:
    """The files of the archive in its order, and a sentence where that is not all. Never raises on content."""
    kind = kind_of(file)
    if kind == "zip":
        return zip_reader.listing(file)
    return tar_reader.listing(file) if kind else Listing((), "This is not an archive.")


def members(file: BinaryIO) -> Iterator[Member]:
    """The files of the archive that may be read."""
    return (member for member in listed(file).members if not member.refused)


def real_member(file: BinaryIO, name: str) -> MemberFile:
    """A file of the archive, or of an archive in it. Raises Damaged where there is none of that name to be read."""
    outer, inside, inner = name.partition(INSIDE)
    kind = kind_of(file)
    member = next((each for each in listed(file).members if each.name == outer and not each.refused), None)
    if member is None:
        raise Damaged(f"there is no file {outer[:200]} in the archive")
    found = opened(file, kind, member)
    return real_member(held(found), inner) if inside else found


def opened(file: BinaryIO, kind: str, member: Member) -> MemberFile:
    """A file of the archive, by what its listing tells."""

    def blocks() -> Iterator[bytes]:
        if kind == "zip":
            return zip_reader.blocks(file, member)
        return tar_reader.blocks(file, member, kind == "tar-packed")

    return MemberFile(member.name, blocks)


def held(file: MemberFile) -> BinaryIO:
    """An archive inside an archive, in memory, because its directory stands at its end. Raises Damaged."""
    data = file.read(NESTED_LIMIT + 1)
    if len(data) > NESTED_LIMIT:
        raise Damaged(f"an archive in the archive is larger than {NESTED_LIMIT >> 20} MiB")
    return cast(BinaryIO, BytesIO(data))
