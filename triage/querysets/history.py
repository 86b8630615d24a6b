"""Reads of what many runs say together: groups, occasions, changes of verdicts, judgements."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, Self

from django.db import connection, models
from django.db.models import Avg, Count, F, Max, Min, Q
from django.db.models.functions import Floor, Least, TruncMonth

from triage.querysets.history_pages import GroupPages, JudgementPages, OccasionPages
from triage.querysets.search import GroupSearch

HISTORY = 300  # newest occasions of a test that one look-up gives
OCCURRENCES = 50  # newest occurrences of a group whose verdicts history may change
BUCKETS = 10


class FailureGroupQuerySet(GroupPages, GroupSearch):  # type: ignore[type-arg]
    def of_project(self, project: Any) -> Self:
        """The groups that have happened, the newest first. Takes a project or its key."""
        return self.filter(project=project, occurrences__gt=0).order_by("-last_seen", "-pk")

    def asked(self, *, kind: str = "", level: str = "", status: str = "", test: str = "") -> Self:
        """Those that meet every condition given."""
        given = {"kind": kind, "level": level, "status": status, "test": test}
        return self.filter(**{name: value for name, value in given.items() if value})

    def page_after(self, place: tuple[datetime, int] | None, size: int) -> list[Any]:
        """From just after a place, one more than a page holds, so that its end is known."""
        rows = self.select_related("newest_run")
        if place is not None:
            at, pk = place
            rows = rows.filter(Q(last_seen__lt=at) | Q(last_seen=at, pk__lt=pk), last_seen__lte=at)
        return list(rows[: size + 1])

    def seen_as(self, user: Any, pk: int) -> Any:
        """The group with its project, or None where there is none that this person may know of."""
        rows = self.select_related("project").filter(pk=pk)
        return (rows if user.is_superuser else rows.filter(project__memberships__user=user)).first()

    def by_key(self, project: Any, pk: int) -> Any:
        """The group of that key, or None where this project has none such."""
        return self.select_related("project", "newest_run").filter(project=project, pk=pk).first()

    def with_keys(self, project: Any, keys: Iterable[str]) -> Self:
        return self.filter(project=project, key__in=list(keys))

    def of_tests(self, project: Any, test_keys: Iterable[int]) -> Self:
        """The groups of these tests, those first that were not weighed for longest."""
        return self.filter(project=project, test_key__in=list(test_keys), occurrences__gt=0).in_turn()

    def in_turn(self) -> Self:
        """Those first that were not weighed for longest."""
        return self.order_by(F("weighed_at").asc(nulls_first=True), "pk")

    def of_run(self, run: Any) -> Self:
        """The groups that a run's failures belong to."""
        return self.filter(occasions__run=run, occasions__failed=True)

    def by_ids(self, keys: Iterable[int]) -> Self:
        return self.filter(pk__in=list(keys))

    def apart_from(self, keys: Iterable[int]) -> Self:
        return self.exclude(pk__in=list(keys))


class Remembered(NamedTuple):
    """An occasion as weighing needs it."""

    test_key: int
    run_id: uuid.UUID
    group_id: int | None
    group_key: str | None
    test: str
    at: datetime
    failed: bool
    kind: str
    confidence: float
    side: str
    mechanism: str
    pair_write: str
    pair_read: str
    trace: Any
    experiment: str
    branch: str


# Each run and group is found by its key: the planner would rather read all runs than trust that they are few.
REMEMBERED = """
    SELECT asked.key, one.run_id, one.group_id, (SELECT key FROM triage_failuregroup WHERE id = one.group_id), one.test,
        one.at, one.failed, one.kind, one.confidence, one.side, one.mechanism, one.pair_write, one.pair_read, one.trace,
        run.experiment, run.branch
    FROM unnest(%s::bigint[]) AS asked(key)
    CROSS JOIN LATERAL (
        SELECT * FROM triage_occasion WHERE project_id = %s AND test_key = asked.key ORDER BY at DESC LIMIT %s
    ) AS one
    CROSS JOIN LATERAL (SELECT experiment, branch FROM triage_run WHERE id = one.run_id OFFSET 0) AS run
    ORDER BY asked.key, one.at DESC
"""


