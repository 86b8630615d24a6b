"""The failure groups of a project: which failures come back, filtered and searched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.cursors import read_count, read_moment, write_count, write_moment
from dashboard.pages.words import age, counted, short_test
from dashboard.timeline.text import visible
from triage.core.findings import VerdictKind
from triage.models import FailureGroup, Project, Run

PAGE = 40
TITLE_CUT = 300
FREQUENT = "frequent"
ORDERS = (("", "newest first"), (FREQUENT, "most frequent first"))


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    q: str = ""
    kind: str = ""
    level: str = ""
    order: str = ""
    cursor: str = ""

    @property
    def narrow(self) -> bool:
        return bool(self.q or self.kind or self.level)

    def query(self, cursor: str = "") -> str:
        named = {"q": self.q, "kind": self.kind, "level": self.level, "order": self.order, "cursor": cursor}
        return "?" + urlencode({name: value for name, value in named.items() if value})


class Option(msgspec.Struct, frozen=True):
    value: str
    label: str
    chosen: bool


class GroupLine(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    kind: str
    kind_words: str
    level: str
    title: str
    name: str
    nodeid: str
    count: str
    last: str


class GroupsPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    empty: bool  # no failure ever
    total: str
    groups: tuple[GroupLine, ...]
    filters: Filters
    kinds: tuple[Option, ...]
    levels: tuple[Option, ...]
    orders: tuple[Option, ...]
    older: str


def groups_page(project: Project, filters: Filters, now: datetime) -> GroupsPage:
    every = FailureGroup.objects.of_project(project)
    rows = every.narrowed(kind=filters.kind, level=filters.level, named=filters.q)
    frequent = filters.order == FREQUENT
    if frequent:
        found = rows.most_frequent_after(read_count(filters.cursor), PAGE)
    else:
        found = rows.newest_after(read_moment(filters.cursor), PAGE)
    shown = found[:PAGE]
    empty = not shown and not every.exists()
    newest = Run.objects.newest_evidence(project)
    return GroupsPage(
        evidence_age=age(newest, now) if newest else "",
        empty=empty,
        total=counted(rows.count(), "group") if shown else "",
        groups=tuple(group_line(row, now) for row in shown),
        filters=filters,
        kinds=_options(words.KINDS.items(), filters.kind),
        levels=_options(((level, level) for level in words.LEVELS), filters.level),
        orders=_options(ORDERS, filters.order),
        older=filters.query(_cursor(shown[-1], frequent)) if len(found) > PAGE else "",
    )


def group_line(row: Any, now: datetime) -> GroupLine:
    return GroupLine(
        href=reverse("group", args=[row.pk]),
        kind=row.kind,
        kind_words=words.KINDS.get(row.kind, "Not weighed yet"),
        level="" if row.kind == VerdictKind.UNEXPLAINED else row.level,
        title=title_of(row),
        name=short_test(row.test),
        nodeid=visible(row.test),
        count=counted(row.occurrences, "run"),
        last=age(row.last_seen, now),
    )


def title_of(row: Any) -> str:
    """A group in the test's own words; the test's name where it left none."""
    said = (row.message or row.normal).strip().split("\n", 1)[0]
    return visible(said[:TITLE_CUT]) or short_test(row.test)


def _cursor(row: Any, frequent: bool) -> str:
    if frequent:
        return write_count(row.occurrences, row.pk)
    return write_moment(row.last_seen, row.pk) if row.last_seen is not None else ""


def _options(pairs: Iterable[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, visible(label), value == chosen) for value, label in pairs)
