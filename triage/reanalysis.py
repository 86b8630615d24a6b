"""Decides on old runs with the analysis of today, one after the other: shows what would change, or changes it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction

from triage.core.analyse import analyse
from triage.core.findings import Verdict as FoundVerdict
from triage.models import Reanalysis, Run, Verdict, VerdictChange
from triage.store import decisions, evidence, readings, reanalysis, work
from triage.store.recall import own_verdict, plain
from triage.store.weighing import differ

log = logging.getLogger(__name__)


class Ended(StrEnum):
    """What became of one run."""

    DECIDED = "decided"
    GONE = "lines_gone"  # retention took its lines: its verdicts stay as they are
    BUSY = "busy"  # somebody else works on it, and that work ends in a decision of today
    UNREAD = "to_be_read_again"  # what was kept of its parts is of another version: read from its files
    FAILED = "failed"  # a defect of ours: its verdicts stay as they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One verdict that the analysis of today gives another answer to."""

    run_id: UUID
    test: str
    before: dict[str, Any]  # findings.Verdict
    after: dict[str, Any]

    @property
    def name(self) -> str:
        """What kind of change it is: changes of one name are counted together."""
        old, new = self.before, self.after
        if old["kind"] != new["kind"]:
            return f"{old['kind']} → {new['kind']}"
        if old["level"] != new["level"]:
            return f"{old['kind']}: {old['level']} → {new['level']}"
        return f"{old['kind']}: {old.get('mechanism') or 'no mechanism'} → {new.get('mechanism') or 'no mechanism'}"


@dataclass(frozen=True, slots=True)
class Done:
    run: Run
    ended: Ended
    changes: tuple[Change, ...] = ()


def go_on(state: Reanalysis) -> Iterator[Done]:
    """Run after run, each kept before it is given out: whoever stops here, or is killed, goes on behind it."""
    while (run := reanalysis.next_run(state)) is not None:
        yield _decide(state, run)
    reanalysis.finish(state)


def _decide(state: Reanalysis, run: Run) -> Done:
    if run.lines_gone_at is not None:
        return _without(state, run, Ended.GONE)
    with work.hold(run.pk) as hold:
        if hold is None:
            return _without(state, run, Ended.BUSY)
        now = Run.objects.with_project(run.pk)
        if now is None or now.status != Run.Status.READY or now.core_version >= state.core_version:
            return _without(state, run, Ended.BUSY)
        try:
            return _again(state, now)
        except work.GONE:
            raise
        except readings.Unreadable:
            if state.applies:
                work.read_again(now)
            return _without(state, run, Ended.UNREAD)
        except Exception:
            log.exception("run %s could not be decided on again", run.pk)
            state.refresh_from_db()
            return _without(state, run, Ended.FAILED)


def _again(state: Reanalysis, run: Run) -> Done:
    loaded = evidence.load(run)
    report = analyse(loaded.evidence)
    with transaction.atomic():
        last = reanalysis.last_change(run)
        before = _alone(run)
        decisions.keep(run, report, loaded.remarks)
        changes = tuple(_changes(run, last, others=state.applies))
        if state.applies:
            reanalysis.step(state, run, Ended.DECIDED, (change.name for change in changes))
        else:
            told = {change.test for change in changes}
            changes += tuple(change for change in _held_back(run, before) if change.test not in told)
            transaction.set_rollback(True)  # what would change is known, and nothing has
    if not state.applies:
        reanalysis.step(state, run, Ended.DECIDED, (change.name for change in changes))
    return Done(run, Ended.DECIDED, changes)


def _changes(run: Run, last: int, *, others: bool) -> Iterator[Change]:
    """The changes of the run's verdicts since then, those of one verdict as one.

    `others`: those of other runs too, of which history now says otherwise. Where nothing is kept, each run that brings
    them about would tell them again, so they are left out.
    """
    found = VerdictChange.objects.of_project(run.project_id) if others else VerdictChange.objects.of_run(run)
    first: dict[tuple[Any, str], VerdictChange] = {}
    newest: dict[tuple[Any, str], VerdictChange] = {}
    for change in found.after(last):
        first.setdefault((change.run_id, change.test), change)
        newest[change.run_id, change.test] = change
    for key, change in first.items():
        yield Change(run_id=change.run_id, test=change.test, before=change.before, after=newest[key].after)


def _alone(run: Run) -> dict[str, FoundVerdict]:
    return {row.test.nodeid: own_verdict(row) for row in Verdict.objects.all_of_run(run.pk)}


def _held_back(run: Run, before: dict[str, FoundVerdict]) -> Iterator[Change]:
    """What the run alone says otherwise now, though the other runs, not decided on again yet, still outweigh it."""
    for test, now in _alone(run).items():
        old = before.get(test)
        if old is not None and differ(old, now):
            yield Change(run_id=run.pk, test=test, before=plain(old), after=plain(now))


def _without(state: Reanalysis, run: Run, ended: Ended) -> Done:
    reanalysis.step(state, run, ended)
    return Done(run, ended)
