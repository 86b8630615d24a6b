"""How far the reading of a run is, in bytes of its stored files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from triage.store import work

EVERY = 256  # records between two looks at the clock

T = TypeVar("T")


class Gauge(Protocol):
    """A source that tells how far its current pass is."""

    @property
    def bytes_read(self) -> int: ...

    @property
    def bytes_out(self) -> int: ...


class Large(Exception):
    """The parts unfold to more than is read where a person waits; `size` is how far it came."""

    def __init__(self, size: int) -> None:
        super().__init__(f"more than {size} bytes, unpacked")
        self.size = size


class Progress:
    """Counts every part once for each time it is gone through, so that the share done only grows.

    With a `limit` of unpacked bytes it raises Large beyond that: a gzip file of 20 MB may be a log of gigabytes.
    """

    def __init__(self, hold: work.Hold, total: int, limit: int | None = None) -> None:
        self._hold = hold
        self._total = total
        self._limit = limit
        self._before = 0  # bytes of the parts and passes that are over
        self._unpacked = 0  # bytes of the passes that are over, as they were read

    def watch(self, records: Iterator[T], source: Gauge) -> Iterator[T]:
        """The same records, and a word on how far the file is every now and then."""
        for number, record in enumerate(records):
            if not number % EVERY:
                unpacked = self._unpacked + source.bytes_out
                if self._limit is not None and unpacked > self._limit:
                    raise Large(unpacked)
                self._hold.progress(work.PARSING, self._before + source.bytes_read, self._total)
            yield record
        self._unpacked += source.bytes_out

    def passed(self, size: int) -> None:
        """One pass over a part is over, or is not needed."""
        self._before += size
        self._hold.progress(work.PARSING, self._before, self._total)


class Unpacking:
    """How far the logs of a run's archives are taken out: in files, because nobody knows how many bytes are to come.

    With a `limit` of unpacked bytes it raises Large beyond that, as reading does: an archive may be a log of gigabytes.
    """

    def __init__(self, hold: work.Hold, limit: int | None = None) -> None:
        self._hold = hold
        self._limit = limit
        self._unpacked = self._done = self._total = 0

    def each(self, files: Sequence[T]) -> Iterator[T]:
        """The same files, counted as they are done."""
        self._total += len(files)
        for file in files:
            self.gained(0)
            yield file
            self._done += 1

    def gained(self, size: int) -> None:
        """So many bytes more were unpacked."""
        self._unpacked += size
        if self._limit is not None and self._unpacked > self._limit:
            raise Large(self._unpacked)
        self._hold.progress(work.UNPACKING, self._done, self._total)
