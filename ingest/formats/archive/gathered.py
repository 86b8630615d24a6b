"""Members that only exist together: the many small files of one Allure run, and the files of one Playwright trace.

Each becomes one virtual member: JSON lines, one file or one line of a file each, which their formats read as a stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import msgspec

from ingest.formats.archive import tar_reader, zip_reader
from ingest.formats.archive.member import TOTAL_LIMIT, Member
from ingest.formats.archive.stream import Damaged, MemberFile
from ingest.formats.decompress import Inflow

ALLURE = "allure-results"
PLAYWRIGHT = "playwright-trace"
FILE_LIMIT = 8 << 20  # bytes of one result file; one with a longer text is cut by nobody
ATTACHMENT_LIMIT = 1 << 20
SUM_LIMIT = 512 << 20  # bytes of all files of a virtual member

ALLURE_RESULT = re.compile(r"(?:^|/)[^/]{1,200}-(?:result|container)\.json$")
ALLURE_TEXT = re.compile(r"(?:^|/)[^/]{1,200}-attachment\.(?:txt|log|json)$")
TRACE = re.compile(r"(?:^|/)(?:\d{1,9}-)?(?:trace|test)\.(?:trace|network)$")


def gathered(members: Sequence[Member]) -> dict[str, tuple[Member, ...]]:
    """The files behind each virtual member that this archive can give."""
    readable = [member for member in members if not member.refused]
    found: dict[str, tuple[Member, ...]] = {}
    results = [member for member in readable if ALLURE_RESULT.search(member.name)]
    if any(member.name.endswith("-result.json") for member in results):
        texts = [member for member in readable if ALLURE_TEXT.search(member.name)]
        found[ALLURE] = tuple(results + texts)
    traces = [member for member in readable if TRACE.search(member.name)]
    if any(member.name.endswith(".trace") for member in traces):
        found[PLAYWRIGHT] = tuple(traces)
    return found


def virtual_member(file: BinaryIO, kind: str, name: str, parts: Sequence[Member]) -> MemberFile:
    """All of these files as one."""
    read = _allure if name == ALLURE else _traces

    def blocks() -> Iterator[bytes]:
        room = SUM_LIMIT
        for block in read(file, kind, parts):
            room -= len(block)
            if room < 0:
                raise Damaged(f"its files are larger than {SUM_LIMIT >> 20} MiB together")
            yield block

    return MemberFile(name, blocks)


def allure_line(member: Member, data: bytes) -> bytes:
    """A result or container as it is but on one line; an attachment's text with its name."""
    name = member.name.rsplit("/", 1)[-1]
    if ALLURE_RESULT.search(member.name):
        return data.replace(b"\r", b" ").replace(b"\n", b" ").strip() + b"\n"
    text = data[:ATTACHMENT_LIMIT].decode("utf-8", "replace")
    return msgspec.json.encode({"attachment": name, "text": text}) + b"\n"


def _allure(file: BinaryIO, kind: str, parts: Sequence[Member]) -> Iterator[bytes]:
    """By name; of a compressed tar in its own order, because it is read once."""
    ordered = sorted(parts, key=lambda each: (not ALLURE_RESULT.search(each.name), each.name))
    if kind == "tar-packed":
        found = tar_reader.contents(Inflow(file, TOTAL_LIMIT), {each.at: each for each in ordered}, FILE_LIMIT)
        yield from (allure_line(member, data) for member, data in found)
        return
    for member in ordered:
        yield allure_line(member, b"".join(_up_to(FILE_LIMIT, _blocks(file, kind, member))))


def _traces(file: BinaryIO, kind: str, parts: Sequence[Member]) -> Iterator[bytes]:
    """What the test did first, the network of all contexts last. The last line of a file may lack its end."""
    for member in sorted(parts, key=lambda each: (each.name.endswith(".network"), "test." not in each.name, each.name)):
        last = b"\n"
        for block in _up_to(member.size, _blocks(file, kind, member)):
            yield block
            last = block
        if not last.endswith(b"\n"):
            yield b"\n"


def _blocks(file: BinaryIO, kind: str, member: Member) -> Iterator[bytes]:
    if kind == "zip":
        return zip_reader.blocks(file, member)
    return tar_reader.blocks(file, member, kind == "tar-packed")


def _up_to(limit: int, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """What of a file can be read, so that one damaged file does not end the others."""
    left = limit
    try:
        for block in blocks:
            yield block[:left]
            left -= len(block)
            if left <= 0:
                return
    except Damaged:
        return
