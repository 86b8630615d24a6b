"""When a project meets and who is on duty, as forms say it. Each act gives a sentence, or raises Refused with one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.http import QueryDict

from dashboard.sent import day_of
from dashboard.timeline.text import visible
from triage.models import Schedule
from triage.store.meetings import duty, schedules
from triage.store.meetings.schedules import Plan
from triage.store.refused import Refused

GONE = "There is no such schedule any more."
PAUSED = "Paused: no meeting begins by itself until it goes on."


def add(project: Any, user: Any, form: QueryDict, now: datetime) -> str:
    schedules.add(project, user, *_read(form, now))
    return "The schedule is set: its meetings begin by themselves."


def set_duty(project: Any, form: QueryDict, now: datetime) -> str:
    first, last = _day(form.get("from", "")), _day(form.get("until", ""))
    row = duty.assign(project, form.get("who", ""), first or now.date(), last, form.get("note", ""), now)
    return f"On duty: {visible(row.who)}."


def end_duty(project: Any, pk: int) -> str:
    return "Taken off duty." if duty.take_off(project, pk) else "That was over already."


def _change(project: Any, pk: int, form: QueryDict, now: datetime) -> str:
    return _found(schedules.change(project, pk, *_read(form, now)) or None, "The schedule is changed.")


def _pause(project: Any, pk: int, form: QueryDict, now: datetime) -> str:
    return _found(schedules.pause(project, pk, True, now), PAUSED)


def _resume(project: Any, pk: int, form: QueryDict, now: datetime) -> str:
    return _found(schedules.pause(project, pk, False, now), "It goes on with its next date.")


def _delete(project: Any, pk: int, form: QueryDict, now: datetime) -> str:
    """The page says what was deleted, beside the button that brings it back."""
    return _found(schedules.delete(project, pk, now), "")


def _restore(project: Any, pk: int, form: QueryDict, now: datetime) -> str:
    return _found(schedules.restore(project, pk, now), "The schedule is back.")


ACTS: dict[str, Callable[[Any, int, QueryDict, datetime], str]] = {
    "change": _change,
    "pause": _pause,
    "resume": _resume,
    "delete": _delete,
    "restore": _restore,
}


def _read(form: QueryDict, now: datetime) -> tuple[Plan, datetime]:
    given = [form.get(name, "") for name in ("at", "timezone", "minutes")]
    return schedules.planned(form.get("name", ""), form.getlist("day")[:20], *given, now)


def _found(row: Schedule | bool | None, said: str) -> str:
    if row is None:
        raise Refused(GONE)
    return said


def _day(text: str) -> date | None:
    try:
        return day_of(text)
    except ValueError as wrong:
        raise Refused(str(wrong)) from None
