"""What a format is: the contract that every file in this folder keeps.

A format is a module with the five names of `Format`. It knows no file system, wall clock, database or framework: it
gets a `Source` to read and a `Context` to fill what the log leaves out, and yields records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from triage.core.records import Record, Side, Stamp

LINE_LIMIT = 65_536  # characters kept of one line; what is longer is cut and the cut is marked
HEAD_BYTES = 262_144  # what detection may look at in one place
OUTER_KEPT = 4_096  # lines for which `outer` still knows what a wrapper said


class Head(msgspec.Struct, frozen=True):
    """The beginning of a part, as detection sees it."""

    name: str  # file name as uploaded; a hint, never a proof
    data: bytes  # at most HEAD_BYTES, decompressed
    lines: tuple[str, ...]  # the same, decoded, ANSI and wrappers removed, the last partial line left out
    stamped: float = 0.0  # share of the lines for which a wrapper told a time


class Outer(msgspec.Struct, frozen=True, gc=False):
    """What a wrapper, such as a CI system or a container runtime, put before a line."""

    stamp: Stamp | None = None
    unit: str = ""  # container or service
    host: str = ""  # pod, container or machine: where a process id means the same process
    label: str = ""  # whose line it is, as the wrapper wrote it; lines of several labels may stand interleaved
    stream: str = ""  # stdout or stderr, where told
    printed: bool = False  # a CI's stamp tells when the line was shown, perhaps long after it was written


class Recognition(msgspec.Struct, frozen=True):
    """Why a format believes that it can read a part."""

    score: float  # share of the head's non-empty lines that it understands, 0 to 1
    reason: str  # a sentence for the status page: "38 of 40 lines start with a journal stamp, a host and ident[pid]"


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What is known from outside the part."""

    reference_us: int  # an instant near the run: the declared start, else the upload; fills missing years and days
    host_hint: str = ""  # from the part's file name, such as web1.journal
    worth: Callable[[str], object] | None = None  # which server messages to look into; the others keep their envelope


class Source(Protocol):
    """The bytes of one part, decompressed and bounded; every call starts from the beginning."""

    @property
    def name(self) -> str:
        """The file name as uploaded."""

    @property
    def problem(self) -> str | None:
        """A sentence where the bytes ended early, such as a truncated gzip; what was read until then stands."""

    def head(self) -> Head:
        """The beginning of the part."""

    def lines(self, limit: int = LINE_LIMIT) -> Iterator[tuple[int, str]]:
        """(1-based number, text) without line end; UTF-8 with replacement, NUL and lone CR shown as symbols, cut at
        `limit` characters.
        """

    def blocks(self) -> Iterator[bytes]:
        """The raw bytes, decompressed, in blocks of some MiB at most, for binary formats."""

    def outer(self, number: int) -> Outer | None:
        """What a wrapper said of that line, if it is the one read last or one of the OUTER_KEPT before it."""


class Format(Protocol):
    """A module of this folder. `parse` never raises on content: what it cannot read it yields as Unparsed."""

    @property
    def NAME(self) -> str:
        """Such as journal-short: stable, part of the API."""

    @property
    def TITLE(self) -> str:
        """For people, such as: journalctl -o short."""

    @property
    def SIDE(self) -> Side: ...

    @property
    def SAMPLES(self) -> tuple[str, ...]:
        """Literal excerpts, each recognised and parsed by the tests."""

    def recognises(self, head: Head) -> Recognition | None: ...

    def parse(self, source: Source, context: Context) -> Iterator[Record]: ...
