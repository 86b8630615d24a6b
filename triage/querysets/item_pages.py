"""Reads of items and mentions that only pages need: lists with their filters, and what needs triage now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, Self

from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q

PEOPLE = 200  # members that one page offers
UNSEEN = 20  # mentions that one page looks at
WAITING = ("fix_claimed", "observing")
WEIGHED = (
    "group__rules", "group__summary", "group__reason", "group__pair_write", "group__pair_read", "group__table",
    "group__lives", "group__rates", "group__conclusions",
)  # fmt: skip  # what weighing left in a group: a list of failures shows none of it


class ItemPages(models.QuerySet):  # type: ignore[type-arg]
    def by_keys(self, keys: Iterable[int]) -> Self:
        return self.filter(pk__in=list(keys)).select_related("group", "owner")

    def people_of(self, project: Any) -> list[Any]:
        """Who can own something in a project: its members, by name."""
        people = self.model._meta.get_field("owner").related_model.objects
        return list(people.filter(memberships__project=project, is_active=True).order_by("username")[:PEOPLE])

    def line_of(self, group: Any) -> list[Any]:
        """The items of one group, the newest first: each came back from the next."""
        return list(self.filter(group=group).order_by("-opened_at", "-pk")[:50])

    def sections(self, project: Any, user: Any, today: date, *, most: int, first: int) -> dict[str, Section]:
        """How many open items are in each section, of so many at most, and the first few of each. One query."""
        given = {"project": project.pk, "user": user.pk, "today": today, "most": most, "first": first}
        with connection.cursor() as cursor:
            cursor.execute(_SECTIONS, given)
            row = cursor.fetchone()
        return {name: Section(*row[2 * at : 2 * at + 2]) for at, name in enumerate(SECTIONS)}

    def listed(self, keys: Iterable[int]) -> dict[int, Any]:
        """By key: items with what a list shows of their groups and owners."""
        rows = self.filter(pk__in=set(keys)).select_related("group", "owner").defer(*WEIGHED)
        return {row.pk: row for row in rows}


class Section(NamedTuple):
    """Open items that need triage for the same reason."""

    count: int
    first: list[int]  # keys


SECTIONS = {  # which open items, and in which order they help there
    "came_back": ("status = 'new' AND earlier_id IS NOT NULL", "opened_at DESC"),
    "new": ("status = 'new' AND earlier_id IS NULL", "opened_at DESC"),
    "overdue": ("due < %(today)s", "due"),
    "mine": ("owner_id = %(user)s", "due, opened_at"),
    "waiting": ("status IN ('fix_claimed', 'observing')", "observing_since, opened_at"),
}
_FIRST = """
    count(*) FILTER (WHERE {which}), ARRAY(
        SELECT id FROM triage_item WHERE project_id = %(project)s AND closed_at IS NULL AND {which}
        ORDER BY {order}, id DESC LIMIT %(first)s
    )
"""
_SECTIONS = f"""
    SELECT {",".join(_FIRST.format(which=which, order=order) for which, order in SECTIONS.values())}
    FROM (
        SELECT status, earlier_id, due, owner_id FROM triage_item WHERE project_id = %(project)s AND closed_at IS NULL
        ORDER BY opened_at DESC, id DESC LIMIT %(most)s
    ) AS newest
"""  # noqa: S608  # nothing but words of our own is put into it


TOLD = (
    "item_id", "user_id", "who", "what", "before", "after", "text", "judgement_id", "at", "batch", "meeting__name",
    "undoes__what", "undoes__before", "undoes__after", "undone_by__who",
)  # fmt: skip  # of a decision, where a page tells of it


class DecisionPages(models.QuerySet):  # type: ignore[type-arg]
    def newest_on(self, group: Any) -> int:
        """The key of the newest decision on a group's items; 0 where there is none."""
        return self.filter(item__group=group).order_by("-pk").values_list("pk", flat=True).first() or 0

    def sizes_of(self, project: Any, batches: Iterable[Any]) -> dict[Any, int]:
        """By batch: how many decisions were taken at once. No query where there is no batch."""
        wanted = set(filter(None, batches))
        if not wanted:
            return {}
        rows = self.filter(project=project, batch__in=wanted).order_by().values_list("batch")
        return dict(rows.annotate(size=models.Count("pk")))

    def of_group(self, group: Any, most: int) -> list[Any]:
        """The newest decisions on all items of a group, newest first, each with what undid it."""
        rows = self.filter(item__group=group).select_related("meeting", "undoes", "undone_by")
        return list(rows.order_by("-pk").only(*TOLD)[:most])


