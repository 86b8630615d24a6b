"""Reads of items in a team's care, decisions, and mentions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, Self

from django.db import connection, models
from django.db.models import Q

from triage.querysets.item_pages import DecisionPages, ItemPages, MentionPages

COUNTED = 2_000  # newest occasions of an item's test that its passes are counted in
FIELDS = (
    "status", "passes_wanted", "observing_since", "closed_at", "owner", "owner_name", "due", "ticket", "blocker",
)  # fmt: skip  # of an item, that decisions change


class Passes(NamedTuple):
    """How the test of an item went in ordinary runs since its fix is watched."""

    passed: int
    failed: int


PASSES = f"""
    SELECT item.id, told.passed, told.failed
    FROM triage_item item
    JOIN triage_failuregroup grouped ON grouped.id = item.group_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE NOT one.failed) AS passed, count(*) FILTER (WHERE one.failed) AS failed
        FROM (
            SELECT run_id, failed FROM triage_occasion
            WHERE project_id = item.project_id AND test_key = grouped.test_key AND at > item.observing_since
            ORDER BY at DESC LIMIT {COUNTED}
        ) AS one
        CROSS JOIN LATERAL (SELECT experiment FROM triage_run WHERE id = one.run_id OFFSET 0) AS run
        WHERE run.experiment = ''
    ) AS told
    WHERE item.id = ANY(%s) AND item.observing_since IS NOT NULL