class OccasionQuerySet(OccasionPages):  # type: ignore[type-arg]
    def of_test(self, project: Any, test_key: int, limit: int = HISTORY) -> Self:
        """A test's newest occasions, each with what its run was."""
        rows = self.filter(project=project, test_key=test_key).order_by("-at")[:limit]
        return rows.select_related("run", "group").only(
            "run__experiment", "run__branch", "run__run_key", "run__name", "group__key",
            "at", "failed", "kind", "confidence", "side", "mechanism", "pair_write", "pair_read", "trace", "test",
            "test_key", "project_id",
        )  # fmt: skip

    def remembered(self, project_id: int, test_keys: Iterable[int], limit: int = HISTORY) -> list[Remembered]:
        """The newest occasions of each of these tests, newest first. Plain rows: models cost more than finding."""
        with connection.cursor() as cursor:
            cursor.execute(REMEMBERED, [list(test_keys), project_id, limit])
            return [Remembered(*row) for row in cursor.fetchall()]

    def of_group(self, group: Any, limit: int = OCCURRENCES) -> Self:
        """A group's newest occurrences, each with its run; without their traces."""
        return self.filter(group=group).order_by("-at").select_related("run").defer("trace")[:limit]

    def of_run(self, run: Any) -> Self:
        return self.filter(run=run)

    def keys_of_run(self, run_id: object) -> list[int]:
        """The test keys of all that ran."""
        return list(self.filter(run_id=run_id).values_list("test_key", flat=True))

    def groups_of_run(self, run_id: object) -> list[int]:
        """The keys of the groups that its failures belong to."""
        return list(self.filter(run_id=run_id, group__isnull=False).values_list("group_id", flat=True))

    def group_of(self, run: Any, test_key: int) -> Any:
        """The group that a test's failure in a run belongs to, or None."""
        row = self.filter(run=run, test_key=test_key).select_related("group").defer("trace").first()
        return row.group if row is not None else None

    def failures_of_run(self, run: Any) -> Self:
        return self.filter(run=run, failed=True).select_related("group").defer("trace")

    def spans_of(self, groups: Iterable[int]) -> dict[int, dict[str, Any]]:
        """By group: how many occurrences are kept, and when the first and the last of them were."""
        rows = (
            self.filter(group__in=list(groups)).values("group").annotate(n=Count("pk"), first=Min("at"), last=Max("at"))
        )
        return {row["group"]: row for row in rows}


class VerdictChangeQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def of_run(self, run: Any) -> Self:
        """The changes of a run's verdicts, oldest first."""
        return self.filter(run=run).order_by("pk")

    def of_project(self, project: Any) -> Self:
        """The changes of all its verdicts, oldest first."""
        return self.filter(run__project=project).order_by("pk")

    def of_verdict(self, run: Any, test_key: int) -> Self:
        return self.filter(run=run, test_key=test_key).order_by("pk")

    def of_group(self, group: Any, limit: int = 100) -> Self:
        """The newest changes of a group's verdicts, newest first, each with its run."""
        return self.filter(group=group).select_related("run").order_by("-pk")[:limit]

    def after(self, pk: int) -> Self:
        return self.filter(pk__gt=pk)

    def newest_key(self) -> int:
        return int(self.aggregate(key=Max("pk"))["key"] or 0)


