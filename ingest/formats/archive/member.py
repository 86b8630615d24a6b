"""One file inside an archive, and the rules for what an archive may hold: told in sentences, never raised."""

from __future__ import annotations

import re

import msgspec

MEMBERS = 20_000  # listed of one archive
MEMBER_LIMIT = 8 << 30  # bytes of one member, unpacked
TOTAL_LIMIT = 16 << 30  # bytes of all members together, as the archive tells their sizes
NAME_LIMIT = 1_000  # characters of a path
RATIO_FREE = 64 << 20  # so much may come out whatever went in
RATIO_LIMIT = 500  # real logs stay under 100

_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A file as the archive's directory tells of it."""

    name: str  # path with "/", as shown and as asked for; never used to write
    size: int  # bytes unpacked, as told; reading holds it to that
    refused: str = ""  # why it is not read, as the rest of the sentence "NAME …"
    at: int = 0  # where it begins in the (unpacked, for tar) archive
    packed: int = 0  # bytes that it takes there
    method: int = 0  # of compression, in a zip
    checksum: int | None = None  # CRC-32, in a zip


class Listing(msgspec.Struct, frozen=True):
    """What an archive holds."""

    members: tuple[Member, ...]  # files only, in archive order
    problem: str = ""  # a sentence where the listing is not whole


def path_of(raw: str) -> tuple[str, str]:
    """(path to show and to ask for, why it is refused); folders and harmless "./" are taken as they are."""
    path = raw.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    shown = _CONTROL.sub("\ufffd", path[:NAME_LIMIT])
    if len(path) > NAME_LIMIT:
        return shown, f"has a name of more than {NAME_LIMIT:,} characters"
    if shown != path:
        return shown, "has a name with control characters"
    if not path or path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
        return shown, "names a place outside of the archive"
    return shown, ""


def last_of_each(members: list[Member]) -> tuple[Member, ...]:
    """Of several members of one name the last one counts, as it does when the archive is unpacked."""
    last = {member.name: number for number, member in enumerate(members)}
    replaced = "is replaced by a later file of the same name"
    return tuple(
        member if last[member.name] == number or member.refused else msgspec.structs.replace(member, refused=replaced)
        for number, member in enumerate(members)
    )
