"""Reads a server log into rows: a first pass finds the run's window in it, a second one writes what lies there.

A short log is held between the passes; of a long one nothing is held, it is read twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from ingest.formats.read import read
from ingest.formats.source import PartSource
from ingest.reading.opened import Found, come_to, context, opened, worth_keeping
from ingest.reading.progress import Progress
from ingest.reading.tests_side import nothing_in
from triage.core.records import Entry, Fact, Record, RunEvidence, Unparsed
from triage.core.window import Traces, WindowFinder
from triage.models import Part
from triage.store import readings

HELD_ENTRIES = 20_000  # what a short log is
HELD_TEXT = 12_000_000  # characters
WHOLE = 1_000  # a log of so few entries is kept whole: its neighbourhood is worth more than its place
ROW_LIMIT = 1_000_000  # rows of one part
ROW_LIMIT_ALONE = 20_000  # rows of one part while no test log tells which of them matter
LIVES = 500  # boots and exits before the window that are kept all the same: they tell how many processes there were

Window = tuple[int, int] | None  # low and high microseconds on the axis of the part's own stamps


class Asked(msgspec.Struct, frozen=True):
    """What the tests side says about where to look."""

    evidence: RunEvidence
    traces: Traces
    reference: int
    fingerprint: str  # of all that; begins with what dates stamps without a year


def read_server(found: Found, asked: Asked, progress: Progress) -> None:
    """Reads a server part and keeps its rows, or says why it cannot be used."""
    part, first = found.part, _First(asked)
    with opened(part) as source:
        for record in _records(found, asked, source, progress):
            first.see(record)
        progress.passed(part.size)
        window = first.finder.window()
        limit = ROW_LIMIT if asked.evidence.parts else ROW_LIMIT_ALONE
        outcome = come_to(
            found, source, first.facts, list(_notes(first, window, limit, alone=not asked.evidence.parts)),
            entries=first.entries, skipped_lines=first.skipped, read_for=asked.fingerprint,
            window_low_us=window[0] if window else None, window_high_us=window[1] if window else None,
        )  # fmt: skip
        if not first.entries:
            readings.give_up(part, nothing_in(outcome))
        elif _serves(part, asked, window):
            readings.keep_window(part, asked.fingerprint)
        elif first.held is not None:
            whole = len(first.held) <= WHOLE
            _keep(part, outcome, first.held if whole else near(first.held, window, limit, first.entries), limit)
        else:
            again = (r for r in _records(found, asked, source, progress) if isinstance(r, Entry))
            _keep(part, outcome, near(again, window, limit, first.entries), limit)
    progress.passed(part.size)


def near(entries: Iterable[Entry], window: Window, limit: int, total: int) -> Iterator[Entry]:
    """The entries in the window, and the last lives before it; without a window the newest ones, at most `limit`."""
    if window is None:
        for number, entry in enumerate(entries):
            if number >= total - limit:
                yield entry
        return
    low, high = window
    lives: deque[Entry] = deque(maxlen=LIVES)
    inside = True  # a line without a date goes with the one before it
    for entry in entries:
        stamp = entry.stamp
        if stamp is not None and stamp.dated:
            inside = low <= stamp.us <= high
        if not inside:
            if entry.life is not None and stamp is not None and stamp.us < low:
                lives.append(entry)
            continue
        yield from lives  # in file order, as the rows have to be
        limit -= len(lives) + 1
        lives.clear()
        yield entry
        if limit <= 0:
            return
    yield from lives


class _First:
    """What the first pass gathers, in bounded memory."""

    def __init__(self, asked: Asked) -> None:
        self.finder = WindowFinder(asked.traces)
        self.entries = self.skipped = 0
        self.facts: list[Fact] = []
        self.held: list[Entry] | None = []
        self._text = 0

    def see(self, record: Record) -> None:
        if isinstance(record, Entry):
            self.entries += 1
            self.finder.see(record)
            if self.held is not None:
                self._hold(self.held, record)
        elif isinstance(record, Unparsed):
            self.skipped += 1
        elif isinstance(record, Fact) and worth_keeping(record, self.facts):
            self.facts.append(record)

    def _hold(self, held: list[Entry], entry: Entry) -> None:
        held.append(entry)
        self._text += len(entry.raw) + len(entry.message)
        if len(held) > HELD_ENTRIES or self._text > HELD_TEXT:
            self.held = None


def _records(found: Found, asked: Asked, source: PartSource, progress: Progress) -> Iterator[Record]:
    return progress.watch(read(source, found.format, context(found.part, asked.reference)), source)


def _notes(first: _First, window: Window, limit: int, *, alone: bool) -> Iterator[str]:
    if window is None and first.entries > limit:
        if alone:
            yield f"Until a test log comes, only its last {limit:,} entries are shown."
        else:
            yield f"Where the run lies in this log could not be told; only its last {limit:,} entries were compared."


def _keep(part: Part, outcome: readings.Read, rows: Iterable[Entry], limit: int) -> None:
    kept = readings.keep_server(part, outcome, rows)
    if outcome.window_low_us is not None and kept >= limit:
        note = f"Only the first {kept:,} entries in the run's time were loaded. Send the test's minutes of it only."
        readings.say(part, f"{outcome.problem} {note}".strip())


def _serves(part: Part, asked: Asked, window: Window) -> bool:
    """What an earlier reading kept holds the new window as well, and its stamps were dated the same way."""
    if part.state != "read" or window is None or part.window_low_us is None or part.window_high_us is None:
        return False
    same_dates = part.read_for.split(":")[0] == asked.fingerprint.split(":")[0]
    return same_dates and part.window_low_us <= window[0] and window[1] <= part.window_high_us
