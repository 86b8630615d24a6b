"""The overview of a project: what needs triage, how it went over the days, and the newest runs."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.words import Piece, age, counted, pieces, short_test
from dashboard.timeline.chart import Chart, chart
from dashboard.timeline.text import visible
from triage.core.findings import End
from triage.models import Project, Run, Verdict

DAYS = 14
GROUPS = 8
PAGE = 25
STATUSES = {
    "failing": "failing",
    "passing": "passing",
    "queued": "queued",
    "processing": "processing",
    "failed": "could not be analysed",
}


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    branch: str = ""
    verdict: str = ""
    status: str = ""
    cursor: str = ""

    @property
    def narrow(self) -> bool:
        return bool(self.branch or self.verdict or self.status)

    def query(self, cursor: str = "") -> str:
        named = {"branch": self.branch, "verdict": self.verdict, "status": self.status, "cursor": cursor}
        return "?" + urlencode({name: value for name, value in named.items() if value})


class Option(msgspec.Struct, frozen=True):
    value: str
    label: str
    chosen: bool


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The same test, failing for the same reason."""

    href: str
    kind: str
    kind_words: str
    name: str
    nodeid: str
    sentence: tuple[Piece, ...]
    runs: str
    last: str


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    name: str
    branch: str
    commit: str
    age: str
    at: datetime
    state: str  # a verdict's kind, or passed, queued, processing, failed, empty
    state_words: str
    sentence: tuple[Piece, ...]
    counts: str
    more: str  # how many other failures


class OverviewPage(msgspec.Struct, frozen=True, kw_only=True):
    project: Project
    evidence_age: str
    empty: bool  # no run at all yet
    groups: tuple[Group, ...]
    chart: Chart
    legend: tuple[tuple[str, str], ...]
    runs: tuple[RunLine, ...]
    filters: Filters
    branches: tuple[Option, ...]
    verdicts: tuple[Option, ...]
    statuses: tuple[Option, ...]
    older: str
    days: int


def overview_page(project: Project, filters: Filters, now: datetime) -> OverviewPage:
    since = now - timedelta(days=DAYS)
    rows = Run.objects.of_project(project.pk).narrowed(
        branch=filters.branch, status=filters.status, verdict=filters.verdict
    )
    found = rows.page_after(read_cursor(filters.cursor), PAGE)
    shown, newest = found[:PAGE], Run.objects.newest_evidence(project)
    days = Verdict.objects.by_day(project, since) if newest else []
    kinds = {day["kind"] for day in days}
    return OverviewPage(
        project=project,
        evidence_age=age(newest, now) if newest else "",
        empty=newest is None,
        groups=_groups(project, since, now) if newest else (),
        chart=_chart(days, now),
        legend=tuple((kind, label) for kind, label in words.KINDS.items() if kind in kinds),
        runs=_run_lines(shown, now),
        filters=filters,
        branches=_options([(b, b) for b in Run.objects.branches(project)] if newest else [], filters.branch),
        verdicts=_options(words.KINDS.items(), filters.verdict),
        statuses=_options(STATUSES.items(), filters.status),
        older=filters.query(write_cursor(shown[-1])) if len(found) > PAGE else "",
        days=DAYS,
    )


def write_cursor(run: Run) -> str:
    return f"{run.received_at.astimezone(UTC):%Y%m%dT%H%M%S.%f}_{run.pk.hex}"


def read_cursor(text: str) -> tuple[datetime, uuid.UUID] | None:
    """None where there is no cursor, or one that this page never wrote: then the list starts at the newest."""
    at, _, key = text.partition("_")
    try:
        return datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), uuid.UUID(key)
    except ValueError:
        return None


def _options(pairs: object, chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, visible(label), value == chosen) for value, label in pairs)  # type: ignore[attr-defined]


def _groups(project: Project, since: datetime, now: datetime) -> tuple[Group, ...]:
    found = Verdict.objects.groups(project, since, GROUPS)
    newest = {row.pk: row for row in Verdict.objects.by_keys(group["newest"] for group in found)}
    return tuple(_group(group, newest[group["newest"]], now) for group in found if group["newest"] in newest)


def _group(group: dict[str, object], row: Verdict, now: datetime) -> Group:
    last = group["last"]
    return Group(
        href=f"{reverse('run', args=[row.run_id])}?{urlencode({'test': row.test.nodeid})}",
        kind=row.kind,
        kind_words=words.KINDS.get(row.kind, row.kind),
        name=short_test(row.test.nodeid),
        nodeid=visible(row.test.nodeid),
        sentence=_sentence(row),
        runs=counted(int(str(group["runs"])), "run"),
        last=age(last if isinstance(last, datetime) else None, now),
    )


def _sentence(row: Verdict) -> tuple[Piece, ...]:
    """The summary; where state was split, with the names of the processes that it turns on."""
    if row.kind != "split_state":
        return pieces(row.summary, [])
    ends = [msgspec.convert(end, End) for end in (row.write, row.read) if end is not None]
    return pieces(row.summary, words.names_of(ends))


def _chart(days: list[dict[str, object]], now: datetime) -> Chart:
    today = now.astimezone(UTC).date()
    shown = [today - timedelta(days=n) for n in reversed(range(DAYS))]
    counts: dict[tuple[date, str], int] = {}
    for row in days:
        day, kind = row["day"], row["kind"]
        if isinstance(day, date) and isinstance(kind, str):
            counts[(day, kind)] = int(str(row["count"]))
    return chart(shown, counts, list(words.KINDS), words.KINDS)


def _run_lines(runs: list[Run], now: datetime) -> tuple[RunLine, ...]:
    keys = [run.pk for run in runs]
    heads = {row.run_id: row for row in Verdict.objects.headlines(keys)} if keys else {}
    return tuple(_run_line(run, heads.get(run.pk), now) for run in runs)


def _run_line(run: Run, head: Verdict | None, now: datetime) -> RunLine:
    failed = run.tests_failed + run.tests_error
    state, label, sentence = _state(run, head)
    return RunLine(
        href=reverse("run", args=[run.pk]),
        name=visible(run.name or run.run_key),
        branch=visible(run.branch),
        commit=visible(run.commit[:8]),
        age=age(run.received_at, now),
        at=run.received_at,
        state=state,
        state_words=label,
        sentence=sentence,
        counts=f"{failed:,} of {run.tests_total:,} failed" if run.tests_total else "no tests",
        more=f"and {counted(failed - 1, 'other failure')}" if head is not None and failed > 1 else "",
    )


def _state(run: Run, head: Verdict | None) -> tuple[str, str, tuple[Piece, ...]]:
    if run.status == Run.Status.FAILED:
        return "failed", "Not analysed", (Piece(visible(run.error) or "This run could not be analysed."),)
    if run.status in (Run.Status.QUEUED, Run.Status.PROCESSING):
        words_ = "Waiting for a worker." if run.status == Run.Status.QUEUED else "Being read and lined up."
        return "processing", "In work", (Piece(words_),)
    if head is not None:
        return head.kind, words.KINDS.get(head.kind, head.kind), _sentence(head)
    if run.tests_total:
        return "passed", "Passed", (Piece("Nothing to explain."),)
    return "empty", "No tests", (Piece("The files of this run name no test."),)
