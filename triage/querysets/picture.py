"""Reads for the picture of a lineup: as many rows as it can show, whatever the run holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Max, Min, Q

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


class Slice(NamedTuple):
    """Requests of one process in a stretch of time; what was asked and answered, where it is a single one."""

    process: int  # its position
    low: int
    high: int
    count: int
    errors: int
    own: int
    first: int  # position of the first of them
    verb: str | None
    where: str | None
    answer: int | None


# Counted first, named afterwards: words cost more than numbers, and most slices hold more than one request.
_TRAFFIC = f"""
    SELECT process.position, slice.low, slice.high, slice.count, slice.errors, slice.own, slice.first,
        one.method, one.path, one.status
    FROM (
        SELECT process_id, (low_us - %(low)s) / %(size)s AS slot, min(low_us) AS low, max(high_us) AS high,
            count(*) AS count, count(*) FILTER (WHERE error) AS errors, {{own}} AS own, min(position) AS first
        FROM triage_served
        WHERE run_id = %(run)s AND high_us >= %(low)s AND low_us <= %(high)s AND position <> ALL(%(apart)s::int[])
        GROUP BY 1, 2
    ) AS slice
    JOIN triage_process AS process ON process.id = slice.process_id AND process.run_id = %(run)s
    LEFT JOIN LATERAL (
        SELECT method, left(path, {WORDS}) AS path, status FROM triage_served
        WHERE slice.count = 1 AND run_id = %(run)s AND position = slice.first OFFSET 0
    ) AS one ON true
    ORDER BY 1, slice.slot
"""  # noqa: S608  # nothing but a number of our own is put into it
_OWN = """count(*) FILTER (WHERE id IN (
            SELECT tied.served_id FROM triage_match AS tied JOIN triage_step AS step ON step.id = tied.step_id
            WHERE tied.rank = 0 AND step.test_id = %(test)s
        ))"""


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
    ) -> list[Slice]:
        """Requests in a window of server time, counted by process and slice; a slice's first is named.

        `asked_by`: a test, to count which of them its steps most likely made.
        """
        given = {
            "run": run.pk, "low": low, "high": high, "size": max(1, (high - low) // slices),
            "apart": list(apart_from), "test": asked_by.pk if asked_by is not None else None,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_TRAFFIC.format(own=_OWN if asked_by is not None else "0"), given)
            return [Slice(*row) for row in cursor.fetchall()]
