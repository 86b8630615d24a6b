"""Reads of history that only pages need: lists with their filters, and pages after a cursor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import TruncDay, TruncWeek

from triage.querysets.item_pages import GroupItems

RATED = 1_000  # newest occasions of a test that a rate over time looks at
OCCURRENCE = (
    "run_id", "test", "at", "kind", "confidence", "run__name", "run__run_key", "run__branch", "run__experiment",
)  # fmt: skip  # of an occasion, in a list of them
OVERRULED = 50  # overruled verdicts that one page lists


class GroupPages(GroupItems):  # type: ignore[type-arg]
    def narrowed(self, *, kind: str = "", level: str = "", named: str = "") -> Self:
        """Groups that meet every condition given; `named` is a part of the test's name, in any case."""
        rows = self.filter(kind=kind) if kind else self
        rows = rows.filter(level=level) if level else rows
        return rows.filter(test__icontains=named) if named else rows

    def newest_after(self, place: tuple[datetime, int] | None, size: int) -> list[Any]:
        """The last seen first, one more than a page holds, so that its end is known."""
        rows = self.order_by("-last_seen", "-pk")
        if place is not None:
            at, pk = place
            rows = rows.filter(Q(last_seen__lt=at) | Q(last_seen=at, pk__lt=pk))
        return list(rows[: size + 1])

    def most_frequent_after(self, place: tuple[int, int] | None, size: int) -> list[Any]:
        """The most frequent first, in the same way."""
        rows = self.order_by("-occurrences", "-pk")
        if place is not None:
            count, pk = place
            rows = rows.filter(Q(occurrences__lt=count) | Q(occurrences=count, pk__lt=pk))
        return list(rows[: size + 1])


class OccasionPages(models.QuerySet):  # type: ignore[type-arg]
    def of_failure(self, run: Any, test_key: int) -> Any:
        """One failure with its group, or None where history does not know it."""
        return self.filter(run=run, test_key=test_key, failed=True).select_related("group").defer("trace").first()

    def occurrences_after(self, group: Any, place: tuple[datetime, int] | None, size: int) -> list[Any]:
        """A group's occurrences, newest first, each with what its run is called; one more than a page holds."""
        rows = self.filter(group=group).select_related("run").only(*OCCURRENCE).order_by("-at", "-pk")
        if place is not None:
            at, pk = place
            rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
        return list(rows[: size + 1])

    def ends_of(self, group: Any) -> tuple[Any, Any]:
        """A group's first and newest occurrence that are kept; None for both where none is."""
        rows = self.filter(group=group).only("run_id", "test")
        return rows.order_by("at", "pk").first(), rows.order_by("-at", "-pk").first()

    def rate_by(self, unit: str, group: Any, since: datetime) -> list[dict[str, Any]]:
        """By day or week in UTC: how many ordinary runs of a group's test there were, and in how many it failed so."""
        test = self.filter(project=group.project_id, test_key=group.test_key, at__gte=since)
        newest = test.order_by("-at").values("pk")[:RATED]
        cut = {"day": TruncDay, "week": TruncWeek}[unit]("at", tzinfo=UTC, output_field=models.DateField())
        rows = self.filter(pk__in=newest, run__experiment="").order_by().annotate(bucket=cut).values("bucket")
        return list(rows.annotate(total=Count("pk"), failed=Count("pk", filter=Q(group=group))))


class JudgementPages(models.QuerySet):  # type: ignore[type-arg]
    def standing(self) -> Self:
        """Without what was taken back, and without the rows that take it back."""
        return self.filter(withdraws=None, withdrawn_by=None)

    def overruled(self, project: Any) -> list[Any]:
        """The judgements that count and say that Lineup was wrong, newest first."""
        newest = self.filter(project=project).standing().order_by("target", "-pk").distinct("target").values("pk")
        rows = self.filter(pk__in=newest, accepted=False).select_related("run", "group")
        return list(rows.order_by("-pk")[:OVERRULED])
