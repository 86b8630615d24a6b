"""Rows as the plain facts that `triage.core.document` writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from dashboard.api.history import NOTHING, Beside, beside_document
from dashboard.rows import clocks_of, gaps_of
from triage.core import document
from triage.core.document import Document, ShownPart, ShownProgress, ShownServer, ShownStep
from triage.models import Part, Run, Step, Verdict
from triage.store.recall import shown_verdict, test_key

FAILURES = 5_000  # failing tests that one document holds: where so many fail, the rest tells nothing new
AT_WORK = (Run.Status.QUEUED, Run.Status.PROCESSING)


def run_document(
    run: Run, url: str, parts: Iterable[Part], verdicts: Iterable[Verdict], besides: Mapping[int, Beside]
) -> Document:
    """`besides`: what history knows of the run's failures, by test key."""
    parts = list(parts)
    positions = {part.position: part.name for part in parts}
    names = [positions.get(position, "") for position in range(max(positions, default=-1) + 1)]
    failures = [
        document.failure_document(shown_verdict(row)) | beside_document(besides.get(test_key(row.test.nodeid), NOTHING))
        for row in islice(verdicts, FAILURES)
    ]
    return document.run_document(
        id=str(run.pk),
        run_key=run.run_key,
        url=url,
        status=run.status,
        error=run.error,
        progress=shown_progress(run),
        parts=map(shown_part, parts),
        clock=document.clock_document(clocks_of(run)),
        tests=counts(run),
        failures=failures,
    ) | {
        "failures_left_out": max(0, run.tests_failed + run.tests_error - FAILURES) if len(failures) == FAILURES else 0,
        "revision": run.revision,
        "analysed_revision": run.analysed_revision,
        "remarks": run.remarks,
        "gaps": [document.gap_document(gap, names) for gap in gaps_of(run)],
        "experiment": run.experiment or None,
        "experiment_note": run.experiment_note or None,
        "core_version": run.core_version,
    }


def summary_document(run: Run, url: str, verdicts: dict[str, int]) -> Document:
    """A run in a list: no parts, no failures, but how many of each verdict."""
    return {
        "id": str(run.pk),
        "run_key": run.run_key,
        "url": url,
        "status": run.status,
        "error": run.error or None,
        "progress": document.progress_document(shown_progress(run)),
        "name": run.name or None,
        "branch": run.branch or None,
        "commit": run.commit or None,
        "ci_url": run.ci_url or None,
        "received_at": run.received_at.isoformat(),
        "tests": counts(run),
        "verdicts": verdicts,
    }


def counts(run: Run) -> dict[str, int]:
    return {
        "total": run.tests_total,
        "passed": run.tests_passed,
        "failed": run.tests_failed,
        "error": run.tests_error,
        "skipped": run.tests_skipped,
    }


def shown_progress(run: Run) -> ShownProgress | None:
    if run.status not in AT_WORK:
        return None
    return ShownProgress(stage=run.stage or "waiting", done=run.done, total=run.total)


def shown_part(part: Part) -> ShownPart:
    return ShownPart(
        name=part.name,
        side=part.side,
        format=part.format,
        entries=part.entries,
        skipped_lines=part.skipped_lines,
        problem=part.problem,
        piece_of=part.piece.get("of", ""),
        redacted=part.redacted,
    )


def shown_step(row: Step) -> ShownStep:
    """A step whose matches were loaded with it."""
    return ShownStep(
        n=row.n,
        at_us=row.at_us,
        text=row.text,
        method=row.method,
        path=row.path,
        status=row.status,
        server=tuple(
            ShownServer(
                host=match.served.process.host,
                unit=match.served.process.unit,
                pid=match.served.process.pid,
                at_us=match.served.low_us,
                confidence=match.confidence,
            )
            for match in row.matches.all()
        ),
    )
