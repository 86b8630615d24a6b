"""The failure groups of a project: which failures come back, whose they are, filtered and searched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.cursors import read_count, read_moment, write_count, write_moment
from dashboard.pages.item import Care, Deciding, care, deciding
from dashboard.pages.saved import SavedMenu, Tab, saved_menu
from dashboard.pages.words import age, counted, middle, short_test
from dashboard.rows import rates_of
from dashboard.timeline.text import visible
from triage.core.findings import VerdictKind
from triage.models import FailureGroup, Item, Project, Run
from triage.store.items import passes_of

PAGE = 40
COUNTED = 1_000  # groups that are counted; beyond it, the page says "over"
TITLE_CUT = 300
NAME = 36  # characters of a test's name in a list
FREQUENT, OLDEST = "frequent", "oldest"
ORDERS = (("", "newest"), (FREQUENT, "most frequent"), (OLDEST, "oldest open"))
STATUSES = (
    ("", "open"),
    *words.STATUSES.items(),
    ("came_back", "came back"),
    ("waiting", "waiting for proof"),
    ("all", "all"),
)
TABS: tuple[Tab, ...] = (
    ("Open", ""),
    ("New", "status=new"),
    ("Mine", "owner=me"),
    ("Overdue", "overdue=yes"),
    ("Observing", "status=observing"),
    ("Resolved", "status=resolved"),
)
YES = "yes"


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    q: str = ""
    kind: str = ""
    level: str = ""
    status: str = ""
    owner: str = ""
    overdue: str = ""
    blocker: str = ""
    order: str = ""
    cursor: str = ""
    choose: str = ""  # "all": every failure of the page is chosen; what scripts do without asking again

    @property
    def narrow(self) -> bool:
        return bool(self.q or self.kind or self.level or self.status or self.owner or self.overdue or self.blocker)

    def query(self, cursor: str = "", choose: str = "") -> str:
        named = {name: getattr(self, name) for name in self.__struct_fields__} | {"cursor": cursor, "choose": choose}
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
    rate: str
    count: str
    last: str
    at: datetime | None
    care: Care | None  # None where no item was made for it


class GroupsPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    empty: bool  # no failure ever
    total: str
    groups: tuple[GroupLine, ...]
    filters: Filters
    kinds: tuple[Option, ...]
    levels: tuple[Option, ...]
    statuses: tuple[Option, ...]
    owners: tuple[Option, ...]
    orders: tuple[Option, ...]
    older: str
    saved: SavedMenu
    deciding: Deciding
    chosen: bool  # all of them
    choose_all: str


def groups_page(project: Project, filters: Filters, user: Any, now: datetime, *, may: bool) -> GroupsPage:
    """About ten queries, however many groups there are."""
    every = FailureGroup.objects.of_project(project)
    rows = _asked(every, filters, user, now)
    found = _page(rows, filters)
    shown = found[:PAGE]
    empty = not shown and not every.exists()
    newest = Run.objects.newest_evidence(project)
    people = Item.objects.people_of(project)
    here = filters.query(filters.cursor)
    return GroupsPage(
        evidence_age=age(newest, now) if newest else "",
        empty=empty,
        total=_total(rows) if shown else "",
        groups=_lines(shown, user, now),
        filters=filters,
        kinds=_options((("", "all"), *words.KINDS.items()), filters.kind),
        levels=_options((("", "all"), *((level, level) for level in words.LEVELS)), filters.level),
        statuses=_options(STATUSES, filters.status),
        owners=_owners(people, filters.owner),
        orders=_options(ORDERS, filters.order),
        older=filters.query(_cursor(shown[-1], filters.order)) if len(found) > PAGE else "",
        saved=saved_menu(project, user, "groups", here, TABS, may=may),
        deciding=deciding(
            project, people, may=may, back=reverse("groups", args=[project.slug]) + (here if here != "?" else "")
        ),
        chosen=filters.choose == "all",
        choose_all=filters.query(filters.cursor, "all"),
    )


def _asked(every: Any, filters: Filters, user: Any, now: datetime) -> Any:
    status = filters.status or ("" if filters.overdue else "open")
    return every.narrowed(kind=filters.kind, level=filters.level, named=filters.q).cared_for(
        status="" if status == "all" else status,
        owner=filters.owner,
        user=user,
        overdue_on=now.date() if filters.overdue == YES else None,
        blocker=filters.blocker == YES,
    )


def _page(rows: Any, filters: Filters) -> list[Any]:
    """The groups from the cursor on, one more than a page holds."""
    found: list[Any]
    if filters.order == FREQUENT:
        found = rows.most_frequent_after(read_count(filters.cursor), PAGE)
    elif filters.order == OLDEST:
        found = rows.oldest_open_after(read_moment(filters.cursor), PAGE)
    else:
        found = rows.newest_after(read_moment(filters.cursor), PAGE)
    return found


def _lines(groups: Sequence[Any], user: Any, now: datetime) -> tuple[GroupLine, ...]:
    items = Item.objects.current_of(groups) if groups else {}
    observed = [item for item in items.values() if item.status == "observing"]
    passes = passes_of(observed) if observed else {}
    cares = {key: care(item, user, now, passes.get(item.pk)) for key, item in items.items()}
    return tuple(group_line(row, cares.get(row.pk), now) for row in groups)


def group_line(row: Any, item: Care | None, now: datetime) -> GroupLine:
    observed = rates_of(row).observed
    return GroupLine(
        href=reverse("group", args=[row.pk]),
        kind=row.kind,
        kind_words=words.KINDS.get(row.kind, "Not weighed yet"),
        level="" if row.kind == VerdictKind.UNEXPLAINED else row.level,
        title=title_of(row),
        name=middle(short_test(row.test), NAME),
        nodeid=visible(row.test),
        rate=f"{100 * observed:.0f} %" if observed is not None else "",
        count=counted(row.occurrences, "run"),
        last=age(row.last_seen, now),
        at=row.last_seen,
        care=item,
    )


def title_of(row: Any) -> str:
    """A group in the test's own words; the test's name where it left none."""
    said = (row.message or row.normal).strip().split("\n", 1)[0]
    return visible(said[:TITLE_CUT]) or middle(short_test(row.test), NAME)


def _total(rows: Any) -> str:
    count = rows.order_by()[: COUNTED + 1].count()
    return f"over {counted(COUNTED, 'group')}" if count > COUNTED else counted(count, "group")


def _owners(people: Iterable[Any], chosen: str) -> tuple[Option, ...]:
    names = [(name, name) for each in people if (name := each.get_username())]
    if chosen and chosen not in ("me", "nobody") and (chosen, chosen) not in names:
        names.append((chosen, chosen))  # a team, or somebody who is no member any more
    return _options((("", "anybody"), ("me", "me"), ("nobody", "nobody"), *names), chosen)


def _cursor(row: Any, order: str) -> str:
    if order == FREQUENT:
        return write_count(row.occurrences, row.pk)
    if order == OLDEST:
        return write_moment(row.open_since, row.pk)
    return write_moment(row.last_seen, row.pk) if row.last_seen is not None else ""


def _options(pairs: Iterable[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, visible(label), value == chosen) for value, label in pairs)
