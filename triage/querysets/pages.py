"""Reads that only pages need: what a person may see, and in which slices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Coalesce

SPAN_LIMIT = 5_000  # tests that one picture looks at
STEP_LIMIT = 600  # steps of one test that one page shows
BRANCH_LIMIT = 60


class ProjectPages(models.QuerySet):  # type: ignore[type-arg]
    def seen_by(self, user: Any) -> Self:
        """The projects that a signed-in person is a member of; all for a superuser."""
        return self.order_by("name") if user.is_superuser else self.filter(memberships__user=user).order_by("name")

    def with_counts(self) -> Self:
        return self.annotate(run_count=Count("runs"), newest=Max("runs__changed_at"))

    def seen_as(self, user: Any, slug: str) -> Any:
        """The project, or None where there is none that this person may know of."""
        return self.seen_by(user).filter(slug=slug).first()

    def is_led_by(self, user: Any, project: Any) -> bool:
        """True where the person may make and revoke the project's tokens."""
        return (
            user.is_superuser or self.filter(pk=project.pk, memberships__user=user, memberships__role="admin").exists()
        )

    def is_triaged_by(self, user: Any, project: Any) -> bool:
        """True where the person may judge verdicts and mark experiments."""
        rows = self.filter(pk=project.pk, memberships__user=user, memberships__role__in=("triager", "admin"))
        return user.is_superuser or rows.exists()


class TokenPages(models.QuerySet):  # type: ignore[type-arg]
    def in_use(self, project: Any) -> Self:
        return self.filter(project=project, revoked_at=None).order_by("-created_at", "-pk")

    def by_key(self, key: int) -> Self:
        return self.filter(pk=key)


class RunPages(models.QuerySet):  # type: ignore[type-arg]
    def seen_as(self, user: Any, run_id: Any) -> Any:
        """The run with its project, or None where there is none that this person may know of."""
        rows = self.select_related("project").filter(pk=run_id)
        return (rows if user.is_superuser else rows.filter(project__memberships__user=user)).first()

    def narrowed(self, *, branch: str = "", status: str = "", verdict: str = "") -> Self:
        rows = self.filter(branch=branch) if branch else self
        if status == "failing":
            rows = rows.filter(Q(tests_failed__gt=0) | Q(tests_error__gt=0) | Q(status="failed"))
        elif status == "passing":
            rows = rows.filter(status="ready", tests_failed=0, tests_error=0, tests_total__gt=0)
        elif status:
            rows = rows.filter(status=status)
        return rows.filter(pk__in=self.model.objects.filter(verdicts__kind=verdict).values("pk")) if verdict else rows

    def page_after(self, cursor: tuple[datetime, Any] | None, size: int) -> list[Any]:
        """The newest runs older than the cursor, one more than a page holds, so that its end is known."""
        rows = self.order_by("-received_at", "-id")
        if cursor is not None:
            at, pk = cursor
            rows = rows.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=pk))
        return list(rows[: size + 1])

    def branches(self, project: Any) -> list[str]:
        rows = self.filter(project=project).exclude(branch="").values("branch").annotate(last=Max("received_at"))
        return [row["branch"] for row in rows.order_by("-last")[:BRANCH_LIMIT]]

    def newest_evidence(self, project: Any) -> datetime | None:
        return self.filter(project=project).aggregate(at=Max("changed_at"))["at"]


class PartPages(models.QuerySet):  # type: ignore[type-arg]
    def in_order(self, run: Any) -> Self:
        """Each part with its pieces behind it."""
        return self.filter(run=run).order_by(Coalesce("parent__position", "position"), "position")


class TestPages(models.QuerySet):  # type: ignore[type-arg]
    def spans(self, run: Any) -> list[Any]:
        rows = self.filter(run=run, started_us__isnull=False).order_by("position")
        return list(rows.values("position", "nodeid", "outcome", "started_us", "stopped_us", "worker")[:SPAN_LIMIT])


class StepPages(models.QuerySet):  # type: ignore[type-arg]
    def of_test(self, test: Any) -> Self:
        return self.filter(test=test).order_by("position")[:STEP_LIMIT]

    def at_positions(self, run: Any, positions: Iterable[int]) -> Self:
        return self.filter(run=run, position__in=list(positions)).select_related("part", "test").order_by("position")

    def around(self, run: Any, part_id: int, line: int, *, each_side: int) -> list[Any]:
        """The steps before and after a line of a tests part, in the order of the file."""
        rows = self.filter(run=run, part_id=part_id)
        above = rows.filter(line__lt=line).order_by("-line", "-position")[:each_side]
        below = rows.filter(line__gte=line).order_by("line", "position")[: each_side + 1]
        return [*reversed(above), *below]

    def spans_of_tests(self, run: Any) -> list[Any]:
        """First and last known time of every test's steps."""
        rows = self.filter(run=run, test__isnull=False, at_us__isnull=False).order_by("test__position")
        named = rows.values("test__position", "test__nodeid", "test__outcome", "test__worker")
        timed = named.annotate(started_us=Min("at_us"), stopped_us=Max("at_us"))[:SPAN_LIMIT]
        return [{name.removeprefix("test__"): value for name, value in row.items()} for row in timed]

    def span(self, run: Any) -> tuple[int | None, int | None]:
        found = self.filter(run=run).aggregate(low=Min("at_us"), high=Max("at_us"))
        return found["low"], found["high"]

    def nearest(self, run: Any, us: int) -> Any:
        later = self.filter(run=run, at_us__gte=us).select_related("part", "test").order_by("at_us", "position").first()
        if later is not None:
            return later
        return self.filter(run=run).select_related("part", "test").order_by("-position").first()
