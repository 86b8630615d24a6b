"""Rows of history back to the records of the core, and the other way round."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from triage.core.findings import Verdict
from triage.core.history.records import ExperimentKind, Occasion, Pair
from triage.core.records import micros
from triage.querysets.history import Remembered
from triage.store.text import clean, node_id
from triage.store.traces import unpack

_EXPERIMENTS = {kind.value: kind for kind in ExperimentKind}


def test_key(test: str) -> int:
    """63 bits that stand for a node id in an index: the chance that two tests of a project share one is nil."""
    return int.from_bytes(hashlib.sha256(node_id(test).encode("utf-8", "replace")).digest()[:8], "big") >> 1


test_key.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever its name


def occasion_of(row: Any) -> Occasion:
    """A row of Occasion, with its run and its group at hand."""
    run, group = row.run, row.group
    return record_of(
        Remembered(
            row.test_key, row.run_id, row.group_id, group.key if group is not None else None, row.test, row.at,
            row.failed, row.kind, row.confidence, row.side, row.mechanism, row.pair_write, row.pair_read, row.trace,
            run.experiment, run.branch,
        )
    )  # fmt: skip


def record_of(row: Remembered) -> Occasion:
    """What a look-up remembers, as the core weighs it."""
    return Occasion(
        run=str(row.run_id),
        at_us=micros(row.at),
        failed=row.failed,
        trace=unpack(row.trace, row.test),
        fingerprint=row.group_key or "",
        verdict=row.kind,
        confidence=row.confidence,
        pair=Pair(row.pair_write, row.pair_read) if row.pair_write or row.pair_read else None,
        side=row.side,
        mechanism=row.mechanism,
        experiment=_EXPERIMENTS.get(row.experiment),
        branch=row.branch,
    )


def shown_verdict(row: Any) -> Verdict:
    """The verdict that a row shows, its test at hand."""
    return msgspec.convert(
        {
            "test": row.test.nodeid, "outcome": row.test.outcome, "message": row.test.message, "kind": row.kind,
            "level": row.level, "confidence": row.confidence, "summary": row.summary, "side": row.side,
            "mechanism": row.mechanism, "write": row.write, "read": row.read, "evidence": row.evidence,
            "advice": row.advice, "confirm": row.confirm, "missing": row.missing,
        },
        Verdict,
    )  # fmt: skip


def own_verdict(row: Any) -> Verdict:
    """What the run alone gave."""
    return shown_verdict(row) if row.own is None else msgspec.convert(row.own, Verdict)


def plain(value: Any) -> Any:
    """Records as JSON data, with text that Postgres takes."""
    return _clean(msgspec.to_builtins(value))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
