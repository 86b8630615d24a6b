"""Reads for the picture of a lineup: as many rows as it can show, whatever the run holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import BigIntegerField, Count, Exists, ExpressionWrapper, F, Max, Min, OuterRef, Q
from django.db.models.functions import Left

WORDS = 200  # characters of a path that a mark is named by


class StepPicture(models.QuerySet):  # type: ignore[type-arg]
    def reach(self, test: Any) -> tuple[int | None, int | None, int]:
        """First and last time of a test's steps, and how many it has."""
        found = self.filter(test=test).aggregate(low=Min("at_us"), high=Max("at_us"), count=Count("pk"))
        return found["low"], found["high"], found["count"]

    def between(self, test: Any, low: int, high: int, limit: int) -> list[Any]:
        """The test's steps in a stretch of its time, in order."""
        rows = self.filter(test=test, at_us__gte=low, at_us__lte=high).select_related("test")
        return list(rows.order_by("position")[:limit])

    def about(self, test: Any, positions: Iterable[int], each_side: int, marked: int) -> list[Any]:
        """The steps around some of them, and the first that failed: what a verdict turns on."""
        near = Q(mark="fail")
        for position in positions:
            near |= Q(position__gte=position - each_side, position__lte=position + each_side)
        rows = self.filter(near, test=test).select_related("test").order_by("position")
        return list(rows[: marked + 2 * (2 * each_side + 1)])

    def slices(self, test: Any, low: int, high: int, *, slices: int, apart_from: Iterable[int]) -> list[Any]:
        """The test's steps in a stretch of its time, counted."""
        size = max(1, (high - low) // slices)
        slot = ExpressionWrapper((F("at_us") - low) / size, output_field=BigIntegerField())
        rows = self.filter(test=test, at_us__gte=low, at_us__lte=high).exclude(position__in=list(apart_from))
        counted = rows.annotate(slot=slot).values("slot")
        found = counted.annotate(low=Min("at_us"), high=Max("at_us"), count=Count("pk"), first=Min("position"))
        return list(found.order_by("slot"))

    def from_number(self, test: Any, n: int, limit: int) -> list[Any]:
        """The test's steps from its n-th on."""
        return list(self.filter(test=test, n__gte=n).select_related("test").order_by("n", "position")[:limit])


class ServedPicture(models.QuerySet):  # type: ignore[type-arg]
    def traffic(
        self,
        run: Any,
        low: int,
        high: int,
        *,
        slices: int,
        apart_from: Iterable[int] = (),
        asked_by: Any = None,
    ) -> list[Any]:
        """Requests in a window of server time, counted by process and slice; a slice's first is named.

        `asked_by`: a test, to count which of them its steps most likely made.
        """
        size = max(1, (high - low) // slices)
        slot = ExpressionWrapper((F("low_us") - low) / size, output_field=BigIntegerField())
        rows = self.filter(run=run, high_us__gte=low, low_us__lte=high).exclude(position__in=list(apart_from))
        counts: dict[str, Any] = {"errors": Count("pk", filter=Q(error=True))}
        if asked_by is not None:
            matches = self.model._meta.get_field("matches").related_model.objects
            rows = rows.annotate(asked=Exists(matches.filter(served=OuterRef("pk"), rank=0, step__test=asked_by)))
            counts["own"] = Count("pk", filter=Q(asked=True))
        return list(
            rows.annotate(slot=slot, short=Left("path", WORDS))
            .values("process__position", "slot")
            .annotate(
                low=Min("low_us"),
                high=Max("high_us"),
                count=Count("pk"),
                first=Min("position"),
                verb=Min("method"),
                where=Min("short"),
                answer=Min("status"),
                **counts,
            )
            .order_by("process__position", "slot")
        )
