"""The process that took the write had ended before the read.

Catches: workers recycled by max_requests, killed by memory or by a person, timed out, or replaced by a deployment.
Evidence needed: a line on the end of the writer's process between write and read, and a read on another process.
Looks the same but is not: split state, where the writer's process is still alive; a worker that ended later.
Example: POST on gunicorn[18146], "Autorestarting worker", then the GET on gunicorn[18155] answers 404.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case, Exchange
from triage.core.clock_scale import surely_before
from triage.core.court import Court, Finding
from triage.core.findings import LineRef, Process, VerdictKind
from triage.core.mechanism import of_loss
from triage.core.quoting import said
from triage.core.records import SECOND, Life

_KIND = VerdictKind.LOST_STATE


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read, write = case.read, case.write
    if read is None or write is None or case.failure.no_answer or case.kin < 0.3:
        return
    writer, reader = court.process(write), court.process(read)
    if writer is None or reader is None or writer.index == reader.index:
        return
    if not ended_between(writer, write, read, court):
        return
    end = court.scene.population.ends.get(writer.index)
    birth = court.scene.population.births.get(reader.index)
    reloaded = any(
        event.host == writer.host
        and event.what is Life.RELOAD
        and write.when <= court.exchanges.time.at(event.host, event.at) <= read.when
        for event in court.scene.population.events
    )
    lines = list(court.lines(write))
    if end is not None:
        lines.append(LineRef(end.part, end.entry.line))
    if birth is not None:
        lines.append(LineRef(birth.part, birth.entry.line))
    told = f": {said(end.entry.message, 70)}" if end is not None else ""
    yield Finding(
        of=_KIND,
        kind="holder_ended",
        text=f"{court.name(writer)}, which took {write.name}, had ended before {read.name}{told}.",
        lines=(*lines, *court.lines(read)),
        mechanism=of_loss(writer, reloaded),
        contrast=read.status in (401, 403, 404, 410),
    )
    yield from _survivors(case, court)
    if len([each for each in court.serving if _alive(each, write, court)]) == 1:
        yield Finding(
            of=_KIND,
            kind="single_worker",
            text=f"{court.name(writer)} was the only process that served requests at the time of the write.",
        )


def ended_between(writer: Process, write: Exchange, read: Exchange, court: Court) -> bool:
    """Whether the writer's life surely ended after the write and before the read was handled."""
    end = court.scene.population.ends.get(writer.index)
    if writer.died_us is None or end is None or read.served is None:
        return False
    served = court.lineup.served[read.served]
    # Within one file the order of lines tells more than stamps of a whole second.
    last = [ref.line for ref in served.entries if ref.part == end.part]
    if last:
        return end.entry.line < last[-1] and writer.died_us >= write.at - SECOND
    if writer.died_us < write.at - SECOND:
        return False
    reader = court.lineup.processes[served.process]
    return surely_before(court.lineup.clocks, (writer.host, end.high), (reader.host, served.low_us))


def _alive(process: Process, write: Exchange, court: Court) -> bool:
    time = court.exchanges.time
    born = process.born_us if process.born_us is not None else process.first_us
    before = born is None or time.at(process.host, born) <= write.when
    return before and (process.died_us is None or time.at(process.host, process.died_us) >= write.when)


def _survivors(case: Case, court: Court) -> Iterator[Finding]:
    """Writes that other processes saw were not held in one process's memory, so its end lost nothing."""
    path = case.read.path if case.read is not None else None
    own = frozenset(each.served for each in case.exchanges if each.served is not None)
    seen = [each for each in court.sightings.of(path or "", without=own) if each.crossed and each.seen]
    if seen:
        yield Finding(
            of=_KIND,
            kind="writes_outlive_processes",
            text=f"{len(seen)} other such writes were seen by processes that had not taken them.",
            times=min(len(seen), 3),
            lines=court.served_lines(seen[0].write, seen[0].read),
            contrast=True,
        )
