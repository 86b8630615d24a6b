"""Which files of an archive are worth reading, in which order, and which are not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from io import BytesIO
from typing import BinaryIO, cast

import msgspec

from ingest.formats.archive import tar_reader
from ingest.formats.archive.gathered import PLAYWRIGHT, gathered, virtual_member
from ingest.formats.archive.left_out import LeftOut
from ingest.formats.archive.member import TOTAL_LIMIT, Listing, Member
from ingest.formats.archive.opening import INSIDE, held, kind_of, listed, opened, real_member
from ingest.formats.archive.stream import Damaged
from ingest.formats.base import HEAD_BYTES, Format
from ingest.formats.decompress import Inflow
from ingest.formats.detect import detect
from ingest.formats.pieces.piece import PIECES, Piece
from ingest.formats.registry import FORMATS
from ingest.formats.source import PartSource

NESTED = 64  # archives inside the archive that are opened
TRIED = 256  # files whose beginning is looked at
MANY_ARCHIVES = f"lies beyond the {NESTED} archives in an archive that are opened"
HEAD = HEAD_BYTES + 1  # bytes of a file that decide whether a format fits
JOURNAL = b"LPKSHHRH"  # a journal's own file: read by its program

# fmt: off
OTHER = frozenset((
    "png", "jpg", "jpeg", "gif", "webp", "svg", "ico", "bmp", "webm", "mp4", "avi", "mov", "html", "htm", "css", "js",
    "mjs", "ts", "map", "py", "pyc", "so", "dll", "exe", "jar", "class", "whl", "woff", "woff2", "ttf", "pdf", "md",
    "csv", "db", "sqlite", "sqlite3", "pack", "idx", "bin", "dat", "7z", "rar", "dmp", "core", "lock", "toml", "yml",
    "yaml", "ini", "cfg", "properties", "stacks", "sh", "sha256", "asc", "sig",
))
# fmt: on
ARCHIVED = re.compile(r"\.(?:zip|tar|tgz|tbz2?|txz|tzst|tar\.(?:gz|bz2|xz|zst))$", re.IGNORECASE)
PACKED = re.compile(r"\.(?:gz|zst|zstd|bz2|xz)$", re.IGNORECASE)
ROTATED = re.compile(r"(?:[.-]\d{1,8}|\.old|\.prev){1,3}$")  # access.log.1  error.log-20261123
NOT_OURS = re.compile(
    r"(?:^|/)(?:__MACOSX|node_modules|\.git|__pycache__|\.venv)/|(?:^|/)\.(?:_|DS_Store|last-run\.json$)"
)
OF_A_TRACE = re.compile(r"(?:^|/)(?:resources|src|attachments|screencast|snapshots)/")  # bodies, sources, pictures
# GitHub's log archive: `0_build.txt` is the whole job, `build/3_Run tests.txt` a step of it with the same lines
JOB = re.compile(r"^-?\d{1,6}_(?P<job>[^/]{1,300})\.txt$")
STEP = re.compile(r"^(?P<job>[^/]{1,300})/(?:-?\d{1,6}_[^/]{1,300}|system)\.txt$")
DIGITS = re.compile(r"(\d{1,18})")


class Chosen(msgspec.Struct, frozen=True):
    """What will be read of an archive."""

    pieces: tuple[Piece, ...]
    left_out: str = ""  # a sentence on what will not be; "" where everything is read
    problem: str = ""  # a sentence on what is wrong with the archive


def archive_pieces(file: BinaryIO, name: str, formats: Sequence[Format] = FORMATS) -> tuple[Piece, ...]:
    """The members that a format fits; `name` is the archive's own."""
    return chosen(file, name, formats).pieces


def chosen(file: BinaryIO, name: str, formats: Sequence[Format] = FORMATS) -> Chosen:
    """The members that a format fits, in the order that a reader would expect. Never raises on content."""
    listing = listed(file)
    choice = _Choice(formats)
    choice.look_at(file, kind_of(file), listing)
    over = len(choice.found) - PIECES
    if over > 0:
        choice.left_out.add(f"lies beyond the {PIECES} files of one archive that are read", over)
    problem = listing.problem
    if not choice.found and not problem:
        problem = "Nothing in the archive is a log or a report."
    return Chosen(tuple(Piece(member=each) for each in choice.found[:PIECES]), choice.left_out.sentence(), problem)


def opened_member(file: BinaryIO, name: str) -> BinaryIO:
    """A member by the name that its piece has, also a virtual one. Raises Damaged where there is none."""
    outer, inside, inner = name.partition(INSIDE)
    kind, listing = kind_of(file), listed(file)
    parts = gathered(listing.members).get(name)
    if parts is not None and not any(each.name == name for each in listing.members):
        return cast(BinaryIO, virtual_member(file, kind, name, parts))
    if inside:
        return opened_member(held(real_member(file, outer)), inner)
    return cast(BinaryIO, real_member(file, name))


