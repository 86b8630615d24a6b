"""Reads of items and mentions that only pages need: lists with their filters, and what needs triage now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q

PEOPLE = 200  # members that one page offers
UNSEEN = 20  # mentions that one page looks at
WAITING = ("fix_claimed", "observing")


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

    def in_section(self, name: str, user: Any, today: date) -> Self:
        """The open items of one section of what needs triage; see `SECTIONS`."""
        return self.filter(section(name, user, today), closed_at=None)

    def sections(self, user: Any, today: date, most: int) -> dict[str, int]:
        """How many open items are in each section; looks at so many of them at most."""
        newest = self.filter(closed_at=None).order_by("-opened_at").values("pk")[:most]
        counts = {name: Count("pk", filter=section(name, user, today)) for name in SECTIONS}
        found: dict[str, int] = self.model.objects.filter(pk__in=newest).aggregate(**counts)
        return found

    def firsts(self, name: str, count: int) -> list[Any]:
        """The first few of a section with their groups, in the order that helps there."""
        return list(self.select_related("group", "earlier", "owner").order_by(*SECTIONS[name], "-pk")[:count])


SECTIONS = {
    "came_back": ("-opened_at",),
    "new": ("-opened_at",),
    "overdue": ("due",),
    "mine": (F("due").asc(nulls_last=True), "opened_at"),
    "waiting": ("observing_since", "opened_at"),
}


def section(name: str, user: Any, today: date) -> Q:
    """What makes an open item belong to a section."""
    return {
        "came_back": Q(status="new", earlier__isnull=False),
        "new": Q(status="new", earlier=None),
        "overdue": Q(due__lt=today),
        "mine": Q(owner=user),
        "waiting": Q(status__in=WAITING),
    }[name]


class DecisionPages(models.QuerySet):  # type: ignore[type-arg]
    def of_group(self, group: Any, most: int) -> list[Any]:
        """The newest decisions on all items of a group, newest first, each with what undid it."""
        rows = self.filter(item__group=group).select_related("item", "user", "meeting", "undoes", "undone_by")
        return list(rows.order_by("-pk")[:most])


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


class MentionPages(models.QuerySet):  # type: ignore[type-arg]
    def waiting_for(self, user: Any, project: Any) -> list[Any]:
        """What somebody was asked in this project and has not looked at, the newest first."""
        rows = self.filter(user=user, seen_at=None, decision__project=project)
        return list(rows.select_related("decision__item__group").order_by("-pk")[:UNSEEN])

    def on_group(self, user: Any, group: Any) -> Self:
        """The person's unseen mentions on the items of a group."""
        return self.filter(user=user, seen_at=None, decision__item__group=group)