class GroupItems(models.QuerySet):  # type: ignore[type-arg]
    def cared_for(
        self,
        *,
        status: str = "",
        owner: str = "",
        user: Any = None,
        overdue_on: date | None = None,
        blocker: bool = False,
    ) -> Self:
        """Groups by their newest item.

        `status` is one of an item's, or "open": all but what is resolved, "waiting": a fix without proof, "came_back",
        "": all. `owner` is a name, "me" for `user`, or "nobody". A group without an item is open and nobody's.
        """
        every = self.model._meta.get_field("items").related_model.objects.filter(group=OuterRef("pk"))
        items = every.filter(later=None)
        rows = self
        if status == "open":
            rows = rows.filter(Exists(every.filter(closed_at=None)) | ~Exists(every))
        elif status == "came_back":
            rows = rows.filter(Exists(items.filter(status="new", earlier__isnull=False)))
        elif status == "waiting":
            rows = rows.filter(Exists(items.filter(status__in=WAITING)))
        elif status:
            rows = rows.filter(Exists(items.filter(status=status)))
        if owner == "nobody":
            rows = rows.filter(~Exists(items.exclude(owner=None, owner_name="")))
        elif owner:
            whose = Q(owner=user) if owner == "me" else Q(owner_name__iexact=owner) | Q(owner__username__iexact=owner)
            rows = rows.filter(Exists(items.filter(whose)))
        if overdue_on is not None:
            rows = rows.filter(Exists(items.filter(due__lt=overdue_on, closed_at=None)))
        return rows.filter(Exists(items.filter(blocker=True))) if blocker else rows

    def oldest_open_after(self, place: tuple[Any, int] | None, size: int) -> list[Any]:
        """Those first that have been open for longest, one more than a page holds."""
        asked = Q(items__closed_at=None, items__isnull=False)
        if place is not None:
            at, pk = place
            asked &= Q(items__opened_at__gt=at) | Q(items__opened_at=at, pk__gt=pk)
        rows = self.filter(asked).annotate(open_since=F("items__opened_at")).order_by("open_since", "pk")
        return list(rows[: size + 1])


class Asked(NamedTuple):
    """A mention: who said what of which failure."""

    decision_id: int
    who: str
    text: str
    at: datetime
    group_id: int
    message: str
    normal: str
    test: str


class MentionPages(models.QuerySet):  # type: ignore[type-arg]
    def waiting_for(self, user: Any, project: Any) -> list[Asked]:
        """What somebody was asked in this project and has not looked at, the newest first."""
        rows = self.filter(user=user, seen_at=None, decision__project=project).order_by("-pk")
        said = rows.values_list(
            "decision_id", "decision__who", "decision__text", "decision__at", "decision__item__group_id",
            "decision__item__group__message", "decision__item__group__normal", "decision__item__group__test",
        )  # fmt: skip
        return [Asked(*row) for row in said[:UNSEEN]]

    def unseen_in(self, user: Any, project: Any) -> list[int]:
        """Their keys: what changes when somebody is asked, or has looked."""
        rows = self.filter(user=user, seen_at=None, decision__project=project).order_by("-pk")
        return list(rows.values_list("pk", flat=True)[:UNSEEN])

    def askers_on(self, user: Any, group: Any) -> list[tuple[str, int]]:
        """Who asked the person to look at a group and waits for it, each with the decision's key, the newest first."""
        rows = self.on_group(user, group).order_by("-pk")
        return list(rows.values_list("decision__who", "decision_id")[:UNSEEN])

    def on_group(self, user: Any, group: Any) -> Self:
        """The person's unseen mentions on the items of a group."""
        return self.filter(user=user, seen_at=None, decision__item__group=group)
