"""Reads of the HTTP API: one project's runs, newest first, and what a run's document needs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q


class RunAnswers(models.QuerySet):  # type: ignore[type-arg]
    def of_project(self, project_id: int) -> Self:
        return self.filter(project_id=project_id)

    def asked(self, *, branch: str | None, status: str | None, verdict: str | None, since: datetime | None) -> Self:
        """Runs that meet every condition given; `verdict` is met by one failing test with it."""
        runs = self
        if branch is not None:
            runs = runs.filter(branch=branch)
        if status is not None:
            runs = runs.filter(status=status)
        if since is not None:
            runs = runs.filter(received_at__gte=since)
        if verdict is not None:
            verdicts = self.model._meta.get_field("verdicts").related_model.objects
            runs = runs.filter(Exists(verdicts.filter(run=OuterRef("pk"), kind=verdict)))
        return runs

    def newest_after(self, place: tuple[datetime, uuid.UUID] | None) -> Self:
        """Newest first, from just after a place: runs that arrive between two pages move nobody to the next."""
        runs = self.order_by("-received_at", "-id")
        if place is None:
            return runs
        at, run_id = place
        return runs.filter(Q(received_at__lt=at) | Q(received_at=at, id__lt=run_id), received_at__lte=at)


class TestAnswers(models.QuerySet):  # type: ignore[type-arg]
    def named(self, run_id: object, nodeid: str) -> Any:
        """The first test of that name in a run, or None."""
        return self.filter(run_id=run_id, nodeid=nodeid).order_by("position").first()


class StepAnswers(models.QuerySet):  # type: ignore[type-arg]
    def of_test_with_servers(self, test_id: int) -> Self:
        """A test's steps in order, each with its matches, best first, and the processes behind them."""
        return self.filter(test_id=test_id).order_by("position").prefetch_related("matches__served__process")


class VerdictAnswers(models.QuerySet):  # type: ignore[type-arg]
    def of_run_with_tests(self, run_id: object) -> Self:
        """A run's verdicts in the order of its tests; a test's long traceback is left in the database."""
        return self.select_related("test").defer("test__detail").filter(run_id=run_id).order_by("test__position")

    def counted(self, run_ids: Iterable[object]) -> dict[Any, dict[str, int]]:
        """How many verdicts of each kind every one of these runs has."""
        found: dict[Any, dict[str, int]] = {}
        rows = (
            self.filter(run_id__in=list(run_ids)).values_list("run_id", "kind").annotate(Count("pk")).order_by("kind")
        )
        for run_id, kind, count in rows:
            found.setdefault(run_id, {})[kind] = count
        return found


class PartAnswers(models.QuerySet):  # type: ignore[type-arg]
    def identities(self) -> list[Any]:
        """What makes a part the same as another: (position, side, name, sha256, parent_id) of each."""
        return list(self.values_list("position", "side", "name", "sha256", "parent_id", named=True))
