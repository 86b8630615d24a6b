"""Reads a server log into rows: a first pass finds the run's window in it, a second one writes what lies there.

A short log is held between the passes; of a long one nothing is held, and in the first pass only the lines that can
tell the window are looked into.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ingest.formats.long_logs.sieve import Sieve
from ingest.formats.long_logs.skim import is_long, sieve_for
from ingest.formats.read import read
from ingest.reading.long_log import is_whole_file, keep_skimmed, skimmed_of
from ingest.reading.opened import Found, Measured, come_to, context, opened, worth_keeping
from ingest.reading.own_rules import redactor_of
from ingest.reading.progress import Progress
from ingest.reading.tests_side import nothing_in
from ingest.reading.window_rows import ROW_LIMIT, Asked, keep, near, serves
from triage.core.records import Entry, Fact, Record, Unparsed
from triage.core.window import Traces, Window, WindowFinder
from triage.store import readings

HELD_ENTRIES = 20_000  # what a short log is
HELD_TEXT = 12_000_000  # characters
WHOLE = 1_000  # a log of so few entries is kept whole: its neighbourhood is worth more than its place
ROW_LIMIT_ALONE = 20_000  # rows of one part while no test log tells which of them matter


def read_server(found: Found, asked: Asked, progress: Progress) -> None:
    """Reads a server part and keeps its rows, or says why it cannot be used."""
    part = found.part
    with opened(part) as source:
        skimmed = skimmed_of(found, asked, source, progress)
        if skimmed is not None:
            keep_skimmed(found, asked, source, progress, skimmed)
            return
        sieve = sieve_for(source, asked.traces) if is_whole_file(source) and is_long(source) else None
        first = _First(asked.traces, sieve)
        for record in _records(found, asked, source, progress, sieve):
            first.see(record)
        progress.passed(part.size)
        window = first.finder.window()
        limit = ROW_LIMIT if asked.evidence.parts else ROW_LIMIT_ALONE
        redactor = redactor_of(part.run.project)

        def outcome() -> readings.Read:
            return come_to(
                found, source, redactor, first.facts,
                list(_notes(first, window, limit, alone=not asked.evidence.parts)),
                entries=first.entries, skipped_lines=first.skipped, read_for=asked.fingerprint,
                window_low_us=window[0] if window else None, window_high_us=window[1] if window else None,
            )  # fmt: skip

        if not first.entries:
            readings.give_up(part, nothing_in(outcome()))
        elif serves(part, asked, window):
            readings.keep_window(part, asked.fingerprint)
        elif first.held is not None:
            whole = len(first.held) <= WHOLE
            rows = iter(first.held) if whole else near(first.held, window, limit, first.entries)
            keep(part, outcome, rows, limit, redactor)
        else:
            again = (r for r in _records(found, asked, source, progress) if isinstance(r, Entry))
            keep(part, outcome, near(again, window, limit, first.entries), limit, redactor)
    progress.passed(part.size)


class _First:
    """What the first pass gathers, in bounded memory."""

    def __init__(self, traces: Traces, sieve: Sieve | None) -> None:
        self.finder = WindowFinder(traces if sieve is None else traces.of(sieve.tokens))
        self.entries = self.skipped = 0
        self.facts: list[Fact] = []
        self.held: list[Entry] | None = [] if sieve is None else None
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


def _records(
    found: Found, asked: Asked, source: Measured, progress: Progress, sieve: Sieve | None = None
) -> Iterator[Record]:
    about = msgspec.structs.replace(context(found.part, asked.reference), worth=sieve)
    return progress.watch(read(source, found.format, about), source)


def _notes(first: _First, window: Window | None, limit: int, *, alone: bool) -> Iterator[str]:
    if window is None and first.entries > limit:
        if alone:
            yield f"Until a test log comes, only its last {limit:,} entries are shown."
        else:
            yield f"Where the run lies in this log could not be told; only its last {limit:,} entries were compared."
