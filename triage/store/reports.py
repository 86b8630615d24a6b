"""Saves what a lineup came to: all of it in one transaction, and only if it still speaks of the newest upload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db import transaction

from triage.core.document import test_counts
from triage.core.findings import PlacedStep, Report, TestCase
from triage.core.findings import Process as FoundProcess
from triage.core.findings import Served as FoundServed
from triage.core.findings import Verdict as FoundVerdict
from triage.models import Match, Part, Process, Run, Served, Step, Test, Verdict
from triage.store.recall import plain
from triage.store.text import clean, node_id

BATCH = 1_000
GAPS = 50  # things that one run's logs cannot prove
LINES_LIMIT = 200  # lines of one served request that are named; a traceback of a thousand is one entry anyway
_POSITIVE, _BIG = 2**31 - 1, 2**63 - 1


def save(run: Run, report: Report, remarks: tuple[str, ...] = ()) -> bool:
    """Replaces the run's report. False, and nothing changes, where a newer upload has come since `run` was loaded."""
    with transaction.atomic():
        now = Run.objects.locked(run.pk)
        if now is None or now.revision != run.revision:
            return False
        _clear(run)
        _Rows(run).add(report)
        _close(run, report, remarks)
    return True


def _clear(run: Run) -> None:
    # In the order of the references, each as one DELETE: letting Django collect the cascade would load every row.
    for rows in (
        Match.objects.filter(step__run=run),
        Verdict.objects.filter(run=run),
        Served.objects.filter(run=run),
        Process.objects.filter(run=run),
        Step.objects.filter(run=run),
        Test.objects.filter(run=run),
    ):
        rows._raw_delete(rows.db)


def _close(run: Run, report: Report, remarks: tuple[str, ...]) -> None:
    counts = test_counts(report.lineup)
    Run.objects.by_id(run.pk).update(
        status=Run.Status.READY, error="", stage="", attempts=0, touched_at=datetime.now(UTC),
        analysed_revision=run.revision, core_version=report.core_version,
        clocks=plain(report.lineup.clocks), remarks=plain([*report.lineup.remarks, *remarks]),
        gaps=plain(report.gaps[:GAPS]),
        **{f"tests_{name}": count for name, count in counts.items()},
    )  # fmt: skip


class _Rows:
    def __init__(self, run: Run) -> None:
        self._run = run
        self._parts = {part.position: part.pk for part in Part.objects.of_run_in_order(run.pk)}

    def add(self, report: Report) -> None:
        lineup = report.lineup
        tests = _made(Test, map(self._test, range(len(lineup.tests)), lineup.tests))
        by_name = {test.test: pk for test, pk in zip(lineup.tests, tests, strict=True)}
        steps = _made(Step, (self._step(step, by_name.get(step.test)) for step in lineup.steps))
        processes = _made(Process, map(self._process, lineup.processes))
        served = _made(Served, (self._served(one, processes) for one in lineup.served))
        for batch in _batches(_matches(lineup.steps, steps, served)):
            Match.objects.bulk_create(batch)
        for batch in _batches(self._verdict(one, report.core_version, by_name) for one in report.verdicts):
            Verdict.objects.bulk_create(batch)

    def _test(self, position: int, test: TestCase) -> Test:
        return Test(
            run=self._run, position=position, nodeid=node_id(test.test), outcome=test.outcome,
            message=clean(test.message), detail=clean(test.detail), phase=clean(test.phase, 10),
            started_us=_big(test.started_us), stopped_us=_big(test.stopped_us), worker=clean(test.worker, 20),
            attempts=_positive(test.attempts),
        )  # fmt: skip

    def _step(self, step: PlacedStep, test_id: int | None) -> Step:
        request = step.request
        return Step(
            run=self._run, test_id=test_id, position=step.index, n=_positive(step.n),
            part_id=self._parts[step.ref.part], line=step.ref.line, text=clean(step.text),
            at_us=_big(step.at_us), until_us=_big(step.until_us),
            method=_name(request and request.method, 20), path=_name(request and request.path),
            status=_status(request and request.status), mark=clean(step.mark, 4), phase=clean(step.phase, 10),
            worker=clean(step.worker, 20),
        )  # fmt: skip

    def _process(self, process: FoundProcess) -> Process:
        return Process(
            run=self._run, position=process.index, host=clean(process.host, 300), unit=clean(process.unit, 300),
            pid=_big(process.pid), boot=clean(process.boot, 300), trust=process.trust, born_us=_big(process.born_us),
            died_us=_big(process.died_us), ended_by=process.ended_by or "", ended_reason=clean(process.ended_reason),
            first_us=_big(process.first_us), last_us=_big(process.last_us), requests=_positive(process.requests),
        )  # fmt: skip

    def _served(self, served: FoundServed, processes: list[int]) -> Served:
        request = served.request
        best = served.entries[0]
        return Served(
            run=self._run, process_id=processes[served.process], position=served.index,
            part_id=self._parts[best.part], line=best.line,
            lines=[[ref.part, ref.line] for ref in served.entries[:LINES_LIMIT]],
            low_us=_big(served.low_us), high_us=_big(served.high_us),
            method=_name(request and request.method), path=_name(request and request.path),
            status=_status(request and request.status), size=_big(request.size if request else None),
            error=served.error,
        )  # fmt: skip

    def _verdict(self, verdict: FoundVerdict, version: int, tests: dict[str, int]) -> Verdict:
        return Verdict(
            test_id=tests[verdict.test], run=self._run, kind=verdict.kind, level=verdict.level,
            confidence=verdict.confidence, side=verdict.side, mechanism=verdict.mechanism,
            summary=clean(verdict.summary), write=plain(verdict.write), read=plain(verdict.read),
            evidence=plain(verdict.evidence), advice=clean(verdict.advice), confirm=clean(verdict.confirm),
            missing=clean(verdict.missing), core_version=version,
        )  # fmt: skip


def _matches(steps: tuple[PlacedStep, ...], step_ids: list[int], served_ids: list[int]) -> Iterator[Match]:
    for step, step_id in zip(steps, step_ids, strict=True):
        for rank, match in enumerate(step.matches[:20]):
            yield Match(
                step_id=step_id, served_id=served_ids[match.served], rank=rank, confidence=match.confidence,
                basis=list(match.basis),
            )  # fmt: skip


def _made(model: Any, rows: Iterable[Any]) -> list[int]:
    """Writes rows batch by batch and returns their keys in order."""
    return [row.pk for batch in _batches(rows) for row in model.objects.bulk_create(batch)]


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _name(text: str | None, limit: int = 4_000) -> str | None:
    return None if text is None else clean(text, limit)


def _big(value: int | None) -> int | None:
    return None if value is None else min(max(value, -_BIG), _BIG)


def _positive(value: int) -> int:
    return min(max(value, 0), _POSITIVE)


def _status(value: int | None) -> int | None:
    return value if value is not None and abs(value) <= _POSITIVE else None
