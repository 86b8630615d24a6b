"""Reads of the work on runs: what waits, what is stale, what has to be read again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Count, F, Q, Sum

IN_WORK = ("queued", "processing")


class RunWork(models.QuerySet):  # type: ignore[type-arg]
    def by_id(self, run_id: object) -> Self:
        return self.filter(pk=run_id)

    def by_ids(self, run_ids: list[Any]) -> Self:
        return self.filter(pk__in=run_ids)

    def with_project(self, run_id: object) -> Any:
        """The run, or None where it is gone (deleted while its task waited in the queue)."""
        return self.select_related("project").filter(pk=run_id).first()

    def locked(self, run_id: object) -> Any:
        return self.select_for_update(no_key=True).filter(pk=run_id).first()

    def overdue(self, now: datetime, *, queued_for: timedelta, silent_for: timedelta, limit: int) -> Self:
        """Runs that nobody seems to work on: long in the queue, or in work without a sign of life. Oldest first."""
        waiting = Q(status="queued", touched_at__lt=now - queued_for)
        silent = Q(status="processing", touched_at__lt=now - silent_for)
        return self.filter(waiting | silent, status__in=IN_WORK).order_by("touched_at")[:limit]

    def known_size(self, run_id: object) -> int:
        """Unpacked bytes of a run that waits for a larger queue than its files' size told; 0 for all others."""
        return int(self.filter(pk=run_id, status="queued").values_list("total", flat=True).first() or 0)

    def unread(self) -> Self:
        return self.filter(read_revision__lt=F("revision"))

    def received_before(self, project: Any, day: date) -> Self:
        """Finished runs of a project whose lines are still there, oldest first."""
        rows = self.filter(project=project, received_on__lt=day, lines_gone_at=None)
        return rows.exclude(status__in=IN_WORK).order_by("received_on")


class PartWork(models.QuerySet):  # type: ignore[type-arg]
    def by_id(self, part_id: int) -> Self:
        return self.filter(pk=part_id)

    def by_ids(self, part_ids: list[int]) -> Self:
        return self.filter(pk__in=part_ids)

    def locked(self, part_id: int) -> Any:
        return self.select_for_update(of=("self",)).select_related("run__project").get(pk=part_id)

    def of_run_in_order(self, run_id: object) -> Self:
        return self.select_related("run__project").filter(run_id=run_id).order_by("position")

    def not_divided(self, run_id: object) -> Self:
        """Uploaded parts that wait to be read, which may hold several logs each."""
        return self.of_run_in_order(run_id).filter(state="stored", parent=None)

    def pieces_of_others(self, part: Any) -> tuple[int, int]:
        """(how many pieces the other parts of its run have, bytes that those taken out of archives have)."""
        others = self.filter(run_id=part.run_id).exclude(parent=None).exclude(parent=part)
        taken_out = Sum("size", filter=Q(piece__has_key="member"))
        found = others.aggregate(count=Count("pk"), size=taken_out)
        return int(found["count"]), int(found["size"] or 0)

    def with_rows(self, run_id: object) -> Any:
        """The keys of a run's parts that have rows."""
        return self.filter(run_id=run_id, kept__gt=0).values_list("pk", flat=True)

    def size_of_run(self, run_id: object) -> int:
        """Bytes of all its parts as they were uploaded."""
        return int(self.filter(run_id=run_id, parent=None).aggregate(size=Sum("size"))["size"] or 0)
