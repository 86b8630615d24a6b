"""What is kept of a run, as records again: the input of the lineup, bounded in number and in text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
from triage.core.sieves import Sieves
from triage.core.sift import Sifted
from triage.core.wanted import wanted
from triage.core.window import near
from triage.models import Entry as EntryRow
from triage.models import Part, Reading, Run
from triage.store import readings

ENOUGH = 75_000  # server entries up to which all are evidence, and up to which any run may have, however few its steps
MOST = 160_000  # that the longest runs may have: a worker that lines them up takes some 400 MB, one of ENOUGH some 250
PER_STEP = 16  # entries for which a step makes room: of more, most are other clients'
TEXT = 48_000_000  # characters of theirs
MESSAGE_CUT = 4_000  # characters of one entry: the core reads messages; the whole line is read from its row by people
BATCH = 2_000
NAMES = 10_000  # strings that are looked up to be kept once

FIELDS = (
    "part_id", "line", "stamp_us", "zoned", "tick_us", "dated", "inner_us", "inner_zoned", "inner_tick_us", "host",
    "unit", "boot", "pid", "pid_trust", "level", "message_cut", "request", "life", "keys",
)  # fmt: skip


class Loaded(msgspec.Struct, frozen=True):
    evidence: RunEvidence
    remarks: tuple[str, ...] = ()  # what had to be left out, a sentence each


def load(run: Run) -> Loaded:
    """Everything that is kept of a run. Raises readings.Unreadable where a part has to be read again first."""
    parts = list(Part.objects.of_run_in_order(run.pk))
    with transaction.atomic():  # one view of all tables, and what a server-side cursor needs
        tests = {reading.part_id: readings.load(reading) for reading in Reading.objects.of_run(run)}
        asked = wanted(RunEvidence(parts=tuple(tests.values())))
        sieves = Sieves(asked, ENOUGH, _room(tests.values()), TEXT)
        for part in parts:
            if part.kept:
                sieves.take(part.pk, _in_window(part, _entries(EntryRow.objects.of_run(run, [part.pk]))))
    found = sieves.parts()
    at: list[PartRecords] = []
    for part in parts:
        while len(at) < part.position:  # a part is named by its position, so a gap has to stay one
            at.append(PartRecords(name="", side=Side.SERVER))
        at.append(tests.get(part.pk) or _server_part(part, found.get(part.pk, Sifted((), ()))))
    workers = run.environment.get("server_workers") if isinstance(run.environment, dict) else None
    evidence = RunEvidence(
        parts=tuple(at),
        client_timezone=run.client_timezone or None,
        server_timezone=run.server_timezone or None,
        server_workers=_count(workers),
        started_us=micros(run.started_at) if run.started_at else None,
        finished_us=micros(run.finished_at) if run.finished_at else None,
    )
    refused = sum(sifted.refused for sifted in found.values())
    return Loaded(evidence, (*_set_back(run), *_remarks(sum(part.kept for part in parts), refused)))


def _room(tests: Iterable[PartRecords]) -> int:
    """Server entries that one lineup may look at."""
    return max(ENOUGH, min(MOST, PER_STEP * sum(len(part.steps) for part in tests)))


def _in_window(part: Part, entries: Iterator[Entry]) -> Iterator[Entry]:
    """Of a short log all lines are kept, so that people can read it; only those of the run's time are evidence."""
    low, high = part.window_low_us, part.window_high_us
    return entries if low is None or high is None else near(entries, (low, high))


def _set_back(run: Run) -> Iterator[str]:
    if run.started_at and run.finished_at and run.finished_at < run.started_at:
        yield (
            f"The run was declared to finish at {run.finished_at:%Y-%m-%d %H:%M:%S}, before its start at"
            f" {run.started_at:%Y-%m-%d %H:%M:%S} (UTC): its clock was set back meanwhile, or one of the two is wrong."
        )


def _remarks(kept: int, refused: int) -> Iterator[str]:
    if refused:
        yield (
            f"Only {kept - refused:,} of the {kept:,} server log lines in the run's time were compared, the earlier"
            " ones. A log of just the test's minutes gives a surer answer."
        )


def _entries(rows: Any) -> Iterator[Entry]:
    """Rows as entries, one after the other; equal strings are kept once."""
    same: dict[str, str] = {}
    for row in rows.cut(MESSAGE_CUT).values_list(*FIELDS).iterator(chunk_size=BATCH):
        yield _entry(row, same.setdefault)
        if len(same) > NAMES:
            same.clear()


def _entry(row: tuple[Any, ...], same: Callable[[str, str], str]) -> Entry:
    (_, line, us, zoned, tick, dated, inner_us, inner_zoned, inner_tick, host, unit, boot, pid, trust, level,
     message, request, life, keys) = row  # fmt: skip
    return Entry(
        line=line,
        raw="",
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


def _server_part(part: Part, sifted: Sifted) -> PartRecords:
    return PartRecords(
        name=part.name,
        side=Side.SERVER,
        format=part.format,
        entries=sifted.entries,
        left_out=sifted.left_out,
        facts=tuple(msgspec.convert(fact, Fact) for fact in part.facts),
    )


def _count(value: object) -> int | None:
    """A declared number of processes: JSON may hold anything, and CI variables come as strings."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:6])
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000:
        return value
    return None
