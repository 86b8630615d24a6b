"""A project's history as a whole: who may change it now, and how far back it reaches."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection

from triage.models import Project

TIMES = 3  # as long as a project keeps lines, it remembers which processes met, and whether the test failed
_SPACE = 0x11E0  # of advisory locks: a project's history


def held(project_id: int) -> None:
    """Takes the project's history for this transaction: one at a time adds to it, weighs it or forgets of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SPACE, project_id])


def remembered_from(project: Project, today: date) -> date:
    """Runs received before that day are no longer part of history."""
    return today - timedelta(days=TIMES * project.retention_days)
