"""Reads that only pages need: what a person may see, and in which slices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.db import connection, models
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncHour

SPAN_LIMIT = 5_000  # tests that one picture looks at
STEP_LIMIT = 600  # steps of one test that one page shows
BRANCH_LIMIT = 60
LATELY = 500  # newest runs whose branches a filter offers, and whose parts are looked at for problems
SOURCES = 60  # tokens and people that one page lists
HOURS = 5_000  # rows of arrivals: a source and an hour each
LISTED = (
    "name", "run_key", "branch", "commit", "received_at", "status", "error", "analysed_revision", "tests_total",
    "tests_passed", "tests_failed", "tests_error",
)  # fmt: skip  # of a run, in a list
REGULAR = 6  # deliveries that make a source one that delivers regularly


def _runs() -> Any:
    return apps.get_model("triage", "Run").objects


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

    def is_sandbox_of(self, user: Any, project: Any) -> bool:
        """True where the person leads the project as a member: being a superuser makes no sandbox one's own."""
        return self.filter(pk=project.pk, memberships__user=user, memberships__role="admin").exists()

    def is_triaged_by(self, user: Any, project: Any) -> bool:
        """True where the person may judge verdicts and mark experiments."""
        rows = self.filter(pk=project.pk, memberships__user=user, memberships__role__in=("triager", "admin"))
        return user.is_superuser or rows.exists()


class TokenPages(models.QuerySet):  # type: ignore[type-arg]
    def in_use(self, project: Any) -> Self:
        return self.filter(project=project, revoked_at=None).order_by("-created_at", "-pk")

    def by_key(self, key: int) -> Self:
        return self.filter(pk=key)

    def delivering(self, project: Any, since: datetime) -> Self:
        """Tokens in use that may upload, and revoked ones that delivered since then; each with its newest run."""
        runs = _runs().filter(token=OuterRef("pk")).order_by("-received_at")
        rows = self.filter(project=project).annotate(
            run=Subquery(runs.values("pk")[:1]),
            delivered_at=Subquery(runs.values("received_at")[:1]),
            regular_from=Subquery(runs.values("received_at")[REGULAR - 1 : REGULAR]),  # None: fewer than REGULAR runs
        )
        uploading = Q(revoked_at=None, scopes__contains="upload") | Q(delivered_at__gte=since)
        return rows.filter(uploading).order_by(F("delivered_at").desc(nulls_last=True), "-created_at")[:SOURCES]


class RunPages(models.QuerySet):  # type: ignore[type-arg]
    def seen_as(self, user: Any, run_id: Any) -> Any:
        """The run with its project, or None where there is none that this person may know of."""
        rows = self.select_related("project").filter(pk=run_id)
        return (rows if user.is_superuser else rows.filter(project__memberships__user=user)).first()

    def narrowed(
        self,
        *,
        branch: str = "",
        status: str = "",
        verdict: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Self:
        rows = self.filter(branch=branch) if branch else self
        rows = rows.filter(received_at__gte=since) if since is not None else rows
        rows = rows.filter(received_at__lt=until) if until is not None else rows
        if status == "failing":
            rows = rows.filter(Q(tests_failed__gt=0) | Q(tests_error__gt=0) | Q(status="failed"))
        elif status == "passing":
            rows = rows.filter(status="ready", tests_failed=0, tests_error=0, tests_total__gt=0)
        elif status:
            rows = rows.filter(status=status)
        if verdict:
            verdicts = apps.get_model("triage", "Verdict").objects.filter(run=OuterRef("pk"), kind=verdict)
            rows = rows.filter(Exists(verdicts))
        return rows

    def page_after(self, cursor: tuple[datetime, Any] | None, size: int) -> list[Any]:
        """The newest runs older than the cursor, one more than a page holds, so that its end is known."""
        rows = self.order_by("-received_at", "-id")
        if cursor is not None:
            at, pk = cursor
            rows = rows.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=pk))
        return list(rows.only(*LISTED)[: size + 1])

    def branches(self, project: Any) -> list[str]:
        """Of the newest runs, the branch of the newest first."""
        newest = self.filter(project=project).order_by("-received_at", "-id").values_list("branch", flat=True)[:LATELY]
        return list(dict.fromkeys(branch for branch in newest if branch))[:BRANCH_LIMIT]

    def newest_evidence(self, project: Any) -> datetime | None:
        return self.filter(project=project).aggregate(at=Max("changed_at"))["at"]

    def newest_states(self, project: Any, count: int) -> list[Any]:
        """What tells whether the newest runs changed, as cheaply as can be."""
        rows = self.filter(project=project).order_by("-received_at", "-id")
        return list(rows.values_list("pk", "status", "revision", "analysed_revision", "changed_at")[:count])

    def arrival_hours(self, project: Any, since: datetime) -> list[datetime]:
        """The hours in which a run came, the newest first."""
        rows = self.filter(project=project, received_at__gte=since).annotate(hour=TruncHour("received_at"))
        return list(rows.values_list("hour", flat=True).distinct().order_by("-hour")[:HOURS])

    def hours(self, project: Any, since: datetime) -> list[Any]:
        """In which hours each source delivered, and how many runs: {"token", "dropped_by", "hour", "count"}."""
        rows = self.filter(project=project, received_at__gte=since).annotate(hour=TruncHour("received_at"))
        named = rows.values("token", "dropped_by", "hour").annotate(count=Count("pk"))
        return list(named.order_by("-hour")[:HOURS])

    def dropped(self, project: Any) -> list[Any]:
        """The newest run that each person dropped, the newest first."""
        rows = self.filter(project=project, dropped_by__isnull=False).select_related("dropped_by")
        newest = rows.order_by("dropped_by", "-received_at").distinct("dropped_by")[:SOURCES]
        return sorted(newest, key=lambda run: run.received_at, reverse=True)


