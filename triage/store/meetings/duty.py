"""Who is on duty: named for some days, or until somebody else is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from triage.models import Duty, Item, Project
from triage.store.refused import Refused
from triage.store.text import clean, written

NOTE = 5_000
MOST = 20  # that are not over


@transaction.atomic
def assign(project: Any, name: str, from_on: date, until_on: date | None, note: str, now: datetime) -> Duty:
    """`name` is a member's, or that of a team. Raises Refused with a sentence."""
    name = clean(name.strip(), 150)
    if not name:
        raise Refused("Say who is on duty.")
    if until_on is not None and until_on < from_on:
        raise Refused("The last day is before the first.")
    if until_on is not None and until_on < now.date():
        raise Refused("These days are over already.")
    Project.objects.locked(project.pk)
    if len(Duty.objects.from_day(project, now.date())) >= MOST:
        raise Refused(f"{MOST} duties are planned already.")
    user = next((one for one in Item.objects.people_of(project) if one.get_username() == name), None)
    who = clean(user.get_full_name() or user.get_username(), 150) if user is not None else name
    return Duty.objects.create(
        project=project, user=user, who=who, from_on=from_on, until_on=until_on, note=written(note, NOTE)
    )


def take_off(project: Any, pk: int) -> bool:
    """False where the project has none of that key."""
    deleted, _ = Duty.objects.of_project(project, pk).delete()
    return bool(deleted)
