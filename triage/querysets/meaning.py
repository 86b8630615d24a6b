"""Reads of processes, served requests, matches and verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Case, Count, ExpressionWrapper, F, Max, Min, Value, When
from django.db.models.functions import Abs, TruncDate

from triage.querysets.answers import VerdictAnswers
from triage.querysets.history import VerdictHistory
from triage.querysets.picture import ServedPicture
from triage.querysets.search import ServedSearch

# Which verdict of a run is named first, where one has to stand for all.
KINDS_BY_WEIGHT = (
    "split_state", "lost_state", "server_error", "server_unavailable", "consistent_failure", "test_error",
    "unexplained",
)  # fmt: skip
WEIGHT = Case(
    *(When(kind=kind, then=Value(place)) for place, kind in enumerate(KINDS_BY_WEIGHT)),
    default=Value(len(KINDS_BY_WEIGHT)),
    output_field=models.IntegerField(),
)
PROCESS_LIMIT = 2_000  # processes that one page looks at


class ProcessQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def in_order(self, run: Any) -> Self:
        return self.filter(run=run).order_by("position")[:PROCESS_LIMIT]

    def at_positions(self, run: Any, positions: Iterable[int]) -> Self:
        return self.filter(run=run, position__in=list(positions)).order_by("position")


class ServedQuerySet(ServedPicture, ServedSearch):  # type: ignore[type-arg]
    def at_positions(self, run: Any, positions: Iterable[int]) -> Self:
        return self.filter(run=run, position__in=list(positions)).select_related("process", "part").order_by("position")

    def by_keys(self, keys: Iterable[int]) -> Self:
        return self.filter(pk__in=list(keys)).select_related("process").order_by("position")

    def nearest(self, run: Any, us: int) -> Any:
        """The served request closest to a moment of server time, or None."""
        gap = Abs(ExpressionWrapper(F("low_us") - us, output_field=models.BigIntegerField()))
        return self.filter(run=run).select_related("process", "part").order_by(gap, "position").first()

    def span(self, run: Any) -> tuple[int | None, int | None]:
        found = self.filter(run=run).aggregate(low=Min("low_us"), high=Max("high_us"))
        return found["low"], found["high"]


class MatchQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def of_steps(self, steps: Iterable[int]) -> Self:
        """The three best candidates of each step, with the request and the process that each names."""
        rows = self.filter(step_id__in=list(steps), rank__lt=3)
        return rows.select_related("served", "served__process").order_by("step_id", "rank")

    def steps_of(self, served: Any) -> Self:
        return self.filter(served=served, rank=0).select_related("step").order_by("step__position")


class VerdictQuerySet(VerdictAnswers, VerdictHistory):  # type: ignore[type-arg]
    def weightiest_first(self, run: Any) -> Self:
        return self.filter(run=run).select_related("test").defer("test__detail").order_by(WEIGHT, "test__position")

    def of_test(self, test: Any) -> Self:
        return self.filter(test=test)

    def headlines(self, runs: Iterable[Any]) -> Self:
        """One verdict of each run: the weightiest of its first failing test."""
        rows = self.filter(run_id__in=list(runs)).only("run_id", "kind", "summary", "write", "read")
        return rows.order_by("run_id", WEIGHT, "test__position").distinct("run_id")

    def counts(self, runs: Iterable[Any]) -> list[Any]:
        """How many verdicts of each kind each run has."""
        return list(self.filter(run_id__in=list(runs)).values("run_id", "kind").annotate(count=Count("pk")))

    def groups(self, project: Any, since: datetime, limit: int) -> list[Any]:
        """The same test failing for the same reason, over the runs since then: weightiest, then most frequent first."""
        rows = self.filter(run__project=project, run__received_at__gte=since)
        return list(
            rows.values("kind", "test__nodeid")
            .annotate(weight=WEIGHT, runs=Count("run", distinct=True), last=Max("run__received_at"), newest=Max("pk"))
            .order_by("weight", "-runs", "-last", "test__nodeid")[:limit]
        )

    def by_keys(self, keys: Iterable[int]) -> Self:
        return self.filter(pk__in=list(keys)).select_related("test").defer("test__detail")

    def by_day(self, project: Any, since: datetime) -> list[Any]:
        """How many verdicts of each kind each UTC day brought."""
        rows = self.filter(run__project=project, run__received_at__gte=since)
        days = rows.annotate(day=TruncDate("run__received_at")).values("day", "kind")
        return list(days.annotate(count=Count("pk")).order_by("day", "kind"))
