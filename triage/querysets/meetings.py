"""Reads of meetings, their agenda and minutes, and who is on duty."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

PAST = 60  # meetings that one page lists
AGENDA = 200  # items of an agenda, those added by hand included
OPEN = ("new", "investigating", "fix_claimed", "observing")
CANDIDATES = 60  # of each section
LINES = 500  # of one meeting's minutes
SEATS = 200  # people that one meeting shows
DUTIES = 20
SCHEDULES = 20


class ScheduleQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def in_use(self, project: Any) -> Self:
        return self.filter(project=project, deleted_at=None).order_by("next_at", "pk")[:SCHEDULES]

    def deleted_by_key(self, project: Any, pk: int) -> Any:
        return self.filter(project=project, pk=pk, deleted_at__isnull=False).first()

    def held(self, project: Any, pk: int) -> Any:
        """The schedule, deleted ones included, its row held until the transaction ends; None where there is none."""
        return self.select_for_update(no_key=True).filter(project=project, pk=pk).first()

    def due(self, now: datetime, limit: int) -> list[int]:
        """The keys of schedules whose time has come, the longest waiting first."""
        rows = self.filter(active=True, deleted_at=None, next_at__lte=now).order_by("next_at", "pk")
        return list(rows.values_list("pk", flat=True)[:limit])

    def held_due(self, pk: int, now: datetime) -> Any:
        """One of them, held and still due; None where another task has it or was faster."""
        rows = self.select_for_update(no_key=True, skip_locked=True).filter(
            pk=pk, active=True, deleted_at=None, next_at__lte=now
        )
        return rows.first()


class MeetingQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def move_on(self, items: Iterable[int]) -> None:
        """Tells everybody in a running meeting that has one of these items on its agenda that there is news.

        Rows are held in one order; call it in the transaction that makes the news.
        """
        agenda = self.model._meta.get_field("agenda").related_model.objects
        there = agenda.filter(meeting=OuterRef("pk"), item__in=list(items))
        rows = self.filter(Exists(there), ended_at=None).order_by("pk").select_for_update(no_key=True)
        keys = list(rows.values_list("pk", flat=True))
        if keys:
            self.filter(pk__in=keys).update(version=F("version") + 1)

    def by_key(self, pk: int) -> Self:
        return self.filter(pk=pk)

    def seen_as(self, user: Any, pk: int) -> Any:
        """The meeting with its project, or None where there is none that this person may know of."""
        rows = self.select_related("project", "began_by").filter(pk=pk)
        return (rows if user.is_superuser else rows.filter(project__memberships__user=user)).first()

    def pulse(self, user: Any, pk: int, fresh: datetime) -> Any:
        """What a poll asks, in one query: version, ended_at, when this person was seen, and how many are there."""
        rows = self.filter(pk=pk) if user.is_superuser else self.filter(pk=pk, project__memberships__user=user)
        seats = self.model._meta.get_field("attendances").related_model.objects.filter(meeting=OuterRef("pk"))
        there = seats.filter(seen_at__gte=fresh).order_by().values("meeting")
        return (
            rows.annotate(
                seen_at=Subquery(seats.filter(user=user).values("seen_at")[:1]),
                people=Subquery(there.annotate(n=models.Count("pk")).values("n"), output_field=models.IntegerField()),
            )
            .values_list("version", "ended_at", "seen_at", "people", named=True)
            .first()
        )

    def held(self, pk: int) -> Any:
        """The meeting, its row held until the transaction ends; None where there is none."""
        return self.select_for_update(no_key=True).filter(pk=pk).first()

    def running(self, project: Any) -> Any:
        """The meeting that a project is in, or None."""
        return self.filter(project=project, ended_at=None).order_by("-began_at").first()

    def running_in(self, project: Any, pk: int) -> Any:
        return self.filter(project=project, ended_at=None, pk=pk).first()

    def last(self, project: Any) -> Any:
        """The newest one that somebody came to, or None."""
        seats = self.model._meta.get_field("attendances").related_model.objects
        rows = self.filter(Exists(seats.filter(meeting=OuterRef("pk"))), project=project)
        return rows.order_by("-began_at").first()

    def past(self, project: Any) -> list[Any]:
        """The newest that ended, newest first."""
        rows = self.filter(project=project, ended_at__isnull=False).order_by("-began_at")
        return list(rows.defer("hand_over", "minutes")[:PAST])

    def failures_since(self, project: Any, since: datetime, most: int) -> tuple[int, dict[str, int]]:
        """How many ordinary runs came since then, at most so many, and their verdicts by kind."""
        runs = self.model._meta.apps.get_model("triage", "Run").objects
        verdicts = self.model._meta.apps.get_model("triage", "Verdict").objects
        rows = runs.filter(project=project, received_at__gt=since, experiment="").order_by("-received_at", "-id")
        keys = list(rows.values_list("pk", flat=True)[:most])
        counts = verdicts.filter(run_id__in=keys).values("kind").annotate(n=models.Count("pk")).order_by()
        return len(keys), {row["kind"]: row["n"] for row in counts}

    def forgotten(self, before: datetime, limit: int) -> list[int]:
        """Meetings that began before then and that nobody has been in since."""
        seats = self.model._meta.get_field("attendances").related_model.objects
        rows = self.filter(ended_at=None, began_at__lt=before).exclude(
            Exists(seats.filter(meeting=OuterRef("pk"), seen_at__gte=before))
        )
        return list(rows.values_list("pk", flat=True)[:limit])

    def later_than(self, meeting: Any) -> Any:
        """The meeting of the same project that came next, or None."""
        rows = self.filter(project=meeting.project_id, began_at__gt=meeting.began_at, ended_at__isnull=False)
        return rows.order_by("began_at").only("pk", "name", "began_at").first()

    def earlier_than(self, meeting: Any) -> Any:
        rows = self.filter(project=meeting.project_id, began_at__lt=meeting.began_at, ended_at__isnull=False)
        return rows.order_by("-began_at").only("pk", "name", "began_at").first()


class AgendaItemQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def _open(self, project: Any) -> Any:
        """The open items of a project. Naming the statuses lets an index leave out what is resolved."""
        items = self.model._meta.get_field("item").related_model.objects
        return items.filter(project=project, status__in=OPEN, closed_at=None)

    def candidates(self, project: Any, since: datetime, today: date) -> tuple[int, list[Any]]:
        """How many items of a project are open, and those that an agenda would take first: so many of each section."""
        items = self._open(project)
        new = items.filter(opened_at__gt=since).exclude(status="observing").order_by("-blocker", "opened_at", "pk")
        watched = items.filter(status="observing").order_by("-blocker", "observing_since", "pk")
        late = models.Case(models.When(due__lt=today, then=0), default=1, output_field=models.IntegerField())
        older = items.filter(opened_at__lte=since).exclude(status="observing")
        older = older.order_by("-blocker", late, "opened_at", "pk")
        returned = new.filter(earlier__isnull=False)
        keys = {pk for part in (returned, new, older, watched) for pk in part.values_list("pk", flat=True)[:CANDIDATES]}
        return items.count(), list(items.filter(pk__in=keys).select_related("group", "earlier"))

    def waiting(self, project: Any, since: datetime) -> dict[str, int]:
        """How many open items each section of an agenda would have. One query."""
        watched, fresh = Q(status="observing"), Q(opened_at__gt=since)
        sections = {
            "came_back": ~watched & fresh & Q(earlier__isnull=False),
            "new": ~watched & fresh & Q(earlier=None),
            "open": ~watched & ~fresh,
            "observing": watched,
        }
        told: dict[str, int] = self._open(project).aggregate(
            **{name: models.Count("pk", filter=which) for name, which in sections.items()}
        )
        return told

    def of_meeting(self, meeting: Any) -> Self:
        """In order, each with its item, the item's group and its owner."""
        return (
            self.filter(meeting=meeting)
            .select_related("item__group", "item__owner", "item__earlier")
            .order_by("position")[:AGENDA]
        )

    def in_order(self, meeting: Any) -> Self:
        return self.filter(meeting=meeting).order_by("position")

    def on(self, meeting: Any, pk: int) -> Any:
        """One item of a meeting's agenda, or None."""
        return self.filter(meeting=meeting, pk=pk).select_related("item__group", "item__project").first()

    def about(self, meeting: Any, item: Any) -> Any:
        return self.filter(meeting=meeting, item=item).first()


class MinuteLineQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def that_stand(self, meeting: Any) -> Self:
        """What was written and not withdrawn, oldest first."""
        return self.filter(meeting=meeting, withdrawn_at=None).order_by("pk")[:LINES]

    def of_meeting(self, meeting: Any, pk: int) -> Self:
        return self.filter(meeting=meeting, pk=pk)


class AttendanceQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def of_meeting(self, meeting: Any) -> Self:
        """Everybody who came, in the order in which they did."""
        return self.filter(meeting=meeting).select_related("user").order_by("came_at", "pk")[:SEATS]

    def seat(self, meeting: Any, user: Any) -> Self:
        return self.filter(meeting=meeting, user=user)


class DutyQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def on(self, project: Any, day: date) -> Any:
        """Who has it that day, or None: of several, whoever was named last."""
        rows = self.filter(Q(until_on__gte=day) | Q(until_on=None), project=project, from_on__lte=day)
        return rows.select_related("user").order_by("-from_on", "-pk").first()

    def from_day(self, project: Any, day: date) -> Self:
        """All that are not over, the earliest first."""
        rows = self.filter(Q(until_on__gte=day) | Q(until_on=None), project=project)
        return rows.select_related("user").order_by("from_on", "pk")[:DUTIES]

    def of_project(self, project: Any, pk: int) -> Self:
        return self.filter(project=project, pk=pk)
