"""Reads of meetings, their agenda and minutes, and who is on duty."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import F


class ScheduleQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class MeetingQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def move_on(self, items: Iterable[int]) -> None:
        """Tells everybody in a running meeting that has one of these items on its agenda that there is news."""
        self.filter(ended_at=None, agenda__item__in=list(items)).update(version=F("version") + 1)


class AgendaItemQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class MinuteLineQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class AttendanceQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class DutyQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass
