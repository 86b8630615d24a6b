"""Where a project's evidence comes from: each source with its last delivery, and whether it has stopped."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import msgspec
from django.urls import reverse

from dashboard.pages.quiet import WEEKS, overdue, pause_words
from dashboard.pages.snippets import Snippet, curl_line, snippets
from dashboard.pages.words import age, counted
from dashboard.timeline.text import visible
from triage.models import Part, Project, Run, Token

Key = tuple[int | None, int | None]  # token, person


class SourceLine(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: str
    kind: str  # what it is, in a few words
    state: str  # delivers, halted, waiting, revoked: also its class
    state_words: str
    last: str
    last_href: str  # the run that it delivered last
    runs: str
    used: str  # of a token: when it last signed anything
    warning: str
    problem: str  # what could not be read, of its newest run that had such a part
    problem_href: str


class SourcesPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    fresh: str
    mark: str
    sources: tuple[SourceLine, ...]
    unnamed: bool  # there are runs, but none whose source is known
    curl: str
    snippets: tuple[Snippet, ...]
    may_lead: bool
    may_drop: bool


def sources_page(
    project: Project, site: str, now: datetime, *, may_lead: bool, may_drop: bool, mark: str
) -> SourcesPage:
    newest = Run.objects.newest_evidence(project)
    lines = _lines(project, now)
    return SourcesPage(
        evidence_age=age(newest, now) if newest else "",
        fresh=reverse("fresh-sources", args=[project.slug]),
        mark=mark,
        sources=lines,
        unnamed=newest is not None and not any(line.last_href for line in lines),
        curl=curl_line(site),
        snippets=snippets(site),
        may_lead=may_lead,
        may_drop=may_drop,
    )


def _lines(project: Project, now: datetime) -> tuple[SourceLine, ...]:
    hours: dict[Key, list[datetime]] = defaultdict(list)
    counts: Counter[Key] = Counter()
    for row in Run.objects.hours(project, now - WEEKS):
        key = (row["token"], row["dropped_by"])
        hours[key].append(row["hour"])
        counts[key] += row["count"]
    problems = {(part.run.token_id, part.run.dropped_by_id): part for part in Part.objects.problems_lately(project)}
    tokens = Token.objects.delivering(project, now - WEEKS)
    people = Run.objects.dropped(project)
    lines = [_of_token(token, hours, counts, problems.get((token.pk, None)), now) for token in tokens] + [
        _of_person(run, counts, problems.get((None, run.dropped_by_id)), now) for run in people
    ]
    return tuple(sorted(lines, key=lambda line: line.state != "halted"))  # what stopped stands first


def _of_token(
    token: Any, hours: dict[Key, list[datetime]], counts: Counter[Key], problem: Part | None, now: datetime
) -> SourceLine:
    key = (token.pk, None)
    warning = "" if token.revoked_at else _stopped(token, hours[key], now)
    state, said = _state(token, warning)
    return SourceLine(
        key=f"token-{token.pk}",
        name=visible(token.name) or "unnamed token",
        kind=f"API token {token.prefix}…",
        state=state,
        state_words=said,
        last=age(token.delivered_at, now) if token.delivered_at else "no run yet",
        last_href=reverse("run", args=[token.run]) if token.run else "",
        runs=counted(counts[key], "run"),
        used=age(token.last_used_at, now),
        warning=warning,
        **_problem(problem),
    )


def _of_person(run: Run, counts: Counter[Key], problem: Part | None, now: datetime) -> SourceLine:
    return SourceLine(
        key=f"person-{run.dropped_by_id}",
        name=visible(run.dropped_by.get_username()),
        kind="files dropped by hand",
        state="delivers",
        state_words="By hand",
        last=age(run.received_at, now),
        last_href=reverse("run", args=[run.pk]),
        runs=counted(counts[(None, run.dropped_by_id)], "run"),
        used="",
        warning="",
        **_problem(problem),
    )


def _stopped(token: Any, hours: list[datetime], now: datetime) -> str:
    """A warning where a source that delivered regularly has stopped, weeks ago or lately."""
    if token.delivered_at is not None and token.delivered_at < now - WEEKS and token.regular_from is not None:
        return f"It delivered regularly, and nothing has come for {pause_words(now - token.delivered_at)}."
    return overdue(hours, token.delivered_at, now)


def _state(token: Any, warning: str) -> tuple[str, str]:
    if token.revoked_at:
        return "revoked", "Revoked"
    if token.delivered_at is None:
        return "waiting", "Nothing yet"
    return ("halted", "Stopped") if warning else ("delivers", "Delivers")


def _problem(part: Part | None) -> dict[str, str]:
    if part is None:
        return {"problem": "", "problem_href": ""}
    said = f"{part.name}: {part.problem}" if part.problem else f"{part.name} could not be read."
    return {"problem": visible(said)[:400], "problem_href": reverse("run", args=[part.run_id])}
