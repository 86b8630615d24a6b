"""A project's history as a whole: who may change it now, and how far back it reaches."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db import connection

from triage.models import Project, Run

TIMES = 3  # as long as a project keeps lines, it remembers which processes met, and whether the test failed
CLOCKS_SET = datetime(2000, 1, 1, tzinfo=UTC)  # a clock that says less was never set
_SPACE = 0x11E0  # of advisory locks: a project's history


def held(project_id: int) -> None:
    """Takes the project's history for this transaction: one at a time adds to it, weighs it or forgets of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SPACE, project_id])


def remembered_from(project: Project, today: date) -> date:
    """Runs received before that day are no longer part of history."""
    return today - timedelta(days=TIMES * project.retention_days)


def ran_at(run: Run) -> datetime:
    """When the run ran: as declared, unless no run can have started then. One wrong clock must not stay the newest."""
    started = run.started_at
    return started if started is not None and CLOCKS_SET <= started <= run.received_at else run.received_at
