"""Rows back to the records of the core, for the pages and for the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from triage.core.findings import Clock, Gap, LineRef, Match, PlacedStep, Process, Served
from triage.core.history.experiments import Conclusion
from triage.core.history.records import Pair, Rates, Table
from triage.core.records import Life, PidTrust, Request


def clocks_of(run: Any) -> tuple[Clock, ...]:
    return tuple(msgspec.convert(item, Clock) for item in run.clocks)


def gaps_of(run: Any) -> tuple[Gap, ...]:
    return tuple(msgspec.convert(item, Gap) for item in run.gaps)


def table_of(group: Any) -> Table:
    """Write and read on the same process or not; empty for a group that was never weighed."""
    return msgspec.convert(group.table, Table)


def lives_of(group: Any) -> Table:
    return msgspec.convert(group.lives, Table)


def rates_of(group: Any) -> Rates:
    return msgspec.convert(group.rates, Rates)


def conclusions_of(group: Any) -> tuple[Conclusion, ...]:
    return tuple(msgspec.convert(item, Conclusion) for item in group.conclusions)


def pair_of(row: Any) -> Pair:
    return Pair(row.pair_write, row.pair_read)


def process_of(row: Any) -> Process:
    return Process(
        index=row.position, host=row.host, unit=row.unit, pid=row.pid, boot=row.boot, trust=PidTrust(row.trust),
        born_us=row.born_us, died_us=row.died_us, ended_by=Life(row.ended_by) if row.ended_by else None,
        ended_reason=row.ended_reason, first_us=row.first_us, last_us=row.last_us, requests=row.requests,
    )  # fmt: skip


def served_of(row: Any) -> Served:
    return Served(
        index=row.position,
        process=row.process.position,
        entries=tuple(LineRef(part, line) for part, line in row.lines),
        request=_request(row),
        low_us=row.low_us,
        high_us=row.high_us,
        error=row.error,
    )


def step_of(row: Any, test: str, matches: Iterable[Any], parts: dict[int, int]) -> PlacedStep:
    """`parts`: key of a part to its position in the run."""
    return PlacedStep(
        index=row.position, test=test, n=row.n, ref=LineRef(parts.get(row.part_id, 0), row.line), text=row.text,
        at_us=row.at_us, until_us=row.until_us, request=_request(row), mark=row.mark, phase=row.phase,
        worker=row.worker,
        matches=tuple(Match(served=m.served.position, confidence=m.confidence, basis=tuple(m.basis)) for m in matches),
    )  # fmt: skip


def _request(row: Any) -> Request | None:
    if row.method is None and row.path is None and row.status is None:
        return None
    return Request(method=row.method, path=row.path, status=row.status)
