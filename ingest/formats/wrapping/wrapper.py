"""What a wrapper is: the contract of every file in this folder, and what most of them share.

A wrapper is a module with the five names of `Wrapper`. `fits` looks at the first lines of a part; `lines` goes through
all of it and gives what stood behind the prefix, with what the prefix said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from ingest.formats.base import Outer, Source

Line = tuple[int, str, Outer | None]
Take = Callable[[str], tuple[str, Outer] | None]  # text without its prefix, and what that said; None where it has none

MOST = 0.5  # of the lines carry a prefix that nothing else looks like; the others continue the one before
NEARLY_ALL = 0.7


class Wrapper(Protocol):
    """A module of this folder. Neither function raises on content."""

    @property
    def NAME(self) -> str:
        """Such as docker-compose: stable."""

    @property
    def TITLE(self) -> str:
        """For people, behind "inside": "GitHub Actions' job log"."""

    @property
    def SAMPLES(self) -> tuple[str, ...]: ...

    def fits(self, lines: Sequence[str]) -> bool:
        """Whether these lines, not blank and with their escapes, carry the prefix."""

    def lines(self, source: Source, limit: int) -> Iterator[Line]:
        """Every line of the part without its prefix. One that was cut in parts comes whole, with its first number."""


def share(lines: Sequence[str], take: Take) -> float:
    """Of the lines that have the prefix."""
    return sum(take(text) is not None for text in lines) / len(lines) if lines else 0.0


def each(source: Source, limit: int, take: Take, *, carry: bool) -> Iterator[Line]:
    """One line in, one line out. With `carry`, a line without the prefix is of the time of the one before."""
    outer: Outer | None = None
    for number, text in source.lines(limit):
        taken = take(text)
        if taken is not None:
            text, outer = taken
            yield number, text, outer
        else:
            yield number, text, outer if carry else None
