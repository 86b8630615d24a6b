"""Keeps what was decided on a run, and what that changes in history: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db import transaction

from triage.core.document import test_counts
from triage.core.findings import Report
from triage.core.findings import Verdict as FoundVerdict
from triage.models import Occasion, Run, Verdict, VerdictChange
from triage.store import history, reports
from triage.store.recall import own_verdict, shown_verdict, test_key
from triage.store.run_notices import tell_of_run
from triage.store.weighing import BACK, change_row, differ

Told = tuple[FoundVerdict, FoundVerdict]  # what a run alone gave, and what was shown


def keep(run: Run, report: Report, remarks: tuple[str, ...] = ()) -> bool:
    """Replaces the run's report and what it told history. False, and nothing changes, where a newer upload has come."""
    with transaction.atomic():
        now = Run.objects.locked(run.pk)
        if now is None:
            return False
        before = {row.test.nodeid: (own_verdict(row), shown_verdict(row)) for row in Verdict.objects.all_of_run(run.pk)}
        if not reports.save(run, report, remarks):
            return False
        reasons = {each.row.test.nodeid: each.reason for each in history.record(run, report)}
        rows = list(Verdict.objects.all_of_run(run.pk))
        groups = {row.test_key: row.group for row in Occasion.objects.failures_of_run(run)}
        cause, why = _again(now, report)
        VerdictChange.objects.bulk_create(
            change_row(row, groups.get(test_key(row.test.nodeid)), *change)
            for row in rows
            for change in _changes(row, before, cause, why, reasons.get(row.test.nodeid, BACK))
        )
        tell_of_run(now, test_counts(report.lineup), rows)
    return True


def _again(run: Run, report: Report) -> tuple[str, str]:
    """Why a run was decided on again."""
    if run.core_version != report.core_version:
        return VerdictChange.Cause.CORE, f"Core version {run.core_version} → {report.core_version}."
    if run.analysed_revision != run.revision:
        return VerdictChange.Cause.EVIDENCE, "More of the run's logs came in."
    return VerdictChange.Cause.EVIDENCE, "The run was analysed again."


def _changes(
    row: Verdict, before: Mapping[str, Told], cause: str, why: str, reason: str
) -> Iterator[tuple[str, FoundVerdict, FoundVerdict, str]]:
    """From what was shown to what is shown now, step by step: first by the run's own evidence, then by the others'."""
    own, shown = own_verdict(row), shown_verdict(row)
    old_own, old_shown = before.get(row.test.nodeid, (own, own))
    if not differ(old_shown, shown):
        return
    if differ(old_own, own):
        if differ(old_shown, own):
            yield cause, old_shown, own, why
        old_shown = own
    if differ(old_shown, shown):
        yield VerdictChange.Cause.HISTORY, old_shown, shown, reason
