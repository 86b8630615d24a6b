"""The overview of a project: what needs triage, how it went over the days, and the newest runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.duty import DutyView, duty_view
from dashboard.pages.filters import DAYS, Filters
from dashboard.pages.needing import Needing, needing
from dashboard.pages.quiet import LEAST, WEEKS, overdue
from dashboard.pages.run_lines import RunLine, read_cursor, run_lines, write_cursor
from dashboard.pages.saved import SavedMenu, saved_menu
from dashboard.pages.words import age
from dashboard.timeline.chart import Chart, chart
from dashboard.timeline.text import visible
from triage.models import Decision, Mention, Project, Run, Verdict

PAGE = 25
WATCHED = 50  # newest runs whose state a poll looks at
STATUSES = {
    "failing": "failing",
    "passing": "passing",
    "queued": "queued",
    "processing": "processing",
    "failed": "could not be analysed",
}


class Option(msgspec.Struct, frozen=True):
    value: str
    label: str
    chosen: bool


class Range(msgspec.Struct, frozen=True):
    days: int
    href: str
    here: bool


class OverviewPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    mark: str  # what a poll compares: the same as long as nothing on the page changed
    fresh: str  # where it asks
    empty: bool  # no run at all yet
    may_drop: bool
    warning: str  # nothing has come for longer than usual
    needing: Needing | None
    saved: SavedMenu | None
    duty: DutyView | None
    chart: Chart
    ranges: tuple[Range, ...]
    day_base: str  # the failing runs with these filters but for the days, to which a bar adds its own
    runs: tuple[RunLine, ...]
    filters: Filters
    clear: str
    failing: str  # the same list, failing runs only; "" where it is that already
    branches: tuple[Option, ...]
    verdicts: tuple[Option, ...]
    statuses: tuple[Option, ...]
    older: str
    newest: str  # back to the head of the list; "" where this is it


def overview_page(project: Project, user: Any, filters: Filters, now: datetime, *, may_drop: bool) -> OverviewPage:
    mark = mark_of(project, user, now)  # first: what changes while the rest is read is then asked for again
    base = reverse("overview", args=[project.slug])
    newest = Run.objects.newest_evidence(project)
    found = _found(project, filters) if newest is not None else []
    shown = found[:PAGE]
    return OverviewPage(
        evidence_age=age(newest, now) if newest else "",
        mark=mark,
        fresh=f"{reverse('fresh', args=[project.slug])}?{filters.query(cursor=filters.cursor)}",
        empty=newest is None,
        may_drop=may_drop,
        warning=_warning(project, newest, now),
        needing=needing(project, user, now) if newest else None,
        saved=saved_menu(project, user, "overview", filters.query(), may=may_drop) if newest else None,
        duty=duty_view(project, now, user) if newest else None,
        chart=_chart(project, filters.days, now) if newest else Chart(),
        ranges=tuple(Range(days, f"{base}?{filters.query(days=days)}", days == filters.days) for days in DAYS),
        day_base=f"{base}?{filters.query(since='', until='', status='failing')}",
        runs=run_lines(shown, now),
        filters=filters,
        clear=base,
        failing="" if filters.status == "failing" else f"{base}?{filters.query(status='failing')}",
        branches=_branches(project, filters.branch) if newest else (),
        verdicts=_options(words.KINDS.items(), filters.verdict),
        statuses=_options(STATUSES.items(), filters.status),
        older=f"{base}?{filters.query(cursor=write_cursor(shown[-1]))}" if len(found) > PAGE else "",
        newest=f"{base}?{filters.query()}" if filters.cursor else "",
    )


def mark_of(project: Project, user: Any, now: datetime) -> str:
    """Differs once a run came or changed, somebody decided something, the person has looked at what they were asked,
    or a minute passed and ages read differently.
    """
    states = Run.objects.newest_states(project, WATCHED)
    decided = Decision.objects.newest_key(project)
    asked = Mention.objects.unseen_in(user, project)
    said = (project.pk, project.name, states, decided, asked, int(now.timestamp()) // 60)
    return f'"{hashlib.sha256(repr(said).encode()).hexdigest()[:24]}"'


def _found(project: Project, filters: Filters) -> list[Any]:
    rows = Run.objects.of_project(project.pk).narrowed(**filters.wanted)
    return rows.page_after(read_cursor(filters.cursor), PAGE)


def _warning(project: Project, newest: datetime | None, now: datetime) -> str:
    if newest is None or now - newest < LEAST:
        return ""
    return overdue(Run.objects.arrival_hours(project, newest - WEEKS), newest, now)


def _branches(project: Project, chosen: str) -> tuple[Option, ...]:
    """Those of the newest runs, and the chosen one however old it is."""
    found = Run.objects.branches(project)
    named = found if not chosen or chosen in found else [chosen, *found]
    return _options([(branch, branch) for branch in named], chosen)


def _options(pairs: Iterable[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, visible(label), value == chosen) for value, label in pairs)


def _chart(project: Project, days: int, now: datetime) -> Chart:
    today = now.astimezone(UTC).date()
    shown = [today - timedelta(days=n) for n in reversed(range(days))]
    begin = datetime(shown[0].year, shown[0].month, shown[0].day, tzinfo=UTC)
    counts: dict[tuple[date, str], int] = {
        (row["day"], row["kind"]): int(row["count"]) for row in Verdict.objects.by_day(project, begin)
    }
    return chart(shown, counts, list(words.KINDS), words.KINDS)