class _Choice:
    """Goes through an archive and the archives in it."""

    def __init__(self, formats: Sequence[Format]) -> None:
        self.found: list[str] = []
        self.left_out = LeftOut()
        self._formats = formats
        self._tried = self._archives = 0

    def look_at(self, file: BinaryIO, kind: str, listing: Listing, inside: str = "") -> None:
        """Adds what a format fits; `inside` is the path of the archive where it is one in another."""
        together = gathered(listing.members)
        gone = {part.name for parts in together.values() for part in parts}
        self.found += [inside + name for name in sorted(together) if name not in gone]
        candidates, archives = self._sorted_out(listing, gone, together)
        fitting = {member.name for member, data in _heads(file, kind, candidates) if self._fits(member, data)}
        for member in candidates:
            if member.name in fitting:
                self.found.append(inside + member.name)
            else:
                self.left_out.add("is empty" if not member.size else "is no log or report by its first lines")
        for member in archives:
            self._archives += 1
            if inside or self._archives > NESTED:
                self.left_out.add("is an archive more than one level deep" if inside else MANY_ARCHIVES)
            else:
                self._nested(file, kind, member)

    def _sorted_out(
        self, listing: Listing, gone: Collection[str], together: Collection[str]
    ) -> tuple[list[Member], list[Member]]:
        """(files that may be logs, archives), by their names alone."""
        same = _told_twice(listing.members)
        candidates: list[Member] = []
        archives: list[Member] = []
        contents: set[tuple[int, int]] = set()
        for member in sorted(listing.members, key=lambda each: _natural(each.name)):
            if member.name in gone:
                continue
            if member.refused:
                self.left_out.add(member.refused)
                self.left_out.name(member.name, member.refused)
            elif NOT_OURS.search(member.name):
                self.left_out.add("is not of the run")
            elif member.name in same:
                self.left_out.add("holds the same lines as the file of its whole job")
            elif PLAYWRIGHT in together and OF_A_TRACE.search(member.name):
                self.left_out.add("is a body, a source or a picture of a Playwright trace")
            elif ARCHIVED.search(member.name):
                archives.append(member)
            elif not _may_be_log(member.name):
                self.left_out.add("is a picture, a page, a program or the like")
            elif member.checksum is not None and (member.size, member.checksum) in contents:
                self.left_out.add("is a file that is there twice")
            elif self._tried == TRIED:
                self.left_out.add(f"lies beyond the {TRIED} files of one archive that are looked into")
            else:
                self._tried += 1
                candidates.append(member)
                if member.checksum is not None and member.size:
                    contents.add((member.size, member.checksum))
        return candidates, archives

    def _fits(self, member: Member, data: bytes) -> bool:
        if not data or data.startswith(JOURNAL):
            return bool(data)
        source = PartSource(member.name, cast(BinaryIO, BytesIO(data)))
        return detect(source, None, self._formats).format is not None

    def _nested(self, file: BinaryIO, kind: str, member: Member) -> None:
        try:
            inner = held(opened(file, kind, member))
            self.look_at(inner, kind_of(inner), listed(inner), member.name + INSIDE)
        except Damaged as fault:
            self.left_out.add("is an archive that cannot be read")
            self.left_out.name(member.name, f"cannot be read: {fault.strerror}")


def _heads(file: BinaryIO, kind: str, members: Sequence[Member]) -> Iterator[tuple[Member, bytes]]:
    """The beginnings of these files; of a compressed tar in one pass."""
    if kind == "tar-packed":
        yield from tar_reader.contents(Inflow(file, TOTAL_LIMIT), {member.at: member for member in members}, HEAD)
        return
    for member in members:
        try:
            yield member, opened(file, kind, member).read(HEAD)
        except Damaged:
            continue


def _may_be_log(name: str) -> bool:
    base = name.rsplit("/", 1)[-1]
    stem = ROTATED.sub("", PACKED.sub("", base))
    return stem.rpartition(".")[2].lower() not in OTHER if "." in stem else True


def _told_twice(members: Sequence[Member]) -> set[str]:
    """Steps of a job whose whole log is there too."""
    jobs = {_plain(found["job"]) for member in members if (found := JOB.match(member.name))}
    return {member.name for member in members if (found := STEP.match(member.name)) and _plain(found["job"]) in jobs}


def _plain(job: str) -> str:
    """GitHub leaves characters out of folder names that it keeps or replaces in file names."""
    return re.sub(r"[^\w]", "", job).lower()


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """2_test before 10_test."""
    return tuple((int(part), "") if part.isdigit() and part.isascii() else (-1, part) for part in DIGITS.split(name))
