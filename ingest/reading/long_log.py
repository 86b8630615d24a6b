"""Reads a server log that is far longer than its run: only what lies in the run's window is read in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TypeGuard

from ingest.formats.long_logs.skim import Skimmed, skim
from ingest.formats.read import read
from ingest.formats.source import PartSource
from ingest.formats.wrapping.unwrap import unwrapped
from ingest.reading.opened import Found, Measured, come_to, context, worth_keeping
from ingest.reading.own_rules import redactor_of
from ingest.reading.progress import Progress
from ingest.reading.window_rows import ROW_LIMIT, Asked, keep, near, serves
from triage.core.records import Entry, Fact, Record, Unparsed
from triage.store import readings


def is_whole_file(source: object) -> TypeGuard[PartSource]:
    """Whether it can be read from any place: no stretch of a file, no wrapper, nothing that a program prints."""
    return type(source) is PartSource and unwrapped(source) is source


def skimmed_of(found: Found, asked: Asked, source: Measured, progress: Progress) -> Skimmed | None:
    """Where the run is in a log that need not be read line by line; None where it has to be, or is short."""
    if found.format is None or not is_whole_file(source):
        return None

    def watch(records: Iterator[Record]) -> Iterator[Record]:
        return progress.watch(records, source)

    return skim(source, found.format, context(found.part, asked.reference), asked.traces, watch)


def keep_skimmed(found: Found, asked: Asked, source: Measured, progress: Progress, skimmed: Skimmed) -> None:
    """Reads the window's lines and keeps them, with the lives before."""
    part, inside, window = found.part, _Inside(skimmed.facts), skimmed.window
    redactor = redactor_of(part.run.project)
    progress.passed(part.size)
    if serves(part, asked, window):
        readings.keep_window(part, asked.fingerprint)
    elif isinstance(source, PartSource):
        records = read(skimmed.part_of(source), found.format, context(part, asked.reference))
        rows = chain(skimmed.lives, inside.entries(progress.watch(records, source)))

        def outcome() -> readings.Read:
            return come_to(
                found, source, redactor, inside.facts, [],
                entries=skimmed.lines - inside.skipped, skipped_lines=inside.skipped,
                read_for=asked.fingerprint, window_low_us=window[0], window_high_us=window[1],
            )  # fmt: skip

        keep(part, outcome, near(rows, window, ROW_LIMIT, skimmed.lines), ROW_LIMIT, redactor)
    progress.passed(part.size)


class _Inside:
    """What the window's lines tell beside their entries."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        # Whose PID an envelope carries is told by all lines together, not by the few that were looked at.
        self.facts = [fact for fact in facts if fact.name != "pid_is_parents"]
        self.skipped = 0

    def entries(self, records: Iterable[Record]) -> Iterator[Entry]:
        for record in records:
            if isinstance(record, Entry):
                yield record
            elif isinstance(record, Unparsed):
                self.skipped += 1
            elif isinstance(record, Fact) and worth_keeping(record, self.facts):
                self.facts.append(record)
