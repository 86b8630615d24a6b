"""Writes of what a project sets: its line formats and its redaction patterns.

Each takes the project's row first, so that two people who save at once meet the same limit and the same names.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from triage.models import LineFormat, Project, RedactionPattern
from triage.store.refused import Refused

LINE_FORMATS = 20  # of one project: each is tried on every part
REDACTION_PATTERNS = 20  # of one project: each is run over every line


@transaction.atomic
def add_line_format(project: Project, by: Any, now: datetime, **told: str) -> LineFormat:
    """`told`: name, slug, side, kind, pattern, time, sample. Raises Refused."""
    _hold(project)
    _room(LineFormat.objects.in_use(project).count(), LINE_FORMATS, "line formats")
    _free(LineFormat.objects.named(project, told["slug"]), None)
    return LineFormat.objects.create(project=project, created_by=by, created_at=now, changed_at=now, **told)


@transaction.atomic
def change_line_format(project: Project, key: int, now: datetime, **told: str) -> LineFormat | None:
    """None where the project has none of that key. Raises Refused."""
    _hold(project)
    found: LineFormat | None = LineFormat.objects.in_use_by_key(project, key)
    if found is None:
        return None
    _free(LineFormat.objects.named(project, told["slug"]), key)
    for name, value in {**told, "changed_at": now}.items():
        setattr(found, name, value)
    found.save(update_fields=[*told, "changed_at"])
    return found


@transaction.atomic
def delete_line_format(project: Project, key: int, now: datetime) -> LineFormat | None:
    """None where the project has none of that key in use."""
    return _deleted(LineFormat.objects.in_use_by_key(project, key), now)


@transaction.atomic
def restore_line_format(project: Project, key: int) -> LineFormat | None:
    """Undoes a deletion. Raises Refused where its name was taken since, or there is no room."""
    _hold(project)
    found: LineFormat | None = LineFormat.objects.deleted_by_key(project, key)
    if found is not None:
        _room(LineFormat.objects.in_use(project).count(), LINE_FORMATS, "line formats")
        _free(LineFormat.objects.named(project, found.slug), None)
        _deleted(found, None)
    return found


@transaction.atomic
def add_redaction_pattern(project: Project, by: Any, now: datetime, *, name: str, pattern: str) -> RedactionPattern:
    """Raises Refused."""
    _hold(project)
    _room(RedactionPattern.objects.in_use(project).count(), REDACTION_PATTERNS, "redaction patterns")
    _free(RedactionPattern.objects.named(project, name), None)
    return RedactionPattern.objects.create(project=project, created_by=by, created_at=now, name=name, pattern=pattern)


@transaction.atomic
def delete_redaction_pattern(project: Project, key: int, now: datetime) -> RedactionPattern | None:
    return _deleted(RedactionPattern.objects.in_use_by_key(project, key), now)


@transaction.atomic
def restore_redaction_pattern(project: Project, key: int) -> RedactionPattern | None:
    """Undoes a deletion. Raises Refused where its name was taken since, or there is no room."""
    _hold(project)
    found: RedactionPattern | None = RedactionPattern.objects.deleted_by_key(project, key)
    if found is not None:
        _room(RedactionPattern.objects.in_use(project).count(), REDACTION_PATTERNS, "redaction patterns")
        _free(RedactionPattern.objects.named(project, found.name), None)
        _deleted(found, None)
    return found


def _hold(project: Project) -> None:
    Project.objects.locked(project.pk)


def _room(there: int, limit: int, what: str) -> None:
    if there >= limit:
        raise Refused(f"A project has at most {limit} {what}: delete one that is of no use any more.")


def _free(taken: Any, key: int | None) -> None:
    if taken is not None and taken.pk != key:
        raise Refused(f"This project already has one named “{taken.name}”; give this one another name.")


def _deleted(found: Any, now: datetime | None) -> Any:
    if found is not None:
        found.deleted_at = now
        found.save(update_fields=["deleted_at"])
    return found
