"""Places in a log by time, where its lines are in the order of their times: some twenty short reads of a file of any
length, however long it is.
"""

from __future__ import annotations

from ingest.formats.base import Context, Format
from ingest.formats.long_logs.views import Sliced, Stretch
from ingest.formats.source import PartSource
from triage.core.records import Entry, Stamp

LOOK = 1 << 16  # bytes in which the next line with a time has to be
SAMPLES = 24
CLOSE = 1 << 16  # bytes to which a place is told


class Timed:
    """A plain part whose lines carry times, for looking up places by time."""

    def __init__(self, source: PartSource, format: Format, context: Context) -> None:
        self._source, self._format, self._context = source, format, context
        self.size = source.size
        self.head = source.head()

    def in_order(self) -> bool:
        """Whether samples from all over the part are dated, zoned and in order."""
        latest: int | None = None
        for place in self._source.places(SAMPLES):
            stamp = self.stamp_at(place)
            if stamp is None or not stamp.dated or not stamp.zoned or (latest is not None and stamp.us < latest):
                return False
            latest = stamp.us
        return latest is not None

    def place(self, us: int) -> int:
        """A byte offset before every line from `us` on, and less than CLOSE before the first of them."""
        low, high = 0, self.size
        while high - low > CLOSE:
            middle = (low + high) // 2
            stamp = self.stamp_at(middle)
            if stamp is not None and stamp.us < us:
                low = middle
            else:
                high = middle
        return low

    def after(self, us: int) -> int:
        """A byte offset behind every line before `us`, and not far behind the last of them."""
        return min(self.size, self.place(us + 1) + 2 * CLOSE)

    def line_start(self, offset: int) -> int:
        """Where the first whole line from `offset` on begins."""
        if not offset:
            return 0
        for block in self._source.blocks(offset - 1):
            end = block.find(b"\n")
            return offset + end if end >= 0 else self.size
        return self.size

    def stamp_at(self, offset: int) -> Stamp | None:
        """The time of the first dated entry from `offset` on; None where none is near."""
        start = self.line_start(offset)
        near = Sliced(self._source, Stretch(1, start), min(self.size, start + LOOK), self.head)
        for record in self._format.parse(near, self._context):
            if isinstance(record, Entry) and record.stamp is not None and record.stamp.dated:
                return record.stamp
        return None
