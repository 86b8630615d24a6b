"""What needs triage now: what came back, what is new, what is overdue, what is mine, and fixes that wait for proof."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.groups import title_of
from dashboard.pages.item import Care, care
from dashboard.pages.words import age, middle, short_test
from dashboard.timeline.text import few_words, visible
from triage.models import Item, Mention, Project
from triage.store.items import passes_of

FIRST = 4  # of each section
LOOKED_AT = 2_000  # open items that are counted
NAME = 56
QUOTE = 140

_SECTIONS = (  # name, heading, the filters of the list that shows them all
    ("came_back", "Came back", {"status": "came_back"}),
    ("new", "New", {"status": "new"}),
    ("overdue", "Overdue", {"overdue": "yes"}),
    ("mine", "Mine", {"owner": "me"}),
    ("waiting", "Waiting for proof", {"status": "waiting"}),
)


class NeedingLine(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    kind: str
    kind_words: str
    title: str
    name: str
    nodeid: str
    why: str  # 3 h ago, due yesterday, 31 of 40 passes
    care: Care


class Section(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    heading: str
    count: str
    lines: tuple[NeedingLine, ...]
    href: str  # all of them
    more: int


class MentionLine(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    who: str
    about: str
    quote: str
    age: str


class Needing(msgspec.Struct, frozen=True, kw_only=True):
    sections: tuple[Section, ...]
    mentions: tuple[MentionLine, ...]
    open: str  # the list of all open failures
    ever: bool  # whether anything was ever taken care of


def needing(project: Project, user: Any, now: datetime) -> Needing:
    """Five queries at most, however many failures there are."""
    sections = Item.objects.sections(project, user, now.date(), most=LOOKED_AT, first=FIRST)
    keys = [key for each in sections.values() for key in each.first]
    rows = Item.objects.listed(keys) if keys else {}
    found = {name: [rows[key] for key in each.first if key in rows] for name, each in sections.items() if each.first}
    counts = {name: max(each.count, len(each.first)) for name, each in sections.items()}
    observed = [item for item in found.get("waiting", ()) if item.status == Item.Status.OBSERVING]
    passes = passes_of(observed) if observed else {}
    base = reverse("groups", args=[project.slug])
    return Needing(
        sections=tuple(
            Section(
                name=name,
                heading=heading,
                count=f"{counts[name]:,}" if counts[name] < LOOKED_AT else f"over {LOOKED_AT:,}",
                lines=tuple(_line(name, item, user, now, passes) for item in found[name]),
                href=f"{base}?{urlencode(filters)}",
                more=max(0, counts[name] - len(found[name])),
            )
            for name, heading, filters in _SECTIONS
            if found.get(name)
        ),
        mentions=tuple(_mention(row, now) for row in Mention.objects.waiting_for(user, project)),
        open=base,
        ever=bool(found) or Item.objects.of_project(project).exists(),
    )


def _line(section: str, item: Any, user: Any, now: datetime, passes: Mapping[int, Any]) -> NeedingLine:
    view = care(item, user, now, passes.get(item.pk))
    group = item.group
    return NeedingLine(
        href=reverse("group", args=[group.pk]),
        kind=group.kind,
        kind_words=words.KINDS.get(group.kind, "Not weighed yet"),
        title=title_of(group),
        name=middle(short_test(group.test), NAME),
        nodeid=visible(group.test),
        why=_why(section, view, group, now),
        care=view,
    )


def _why(section: str, view: Care, group: Any, now: datetime) -> str:
    if section == "overdue":
        return f"due {view.due}"
    if section == "waiting":
        return view.watched.said if view.watched is not None else view.status_words
    if section == "mine":
        return f"due {view.due}" if view.due else view.status_words
    return age(group.last_seen, now)


def _mention(row: Any, now: datetime) -> MentionLine:
    return MentionLine(
        href=reverse("group", args=[row.group_id]) + f"#d{row.decision_id}",
        who=visible(row.who),
        about=title_of(row),
        quote=few_words(row.text, QUOTE),
        age=age(row.at, now),
    )