class JudgementQuerySet(JudgementPages):  # type: ignore[type-arg]
    def of_project(self, project: Any) -> Self:
        """All of them, newest first, what was taken back too."""
        return self.filter(project=project).select_related("group", "run").order_by("-pk")

    def of_group(self, group: Any) -> Self:
        """What was said of a group or of one of its occurrences and was not taken back, newest first."""
        return self.filter(group=group).standing().select_related("run").order_by("-pk")

    def of_run(self, run: Any) -> Self:
        """What was said of its verdicts and was not taken back, newest first."""
        return self.filter(run=run).standing().order_by("-pk")

    def about(self, project: Any, target: str) -> Self:
        """What was said of one target and was not taken back, newest first: the first one counts."""
        return self.filter(project=project, target=target).standing().order_by("-pk")

    def that_count(self, project: Any, since: datetime | None = None) -> Self:
        """The newest judgement of each target that was not taken back; `since` leaves out what was judged before."""
        newest = self.filter(project=project).standing().order_by("target", "-pk").distinct("target").values("pk")
        rows = self.filter(pk__in=newest)
        return rows if since is None else rows.filter(at__gte=since)

    def accuracy(self, project: Any, since: datetime | None = None) -> list[dict[str, Any]]:
        """Per kind and level that Lineup gave: judged, right and wrong."""
        rows = self.that_count(project, since).order_by().values("was_kind", "was_level")
        return list(rows.annotate(**_COUNTS).order_by("was_kind", "was_level"))

    def accuracy_by_month(self, project: Any, since: datetime | None = None) -> list[dict[str, Any]]:
        """Per month of the judgement: judged, right and wrong, oldest first."""
        rows = self.that_count(project, since).order_by().annotate(month=TruncMonth("at")).values("month")
        return list(rows.annotate(**_COUNTS).order_by("month"))

    def calibration(self, project: Any, since: datetime | None = None) -> list[dict[str, Any]]:
        """Per tenth of confidence: judged, right and wrong, and the mean confidence that Lineup gave."""
        tenth = Least(Floor(F("was_confidence") * BUCKETS), BUCKETS - 1, output_field=models.IntegerField())
        rows = self.that_count(project, since).order_by().annotate(tenth=tenth).values("tenth")
        return list(rows.annotate(confidence=Avg("was_confidence"), **_COUNTS).order_by("tenth"))

    def mistaken_for(self, project: Any, since: datetime | None = None) -> list[dict[str, Any]]:
        """Of the wrong ones: what Lineup said, what it was, and how often."""
        rows = self.that_count(project, since).filter(accepted=False).order_by().values("was_kind", "kind")
        return list(rows.annotate(count=Count("pk")).order_by("-count", "was_kind", "kind"))


_COUNTS = {
    "judged": Count("pk"),
    "right": Count("pk", filter=Q(accepted=True)),
    "wrong": Count("pk", filter=Q(accepted=False)),
}


class ReanalysisQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def unfinished(self) -> Any:
        """The newest one that was not finished, or None."""
        return self.filter(finished_at=None).order_by("-pk").select_related("project").first()

    def by_key(self, pk: int) -> Self:
        return self.filter(pk=pk)


class RunHistory(models.QuerySet):  # type: ignore[type-arg]
    def with_weighing(self) -> Self:
        """With `weighed_at`: when a group of the run's failures was weighed last."""
        occasions = self.model._meta.get_field("occasions").related_model.objects
        groups = occasions.filter(run=models.OuterRef("pk"), group__isnull=False).order_by().values("run")
        return self.annotate(weighed_at=models.Subquery(groups.annotate(at=Max("group__weighed_at")).values("at")))

    def held_where_free(self, run_ids: Iterable[Any]) -> list[Any]:
        """The keys of those runs whose rows nobody holds; held from now on until the transaction ends."""
        rows = self.filter(pk__in=list(run_ids)).order_by("pk").select_for_update(no_key=True, skip_locked=True)
        return list(rows.values_list("pk", flat=True))


class VerdictHistory(models.QuerySet):  # type: ignore[type-arg]
    def named_in(self, run_ids: Iterable[Any]) -> list[Any]:
        """Of all verdicts of these runs: pk, run_id, nodeid, kind, level, weighed_at."""
        rows = self.filter(run_id__in=list(run_ids)).annotate(nodeid=F("test__nodeid"))
        return list(rows.values_list("pk", "run_id", "nodeid", "kind", "level", "weighed_at", named=True))

    def on(self, run_id: object, test: str) -> Any:
        """The verdict on the first test of that name in a run, or None."""
        rows = self.filter(run_id=run_id, test__nodeid=test).select_related("test").defer("test__detail")
        return rows.order_by("test__position").first()

    def all_of_run(self, run_id: object) -> Self:
        return self.filter(run_id=run_id).select_related("test").defer("test__detail")


class RunReanalysis(models.QuerySet):  # type: ignore[type-arg]
    def decided_before(self, version: int, project: Any, since: Any, after: tuple[datetime, uuid.UUID] | None) -> Self:
        """Runs that an older version of the analysis decided, oldest first, from just after a place."""
        rows = self.filter(status="ready", core_version__lt=version, analysed_revision__gt=0)
        if project is not None:
            rows = rows.filter(project=project)
        if since is not None:
            rows = rows.filter(received_on__gte=since)
        if after is not None:
            at, pk = after
            rows = rows.filter(Q(received_at__gt=at) | Q(received_at=at, pk__gt=pk), received_at__gte=at)
        return rows.order_by("received_at", "pk")
