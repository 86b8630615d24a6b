"""Who is on duty, on every page that says so."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from dashboard.timeline.text import visible, visible_lines
from triage.models import Duty, Item


class DutyView(msgspec.Struct, frozen=True, kw_only=True):
    pk: int
    who: str
    until: str  # `until Monday 30 November`, `until somebody else takes over`
    span: str  # `Mon 23 Nov to Mon 30 Nov`
    note: str
    mine: bool
    now: bool


class DutyForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the block that sets it shows."""

    now: DutyView | None
    planned: tuple[DutyView, ...]
    people: tuple[str, ...]
    today: str


def duty_view(project: Any, now: datetime, user: Any = None) -> DutyView | None:
    """One query; None where nobody is."""
    row = Duty.objects.on(project, now.date())
    return _view(row, now.date(), user, on=True) if row is not None else None


def duty_form(project: Any, now: datetime, user: Any) -> DutyForm:
    today = now.date()
    on = Duty.objects.on(project, today)
    rows = [row for row in Duty.objects.from_day(project, today) if on is None or row.pk != on.pk]
    return DutyForm(
        now=_view(on, today, user, on=True) if on is not None else None,
        planned=tuple(_view(row, today, user, on=False) for row in rows if row.from_on > today),
        people=tuple(visible(one.get_username()) for one in Item.objects.people_of(project)),
        today=today.isoformat(),
    )


def _view(row: Any, today: date, user: Any, *, on: bool) -> DutyView:
    until = f"until {row.until_on:%A} {_day(row.until_on)}" if row.until_on else "until somebody else takes over"
    if row.until_on == today:
        until = "today"
    return DutyView(
        pk=row.pk,
        who=visible(row.who),
        until=until,
        span=f"{_day(row.from_on)} to {_day(row.until_on)}" if row.until_on else f"from {_day(row.from_on)}",
        note=visible_lines(row.note),
        mine=user is not None and row.user_id == user.pk,
        now=on,
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
