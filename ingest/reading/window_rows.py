"""The rows of a server part: what lies in the run's window, and the last lives before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import msgspec

from ingest.redaction.redactor import Redactor
from triage.core.records import Entry, RunEvidence
from triage.core.window import Traces, Window
from triage.core.window import near as inside
from triage.models import Part
from triage.store import readings

ROW_LIMIT = 1_000_000  # rows of one part


class Asked(msgspec.Struct, frozen=True):
    """What the tests side says about where to look."""

    evidence: RunEvidence
    traces: Traces
    reference: int
    fingerprint: str  # of all that; begins with what dates stamps without a year


def near(entries: Iterable[Entry], window: Window | None, limit: int, total: int) -> Iterator[Entry]:
    """What of a part becomes rows, at most `limit`; without a window the newest of its `total` entries."""
    return islice(entries, max(0, total - limit), None) if window is None else islice(inside(entries, window), limit)


def keep(
    part: Part, outcome: Callable[[], readings.Read], rows: Iterable[Entry], limit: int, redactor: Redactor
) -> None:
    """Writes the rows, redacted; `outcome` is asked when they have all been read."""

    def told(kept: int) -> readings.Read:
        read = outcome()
        if read.window_low_us is None or kept < limit:
            return read
        note = f"Only the first {kept:,} entries in the run's time were loaded. Send the test's minutes of it only."
        return msgspec.structs.replace(read, problem=f"{read.problem} {note}".strip())

    readings.keep_server(part, told, redactor.records(rows))  # type: ignore[arg-type]  # entries stay entries


def serves(part: Part, asked: Asked, window: Window | None) -> bool:
    """What an earlier reading kept holds the new window as well, and its stamps were dated the same way."""
    if part.state != "read" or window is None or part.window_low_us is None or part.window_high_us is None:
        return False
    same_dates = part.read_for.split(":")[0] == asked.fingerprint.split(":")[0]
    return same_dates and part.window_low_us <= window[0] and window[1] <= part.window_high_us