class PartPages(models.QuerySet):  # type: ignore[type-arg]
    def in_order(self, run: Any) -> Self:
        """Each part with its pieces behind it."""
        return self.filter(run=run).order_by(Coalesce("parent__position", "position"), "position")

    def problems_lately(self, project: Any) -> list[Any]:
        """The newest unreadable part of each source, of the newest runs."""
        newest = _runs().filter(project=project).order_by("-received_at", "-id").values("pk")[:LATELY]
        rows = self.filter(run__in=newest, state="unreadable").select_related("run")
        order = ("run__token", "run__dropped_by", "-run__received_at", "position")
        return list(rows.order_by(*order).distinct("run__token", "run__dropped_by")[:SOURCES])


class TestPages(models.QuerySet):  # type: ignore[type-arg]
    def spans(self, run: Any) -> list[Any]:
        rows = self.filter(run=run, started_us__isnull=False).order_by("position")
        return list(rows.values("position", "nodeid", "outcome", "started_us", "stopped_us", "worker")[:SPAN_LIMIT])


# Steps are counted by the keys of their tests: grouped by the tests' names they would be sorted by them.
_SPAN = ("position", "nodeid", "outcome", "worker", "started_us", "stopped_us")
_SPANS = f"""
    SELECT test.position, test.nodeid, test.outcome, test.worker, timed.low, timed.high
    FROM (
        SELECT test_id, min(at_us) AS low, max(at_us) AS high FROM triage_step
        WHERE run_id = %(run)s AND at_us IS NOT NULL AND test_id IS NOT NULL GROUP BY test_id
    ) AS timed JOIN triage_test AS test ON test.id = timed.test_id AND test.run_id = %(run)s
    ORDER BY test.position LIMIT {SPAN_LIMIT}
"""  # noqa: S608  # nothing but a number of our own is put into it


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
        with connection.cursor() as cursor:
            cursor.execute(_SPANS, {"run": run.pk})
            return [dict(zip(_SPAN, row, strict=True)) for row in cursor.fetchall()]

    def span(self, run: Any) -> tuple[int | None, int | None]:
        found = self.filter(run=run).aggregate(low=Min("at_us"), high=Max("at_us"))
        return found["low"], found["high"]

    def nearest(self, run: Any, us: int) -> Any:
        later = self.filter(run=run, at_us__gte=us).select_related("part", "test").order_by("at_us", "position").first()
        if later is not None:
            return later
        return self.filter(run=run).select_related("part", "test").order_by("-position").first()
