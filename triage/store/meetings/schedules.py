"""When a project meets: schedules made, changed, paused, deleted, and brought back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

import msgspec
from django.db import transaction

from triage.core.meeting.calendar import DAYS, next_date
from triage.models import Project, Schedule
from triage.store.refused import Refused
from triage.store.text import clean

MOST = 20  # schedules of one project
SHORTEST, LONGEST = 30, 3_600  # seconds for an item


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of a schedule."""

    name: str
    weekdays: tuple[int, ...]
    at: time
    timezone: str
    item_seconds: int


def planned(
    name: str, weekdays: Iterable[str], at: str, timezone: str, minutes: str, now: datetime
) -> tuple[Plan, datetime]:
    """A form's fields as a plan, and its first date. Raises Refused with a sentence."""
    try:
        days = tuple(sorted({int(day) for day in weekdays if day in {str(n) for n in range(len(DAYS))}}))
        clock = time.fromisoformat(at.strip()[:5])
    except ValueError:
        raise Refused("Say the time as 09:30.") from None
    try:
        seconds = round(60 * float(minutes.replace(",", ".")))
    except (ValueError, OverflowError):
        raise Refused("Say how many minutes an item has.") from None
    if not SHORTEST <= seconds <= LONGEST:
        raise Refused("An item has between half a minute and an hour.")
    name = clean(name.strip(), 100) or "Triage"
    try:
        first = next_date(days, clock, timezone.strip(), now)
    except ValueError as error:
        raise Refused(str(error)) from None
    return Plan(name=name, weekdays=days, at=clock, timezone=timezone.strip(), item_seconds=seconds), first


@transaction.atomic
def add(project: Any, user: Any, plan: Plan, first: datetime) -> Schedule:
    Project.objects.locked(project.pk)
    if len(Schedule.objects.in_use(project)) >= MOST:
        raise Refused(f"A project has at most {MOST} schedules.")
    return Schedule.objects.create(project=project, created_by=user, next_at=first, **_fields(plan))


@transaction.atomic
def change(project: Any, pk: int, plan: Plan, first: datetime) -> bool:
    """False where the project has none of that key."""
    found = _found(project, pk)
    if found is None:
        return False
    for name, value in {**_fields(plan), "next_at": first}.items():
        setattr(found, name, value)
    found.save()
    return True


@transaction.atomic
def pause(project: Any, pk: int, paused: bool, now: datetime) -> Schedule | None:
    """A schedule that goes on does so with its next date, not with those that it missed."""
    found = _found(project, pk)
    if found is not None and found.active == paused:
        found.active = not paused
        found.next_at = next_date(found.weekdays, found.at, found.timezone, now)
        found.save(update_fields=["active", "next_at"])
    return found


@transaction.atomic
def delete(project: Any, pk: int, now: datetime) -> Schedule | None:
    found = _found(project, pk)
    if found is not None:
        found.deleted_at = now
        found.save(update_fields=["deleted_at"])
    return found


@transaction.atomic
def restore(project: Any, pk: int, now: datetime) -> Schedule | None:
    """The schedule's row before the project's, as where a meeting begins by it: neither then waits for the other."""
    found: Schedule | None = Schedule.objects.held(project, pk)
    if found is None or found.deleted_at is None:
        return None
    Project.objects.locked(project.pk)
    if len(Schedule.objects.in_use(project)) >= MOST:
        raise Refused(f"A project has at most {MOST} schedules.")
    found.deleted_at = None
    found.next_at = next_date(found.weekdays, found.at, found.timezone, now)
    found.save(update_fields=["deleted_at", "next_at"])
    return found


def _found(project: Any, pk: int) -> Schedule | None:
    found: Schedule | None = Schedule.objects.held(project, pk)
    return found if found is not None and found.deleted_at is None else None


def _fields(plan: Plan) -> dict[str, Any]:
    return {**msgspec.structs.asdict(plan), "weekdays": list(plan.weekdays)}
