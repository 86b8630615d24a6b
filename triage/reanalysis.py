"""Decides on old runs with the analysis of today, one after the other: shows what would change, or changes it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction

from triage.core.analyse import analyse
from triage.models import Reanalysis, Run, VerdictChange
from triage.store import decisions, evidence, readings, reanalysis, work

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

    run: Run
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
        last = reanalysis.last_change()
        decisions.keep(run, report, loaded.remarks)
        changes = tuple(_changes(run, last))
        if state.applies:
            reanalysis.step(state, run, Ended.DECIDED, (change.name for change in changes))
        else:
            transaction.set_rollback(True)  # what would change is known exactly, and nothing has
    if not state.applies:
        reanalysis.step(state, run, Ended.DECIDED, (change.name for change in changes))
    return Done(run, Ended.DECIDED, changes)


def _changes(run: Run, last: int) -> Iterator[Change]:
    """The changes of the run's verdicts since then, those of one verdict as one."""
    first: dict[str, Any] = {}
    newest: dict[str, Any] = {}
    for change in VerdictChange.objects.of_run(run).after(last):
        first.setdefault(change.test, change.before)
        newest[change.test] = change.after
    for test, before in first.items():
        yield Change(run=run, test=test, before=before, after=newest[test])


def _without(state: Reanalysis, run: Run, ended: Ended) -> Done:
    reanalysis.step(state, run, ended)
    return Done(run, ended)
