"""Search: one box over failures, runs and log lines; what was found, what was looked at, and where to go on."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.cursors import read_moment, write_moment
from dashboard.pages.groups import title_of
from dashboard.pages.run_lines import read_cursor, write_cursor
from dashboard.pages.saved import SavedMenu, saved_menu
from dashboard.pages.search_hints import Hint, hints_of
from dashboard.pages.search_lines import Asked, read_place, said, walked, write_place
from dashboard.pages.search_marks import excerpt, marked
from dashboard.pages.words import Piece, age, counted, short_test
from dashboard.timeline.axis import clock_time
from dashboard.timeline.text import visible
from triage.core.search.match import asked_words, marking
from triage.core.search.query import PLACES, Query, read_query, replaced
from triage.models import FailureGroup, Item, Part, Project, Run
from triage.querysets.search import FoundLine, TookTooLong, at_most

FEW, MANY = 8, 40  # results of one place, beside others and alone
HARD_MS = 1_500
TIMES = (("", "any time"), ("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"))
TITLES = {"failures": "Failures", "runs": "Runs", "lines": "Log lines"}
OF_FAILURES = "test:, verdict:, owner: and a status in words ask about failures only."
SLOW = "Looking took too long and was stopped: narrow it by another word, or by since:7d."


class Choice(msgspec.Struct, frozen=True):
    href: str
    label: str
    here: bool


class FailureFound(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    kind: str
    kind_words: str
    title: tuple[Piece, ...]
    test: tuple[Piece, ...]
    nodeid: str
    said: tuple[tuple[str, tuple[Piece, ...]], ...]  # where else the words stand: a note, the ticket, the verdict
    status: str
    count: str
    last: str


class RunFound(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    name: tuple[Piece, ...]
    where: tuple[Piece, ...]  # branch and commit
    counts: str
    age: str


class LineFound(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    number: int
    at: str
    who: str
    level: str
    text: tuple[Piece, ...]


class LogFound(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of one log."""

    run: str
    run_href: str
    part: str
    where: str
    age: str
    lines: tuple[LineFound, ...]
    more: str  # the query for this run alone; "" where all is shown


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What one place gave."""

    name: str
    title: str
    failures: tuple[FailureFound, ...] = ()
    runs: tuple[RunFound, ...] = ()
    logs: tuple[LogFound, ...] = ()
    empty: str = ""  # why there is nothing
    told: str = ""  # what was looked at
    more: str = ""
    more_label: str = ""


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    query: Query
    places: tuple[Place, ...]
    tabs: tuple[Choice, ...]
    times: tuple[Choice, ...]
    saved: SavedMenu
    hints: tuple[Hint, ...]
    older: bool  # it goes on from a place


def search_page(project: Project, user: Any, text: str, cursor: str, now: datetime) -> SearchPage:
    """About fifteen queries and the look-ups of the lines, which are bounded in number and time."""
    query = read_query(text, now)
    newest = Run.objects.newest_evidence(project)
    finder = _Finder(project, user, query, cursor, now)
    return SearchPage(
        evidence_age=age(newest, now) if newest else "",
        query=query,
        places=() if query.empty else tuple(finder.place(name) for name in query.places),
        tabs=_tabs(query),
        times=_times(query),
        saved=saved_menu(project, user, "search", urlencode({"q": query.text}) if query.text else ""),
        hints=hints_of(query, project.slug),
        older=bool(cursor),
    )


def _tabs(query: Query) -> tuple[Choice, ...]:
    all_ = Choice(_q(replaced(query.text, "in", "")), "Everything", query.places == PLACES)
    return (
        all_,
        *(Choice(_q(replaced(query.text, "in", name)), TITLES[name], query.places == (name,)) for name in PLACES),
    )


def _times(query: Query) -> tuple[Choice, ...]:
    here = next((word[6:] for word in query.text.split() if word.lower().startswith("since:")), "")
    return tuple(Choice(_q(replaced(query.text, "since", value)), label, value == here) for value, label in TIMES)


def _q(text: str, **more: str) -> str:
    return "?" + urlencode({"q": text} | more)


class _Finder:
    def __init__(self, project: Project, user: Any, query: Query, cursor: str, now: datetime) -> None:
        self._user = user
        self._project, self._query, self._cursor, self._now = project, query, cursor, now
        alone = len(query.places) == 1
        self._size = MANY if alone else FEW
        self._texts = [term.text for term in query.terms if term.text]
        self._after = cursor if alone else ""

    def place(self, name: str) -> Place:
        found: Place = getattr(self, f"_{name}")()
        return found

    def _failures(self) -> Place:
        query = self._query
        if query.of_lines or query.run:
            return self._nothing(
                "failures", "pid:, host:, path:, level:, run: and a status in numbers ask about lines and runs only."
            )
        try:
            with at_most(HARD_MS):
                rows = FailureGroup.objects.found(
                    self._project, self._texts, branch=query.branch, since=query.since,
                    after=read_moment(self._after), size=self._size, test=query.test, verdict=query.verdict,
                    owner=query.owner, state=query.state, user=self._user,
                )  # fmt: skip
                shown = rows[: self._size]
                notes = FailureGroup.objects.notes_with([row.pk for row in shown], self._texts) if self._texts else []
        except TookTooLong:
            return self._nothing("failures", SLOW)
        items = Item.objects.current_of(shown) if shown else {}
        more = write_moment(shown[-1].last_seen, shown[-1].pk) if len(rows) > self._size else ""
        return Place(
            name="failures",
            title=TITLES["failures"],
            failures=tuple(
                self._failure(row, items.get(row.pk), [n for n in notes if n.group_id == row.pk]) for row in shown
            ),
            empty="" if shown else _no_failure(query),
            more=_q(replaced(query.text, "in", "failures"), cursor=more) if more else "",
            more_label="More failures",
        )  # fmt: skip

    def _failure(self, row: Any, item: Any, notes: list[Any]) -> FailureFound:
        pattern = marking(self._query.terms, parts=True)
        title = title_of(row)
        spoken = [("the verdict", row.summary), *((f"a note by {note.who}", note.text) for note in notes[:2])]
        spoken += [("the ticket", item.ticket)] if item is not None and item.ticket else []
        return FailureFound(
            href=reverse("group", args=[row.pk]),
            kind=row.kind,
            kind_words=words.KINDS.get(row.kind, "Not weighed yet"),
            title=marked(title, pattern),
            test=marked(short_test(row.test), pattern),
            nodeid=visible(row.test),
            said=tuple((name, excerpt(text, pattern)) for name, text in spoken if pattern and pattern.search(text)),
            status=words.STATUSES.get(item.status, "") if item is not None else "",
            count=counted(row.occurrences, "run"),
            last=age(row.last_seen, self._now),
        )

    def _runs(self) -> Place:
        query = self._query
        if query.of_lines:
            return self._nothing("runs", "pid:, host:, path:, level: and a status in numbers ask about lines only.")
        if query.of_failures:
            return self._nothing("runs", OF_FAILURES)
        try:
            with at_most(HARD_MS):
                rows = Run.objects.found(
                    self._project, [*self._texts, *([query.run] if query.run else [])], branch=query.branch,
                    since=query.since, after=read_cursor(self._after), size=self._size,
                )  # fmt: skip
        except TookTooLong:
            return self._nothing("runs", SLOW)
        shown = rows[: self._size]
        more = write_cursor(shown[-1]) if len(rows) > self._size else ""
        return Place(
            name="runs",
            title=TITLES["runs"],
            runs=tuple(self._run(row) for row in shown),
            empty="" if shown else "No run has that in its name, key, branch or commit.",
            more=_q(replaced(query.text, "in", "runs"), cursor=more) if more else "",
            more_label="More runs",
        )

    def _run(self, row: Run) -> RunFound:
        pattern = marking(self._query.terms, parts=True)
        failed = row.tests_failed + row.tests_error
        where = " @ ".join(part for part in (row.branch, row.commit[:12]) if part)
        return RunFound(
            href=reverse("run", args=[row.pk]),
            name=marked(row.name or row.run_key, pattern),
            where=marked(where, pattern),
            counts=f"{failed:,} of {row.tests_total:,} failed" if row.tests_total else "no tests",
            age=age(row.received_at, self._now),
        )

    def _lines(self) -> Place:
        query = self._query
        if query.of_failures:
            return self._nothing("lines", OF_FAILURES)
        if not asked_words(query):
            return self._nothing(
                "lines", "Name a word, or one of pid:, host:, path:, status:500, level:, to look through log lines."
            )
        wordless = next((term.text for term in query.terms if not term.words), "")
        if wordless:
            return self._nothing(
                "lines", f"“{visible(wordless)}” has no letter or digit: lines are found by their words."
            )
        run = _only_run(self._project, query.run) if query.run else None
        if query.run and run is None:
            return self._nothing("lines", f"No run is called “{visible(query.run)}”.")
        oldest = Run.objects.oldest_day(self._project)
        if oldest is None:
            return self._nothing("lines", "No run has come yet.")
        newest = self._now.astimezone(UTC).date()
        days = (run.received_on, run.received_on) if run is not None else (oldest, newest)
        asked = Asked(project=self._project, query=query, run=run.pk if run else None, oldest=days[0], newest=days[1])
        seen = walked(asked, read_place(self._after))
        return Place(
            name="lines",
            title=TITLES["lines"],
            logs=self._logs(seen.lines, seen.cut),
            empty="" if seen.lines else _no_line(seen.early, seen.after),
            told=_told(seen.early, seen.after, days[0], run),
            more=_q(replaced(query.text, "in", "lines"), cursor=write_place(seen.after)) if seen.after else "",
            more_label="Search further back" if seen.early else "Older lines",
        )

    def _logs(self, lines: tuple[FoundLine, ...], cut: frozenset[int]) -> tuple[LogFound, ...]:
        by_part: dict[int, list[FoundLine]] = {}
        for line in lines:
            by_part.setdefault(line.part_id, []).append(line)
        parts = Part.objects.with_runs(by_part)
        return tuple(
            self._log(parts[key], held, key in cut and not self._query.run)
            for key, held in by_part.items()
            if key in parts
        )

    def _log(self, part: Any, lines: list[FoundLine], more: bool) -> LogFound:
        run = part.run
        pattern = marking(self._query.terms)
        only = replaced(replaced(self._query.text, "in", "lines"), "run", str(run.pk))
        return LogFound(
            run=visible(run.name or run.run_key),
            run_href=reverse("run", args=[run.pk]),
            part=visible(part.name),
            where=visible(run.branch),
            age=age(run.received_at, self._now),
            lines=tuple(self._line(part, row, pattern) for row in lines),
            more=_q(only) if more else "",
        )

    def _line(self, part: Any, row: FoundLine, pattern: Any) -> LineFound:
        who = f"{row.unit.removesuffix('.service')} {row.pid}" if row.pid is not None else row.unit
        return LineFound(
            href=reverse("line", args=[part.run_id, part.position, row.line]),
            number=row.line,
            at=clock_time(row.stamp_us) if row.stamp_us is not None else "",
            who=visible(f"{row.host} {who}".strip()),
            level=row.level,
            text=excerpt(next(said(row)), pattern),
        )

    def _nothing(self, name: str, why: str) -> Place:
        return Place(name=name, title=TITLES[name], empty=why)


def _only_run(project: Project, text: str) -> Run | None:
    """The run that `run:` names: by its address, else the newest whose name or key holds it."""
    try:
        key = uuid.UUID(text)
    except ValueError:
        found = Run.objects.found(project, [text], branch="", since=None, after=None, size=1)
        return found[0] if found else None
    run: Run | None = Run.objects.of_project(project.pk).by_id(key).first()
    return run


def _no_failure(query: Query) -> str:
    if query.of_failures and not query.terms:
        return "No failure is like that."
    return "No failure says that: not its test, message or verdict, and no note or ticket."


def _no_line(early: bool, after: Any) -> str:
    if early and after is None:
        return SLOW
    return "No line that was looked at holds that." if early else "No kept log line holds that."


def _told(early: bool, after: Any, oldest: date, run: Run | None) -> str:
    """How far the look went."""
    if run is not None:
        return f"In the lines of {visible(run.name or run.run_key)} only."
    if after is not None and early:
        return f"Looked back to {after.day.day} {after.day:%B %Y} in the time that one page may take."
    return f"Looked through all that is kept, back to {oldest.day} {oldest:%B %Y}." if after is None else ""
