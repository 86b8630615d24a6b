"""How far the reading of a run is, in bytes of its stored files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from ingest.formats.source import PartSource
from triage.store import work

EVERY = 256  # records between two looks at the clock

T = TypeVar("T")


class Progress:
    """Counts every part once for each time it is gone through, so that the share done only grows."""

    def __init__(self, hold: work.Hold, total: int) -> None:
        self._hold = hold
        self._total = total
        self._before = 0  # bytes of the parts and passes that are over

    def watch(self, records: Iterator[T], source: PartSource) -> Iterator[T]:
        """The same records, and a word on how far the file is every now and then."""
        for number, record in enumerate(records):
            if not number % EVERY:
                self._hold.progress(work.PARSING, self._before + source.bytes_read, self._total)
            yield record

    def passed(self, size: int) -> None:
        """One pass over a part is over, or is not needed."""
        self._before += size
        self._hold.progress(work.PARSING, self._before, self._total)
