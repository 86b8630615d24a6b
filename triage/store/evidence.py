"""What is kept of a run, as records again: the input of the lineup, bounded in number and in text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from django.db import transaction

from triage.core.records import (
    Entry,
    Fact,
    LifeEvent,
    PartRecords,
    PidTrust,
    Request,
    RunEvidence,
    Side,
    Stamp,
    micros,
)
from triage.models import Entry as EntryRow
from triage.models import Part, Reading, Run
from triage.store import readings

ENTRY_LIMIT = 75_000  # entries that one lineup looks at; with its report they take some 200 MB
TEXT_LIMIT = 32_000_000  # characters of theirs that are held at once
RAW_CUT, MESSAGE_CUT = 1_000, 4_000  # characters of one entry: the core reads messages, people read the rows
BATCH = 2_000

FIELDS = (
    "part_id", "line", "stamp_us", "zoned", "tick_us", "dated", "inner_us", "inner_zoned", "inner_tick_us", "host",
    "unit", "boot", "pid", "pid_trust", "level", "message_cut", "raw_cut", "request", "life", "keys",
)  # fmt: skip


class Loaded(msgspec.Struct, frozen=True):
    evidence: RunEvidence
    remarks: tuple[str, ...] = ()  # what had to be left out, a sentence each


def load(run: Run) -> Loaded:
    """Everything that is kept of a run. Raises readings.Unreadable where a part has to be read again first."""
    parts = list(Part.objects.of_run_in_order(run.pk))
    with transaction.atomic():  # one view of all tables, and what a server-side cursor needs
        tests = {reading.part_id: readings.load(reading) for reading in Reading.objects.of_run(run)}
        rows, remarks = _entries(run, [part for part in parts if part.kept])
    at: list[PartRecords] = []
    for part in parts:
        while len(at) < part.position:  # a part is named by its position, so a gap has to stay one
            at.append(PartRecords(name="", side=Side.SERVER))
        at.append(tests.get(part.pk) or _server_part(part, rows.get(part.pk, [])))
    workers = run.environment.get("server_workers") if isinstance(run.environment, dict) else None
    evidence = RunEvidence(
        parts=tuple(at),
        client_timezone=run.client_timezone or None,
        server_timezone=run.server_timezone or None,
        server_workers=_count(workers),
        started_us=micros(run.started_at) if run.started_at else None,
        finished_us=micros(run.finished_at) if run.finished_at else None,
    )
    return Loaded(evidence, remarks)


def _entries(run: Run, parts: list[Part]) -> tuple[dict[int, list[Entry]], tuple[str, ...]]:
    if not parts:
        return {}, ()
    kept = sum(part.kept for part in parts)
    everything = EntryRow.objects.of_run(run, [part.pk for part in parts])
    reader = _Reader()
    if kept <= ENTRY_LIMIT:
        reader.take(everything)
    else:
        reader.take(everything.telling()[:ENTRY_LIMIT])
        reader.take(everything.not_telling()[: ENTRY_LIMIT - reader.count])
    if reader.count < kept:
        for entries in reader.by_part.values():
            entries.sort(key=lambda entry: entry.line)
        remark = (
            f"Only {reader.count:,} of the {kept:,} server log lines in the run's time were compared, those with "
            f"requests, errors and process starts first. A log of just the test's minutes gives a surer answer."
        )
        return reader.by_part, (remark,)
    return reader.by_part, ()


class _Reader:
    """Turns rows into entries until the bounds are reached; equal strings are kept once."""

    def __init__(self) -> None:
        self.by_part: dict[int, list[Entry]] = {}
        self.count = 0
        self._text = 0
        self._same: dict[str, str] = {}

    def take(self, rows: Any) -> None:
        for row in self._rows(rows):
            if self._text > TEXT_LIMIT:
                return
            self.by_part.setdefault(row[0], []).append(self._entry(row))
            self.count += 1

    def _rows(self, rows: Any) -> Iterator[tuple[Any, ...]]:
        return rows.cut(RAW_CUT, MESSAGE_CUT).values_list(*FIELDS).iterator(chunk_size=BATCH)

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        (_, line, us, zoned, tick, dated, inner_us, inner_zoned, inner_tick, host, unit, boot, pid, trust, level,
         message, raw, request, life, keys) = row  # fmt: skip
        self._text += len(raw) + len(message)
        same = self._same.setdefault
        return Entry(
            line=line,
            raw=raw,
            stamp=None if us is None else Stamp(us, zoned, tick, dated),
            inner=None if inner_us is None else Stamp(inner_us, bool(inner_zoned), inner_tick or 1),
            host=same(host, host),
            unit=same(unit, unit),
            boot=same(boot, boot),
            pid=pid,
            pid_trust=PidTrust(trust),
            level=same(level, level),
            message=message,
            request=None if request is None else msgspec.convert(request, Request),
            life=None if life is None else msgspec.convert(life, LifeEvent),
            keys=() if keys is None else tuple((same(name, name), value) for name, value in keys),
        )


def _server_part(part: Part, entries: list[Entry]) -> PartRecords:
    return PartRecords(
        name=part.name,
        side=Side.SERVER,
        format=part.format,
        entries=tuple(entries),
        facts=tuple(msgspec.convert(fact, Fact) for fact in part.facts),
    )


def _count(value: object) -> int | None:
    """A declared number of processes: JSON may hold anything, and CI variables come as strings."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:6])
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000:
        return value
    return None
