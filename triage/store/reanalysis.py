"""How far a bulk re-analysis is. Each run and its place in the count are written in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from triage.models import Project, Reanalysis, Run, VerdictChange
from triage.store.horizon import held

_SPACE = 0x11E1  # of advisory locks: a re-analysis that goes on


def begin(project: Project | None, since: date | None, most: int | None, applies: bool, version: int) -> Reanalysis:
    return Reanalysis.objects.create(project=project, since=since, most=most, applies=applies, core_version=version)


@contextmanager
def alone(state: Reanalysis) -> Iterator[bool]:
    """Whether nobody else goes on with this one; nobody can until the block ends, however it ends."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_SPACE, state.pk])
            got = bool(cursor.fetchone()[0])
        yield got
    finally:
        own.close()


def next_run(state: Reanalysis) -> Any:
    """The next run that is to be looked at, or None at the end."""
    if state.most is not None and sum(state.counts.values()) >= state.most:
        return None
    after = None if state.cursor_at is None or state.cursor_run is None else (state.cursor_at, state.cursor_run)
    return Run.objects.decided_before(state.core_version, state.project, state.since, after).first()


def how_many(state: Reanalysis) -> int:
    """Runs that are still to be looked at."""
    after = None if state.cursor_at is None or state.cursor_run is None else (state.cursor_at, state.cursor_run)
    left = Run.objects.decided_before(state.core_version, state.project, state.since, after).count()
    return left if state.most is None else min(left, max(0, state.most - sum(state.counts.values())))


def step(state: Reanalysis, run: Run, ended: str, changes: Iterable[str] = ()) -> None:
    """One run is done: how it ended, and the changes of its verdicts, each by its name."""
    state.cursor_at, state.cursor_run = run.received_at, run.pk
    state.counts = {**state.counts, ended: state.counts.get(ended, 0) + 1}
    told = dict(state.changes)
    for change in changes:
        told[change] = told.get(change, 0) + 1
    state.changes = told
    state.save(update_fields=["cursor_at", "cursor_run", "counts", "changes"])


def finish(state: Reanalysis) -> None:
    state.finished_at = datetime.now(UTC)
    state.save(update_fields=["finished_at"])


def last_change(run: Run) -> int:
    """A place in the record of changes: until the transaction ends, only its own come after it in that project."""
    Run.objects.locked(run.pk)
    held(run.project_id)
    return VerdictChange.objects.newest_key()