"""  # noqa: S608  # nothing but a number of our own is put into it


class ItemQuerySet(ItemPages):  # type: ignore[type-arg]
    def of_project(self, project: Any) -> Self:
        return self.filter(project=project)

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def by_key(self, project: Any, pk: int) -> Any:
        """The item of that key, or None where this project has none such."""
        return self.select_related("group", "owner").filter(project=project, pk=pk).first()

    def narrowed(
        self,
        *,
        status: str = "",
        owner: str = "",
        kind: str = "",
        level: str = "",
        named: str = "",
        blocker: bool = False,
        due_before: Any = None,
    ) -> Self:
        """Items that meet every condition given. `owner` is a person's or team's name, `-` for none."""
        given = {"status": status, "group__kind": kind, "group__level": level, "group__test__icontains": named}
        rows = self.filter(**{name: value for name, value in given.items() if value})
        if owner:
            rows = rows.filter(owner_name="") if owner == "-" else rows.filter(owner_name=owner)
        if blocker:
            rows = rows.filter(blocker=True)
        return rows if due_before is None else rows.filter(due__lt=due_before)

    def opened_after(self, place: tuple[datetime, int] | None, size: int) -> list[Any]:
        """The last opened first, each with its group; one more than a page holds, so that its end is known."""
        rows = self.select_related("group").order_by("-opened_at", "-pk")
        if place is not None:
            at, pk = place
            rows = rows.filter(Q(opened_at__lt=at) | Q(opened_at=at, pk__lt=pk), opened_at__lte=at)
        return list(rows[: size + 1])

    def current_of(self, groups: Iterable[Any]) -> dict[int, Any]:
        """By group: its newest item. Takes groups or their keys."""
        keys = [getattr(group, "pk", group) for group in groups]
        rows = self.filter(group__in=keys).select_related("owner").order_by("group_id", "-pk").distinct("group_id")
        return {row.group_id: row for row in rows}

    def held(self, keys: Iterable[int]) -> list[Any]:
        """These items with their groups, their rows held until the transaction ends, always in the same order."""
        rows = self.filter(pk__in=list(keys)).select_related("group")
        return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))

    def watched_in(self, run: Any) -> list[Any]:
        """The items under observation whose test passed in a run, and that wait for so many passes."""
        passed = self.model._meta.get_field("opened_by").related_model._meta.get_field("occasions").related_model
        keys = passed.objects.filter(run=run, failed=False).values("test_key")
        rows = self.filter(project=run.project_id, status="observing", passes_wanted__isnull=False)
        return list(rows.filter(group__test_key__in=keys).order_by("pk"))

    def passes_of(self, keys: Iterable[int]) -> dict[int, Passes]:
        """By item that a fix is watched of. One query; of each test the newest runs only."""
        wanted = list(keys)
        if not wanted:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(PASSES, [wanted])
            return {key: Passes(passed, failed) for key, passed, failed in cursor.fetchall()}


class DecisionQuerySet(DecisionPages):  # type: ignore[type-arg]
    def _told(self) -> Self:
        return self.select_related("user", "undoes", "undone_by", "meeting", "judgement")

    def of_item(self, item: Any) -> Self:
        """All that was decided about an item, the newest first."""
        return self.filter(item=item)._told().order_by("-pk")

    def of_meeting(self, meeting: Any) -> Self:
        """All that was decided in a meeting, in order, each with its item and group."""
        return self.filter(meeting=meeting).select_related("item__group").order_by("pk")

    def undoings(self, items: Iterable[int]) -> dict[int, int]:
        """By decision on one of these items that was undone: the decision that undid it."""
        rows = self.filter(item__in=set(items), undoes__isnull=False)
        return dict(rows.values_list("undoes_id", "pk"))

    def newest_key(self, project: Any) -> int:
        """Grows with every decision; 0 where there is none."""
        return self.filter(project=project).order_by("-pk").values_list("pk", flat=True).first() or 0

    def by_key(self, project: Any, pk: int) -> Any:
        """The decision of that key, or None where this project has none such."""
        return self.select_related("item__group", "meeting").filter(project=project, pk=pk).first()

    def by_keys(self, keys: Iterable[int]) -> Self:
        return self.filter(pk__in=list(keys)).order_by("pk")

    def of_batch(self, decision: Any) -> Self:
        """A decision and all that were taken with it."""
        alone = self.filter(pk=decision.pk)
        rows = alone if decision.batch is None else self.filter(batch=decision.batch, project=decision.project_id)
        return rows.select_related("judgement", "undoes", "undone_by__undone_by").order_by("pk")

    def items_with(self, decision: Any) -> list[int]:
        """The keys of the items that a decision, and those that were taken with it, are about."""
        return [row.item_id for row in self.of_batch(decision)]

    def newest_of(self, items: Iterable[int]) -> dict[int, Any]:
        """By item: what was decided about it last."""
        rows = self.filter(item__in=list(items)).order_by("item_id", "-pk").distinct("item_id")
        return {row.item_id: row for row in rows}

    def that_changed(self, items: Iterable[int], fields: Iterable[str], after: int) -> Self:
        """Later decisions than that key that changed one of these fields of one of these items, the newest first."""
        rows = self.filter(item__in=list(items), pk__gt=after, after__has_any_keys=list(fields))
        return rows.order_by("-pk").only("item_id", "what", "who", "at", "undoes_id", "after")

    def answers(self, item: Any, judgement: Any) -> Any:
        """The decision that this judgement came from, or None."""
        return self.filter(item=item, judgement=judgement, what__in=("accepted", "overruled")).first()

    def failed_again_in(self, items: Iterable[int], run: Any) -> set[int]:
        """Those of the items that are known to have failed again in that run."""
        rows = self.filter(item__in=list(items), what="failed_again", after__run=str(run.pk))
        return set(rows.values_list("item_id", flat=True))

    def settled(self, items: Iterable[int]) -> dict[int, datetime]:
        """By item: when Lineup last resolved it because its test had passed often enough."""
        rows = self.filter(item__in=list(items), what="status", after__has_key="passes").order_by("pk")
        return dict(rows.values_list("item_id", "at"))


class MentionQuerySet(MentionPages):  # type: ignore[type-arg]
    def members_named(self, project: Any, names: Iterable[str]) -> list[Any]:
        """The active members of a project with one of these user names, in any case."""
        people = self.model._meta.get_field("user").related_model.objects
        folded = people.annotate(folded=models.functions.Lower("username")).filter(folded__in=list(names))
        return list(folded.filter(memberships__project=project, is_active=True).order_by("pk"))

    def accounts(self, keys: Iterable[int]) -> set[int]:
        """Those of the keys that are a person's."""
        people = self.model._meta.get_field("user").related_model.objects
        return set(people.filter(pk__in=set(keys)).values_list("pk", flat=True))

    def is_member(self, project: Any, user: Any) -> bool:
        people = self.model._meta.get_field("user").related_model.objects
        return user.is_superuser or people.filter(pk=user.pk, is_active=True, memberships__project=project).exists()
