"""Reads what pytest printed or wrote into one bounded set of records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ingest.formats.read import read
from ingest.reading.opened import Found, come_to, console_of, context, opened, worth_keeping
from ingest.reading.own_rules import redactor_of
from ingest.reading.progress import Progress
from ingest.redaction.redactor import Redactor
from triage.core.records import Entry, Fact, PartRecords, Side, Step, TestResult, Unparsed
from triage.models import Reading
from triage.store import readings

RECORD_LIMIT = 40_000  # steps, and as many results, of one run: its parts are compared together, in one memory
TEXT_LIMIT = 12_000_000  # characters of all these records


class Room(msgspec.Struct):
    """What the tests side of a run may still hold."""

    records: int = RECORD_LIMIT
    text: int = TEXT_LIMIT

    def take(self, records: int, text: int) -> None:
        self.records = max(0, self.records - records)
        self.text = max(0, self.text - text)

    def share(self, parts: int) -> Room:
        """An equal part of it. Given to the smallest file first, what a small one leaves is a large one's to use."""
        return Room(self.records // parts, self.text // parts)


def room_left(readings_: Iterable[Reading]) -> Room:
    """What the parts that are read already leave to the others."""
    room = Room()
    for reading in readings_:
        room.take(max(reading.steps, reading.results), readings.unfolded(reading))
    return room


def read_tests(found: Found, reference: int, progress: Progress, room: Room, parts: int) -> None:
    """Reads a tests part, the next of `parts` that share `room`, and keeps it, or says why it cannot be used."""
    part, kept = found.part, _Kept(room.share(parts))
    redactor = redactor_of(part.run.project)
    with opened(part) as source:
        records = read(source, found.format, context(part, reference))
        for record in progress.watch(records, source):
            kept.add(record)
        kept.redact(redactor)
        outcome = come_to(
            found, source, redactor, kept.facts, list(kept.notes()), entries=kept.understood, skipped_lines=kept.skipped
        )
    if kept.understood or kept.facts:
        readings.keep_tests(part, outcome, kept.records(found))
        room.take(*kept.taken())
    else:
        readings.give_up(part, nothing_in(outcome))


def nothing_in(outcome: readings.Read) -> readings.Read:
    problem = outcome.problem or f"Not one line of this file could be understood as {outcome.format}."
    return readings.Read(
        format=outcome.format, reason=outcome.reason, problem=problem, skipped_lines=outcome.skipped_lines
    )


class _Kept:
    """Records up to the bounds. What is over is counted, so that it can be said."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.facts: list[Fact] = []
        self.understood = self.skipped = 0
        self._lists: dict[type, list[Any]] = {Step: [], TestResult: [], Entry: []}
        self._text = self._left_out = 0

    def add(self, record: Any) -> None:
        if isinstance(record, Unparsed):
            self.skipped += 1
        elif isinstance(record, Fact):
            if worth_keeping(record, self.facts):
                self.facts.append(record)
        else:
            self.understood += 1
            kept = self._lists[type(record)]
            if len(kept) >= self._room.records or self._text > self._room.text:
                self._left_out += 1
                return
            self._text += _length(record)
            kept.append(record)

    def redact(self, redactor: Redactor) -> None:
        """In the order of the file, as a key may go on from one record to the next."""
        for kind, records in self._lists.items():
            self._lists[kind] = list(redactor.records(records))
        self.facts = list(redactor.records(self.facts))  # type: ignore[arg-type]  # facts stay facts

    def notes(self) -> list[str]:
        if not self._left_out:
            return []
        return [
            f"{self._left_out:,} of its {self.understood:,} records were left out: a run is compared up to "
            f"{RECORD_LIMIT:,} steps and {TEXT_LIMIT // 1_000_000} million characters of test output."
        ]

    def taken(self) -> tuple[int, int]:
        return max(map(len, self._lists.values())), self._text

    def records(self, found: Found) -> PartRecords:
        return PartRecords(
            name=found.part.name,
            side=Side.TESTS,
            format=found.format.NAME if found.format else "",
            entries=tuple(self._lists[Entry]),
            steps=tuple(self._lists[Step]),
            results=tuple(self._lists[TestResult]),
            facts=tuple(self.facts),
            of=console_of(found.part),
        )


def _length(record: Any) -> int:
    if isinstance(record, TestResult):
        return 200 + len(record.test) + len(record.message) + len(record.detail)
    return 200 + len(record.raw) + len(record.text if isinstance(record, Step) else record.message)
