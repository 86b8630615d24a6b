"""One item of a meeting on one screen: the verdict, what proves it, how often it came, and who has it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.facts import Fact
from dashboard.pages.glance import Glance, glance
from dashboard.pages.history import TableView, group_history
from dashboard.pages.item import people_options
from dashboard.pages.judging import KINDS, MECHANISMS
from dashboard.pages.ran import group_strip
from dashboard.pages.tickets import short_ticket
from dashboard.pages.words import Option, Piece, age, counted, pieces
from dashboard.rows import rates_of
from dashboard.timeline.strip import Strip
from dashboard.timeline.text import visible
from triage.models import Item, Run, Verdict
from triage.store.items import passes_of
from triage.store.meetings.writing import title_of
from triage.store.recall import shown_verdict

STRIP = 40
PASSES = 20  # that a watched fix is asked for, unless somebody says another number


class Acts(msgspec.Struct, frozen=True, kw_only=True):
    """What the decision forms start from."""

    owner: str
    due: str  # as date fields want it
    due_words: str
    ticket: str
    status: str
    blocker: bool
    passes: int
    people: tuple[Option, ...]
    statuses: tuple[Option, ...]
    kinds: tuple[Option, ...]
    mechanisms: tuple[Option, ...]


class ItemView(msgspec.Struct, frozen=True, kw_only=True):
    pk: int  # of its place on the agenda
    item: int
    href: str  # the failure group
    kind: str
    kind_words: str
    sure: str
    level_means: str
    sentence: tuple[Piece, ...]
    title: str
    test: str
    message: str
    facts: tuple[Fact, ...]
    strip: Strip
    fails: str  # 11 of 19 runs failed
    table: TableView | None
    expected: str
    observed: str
    enough: str  # where a watched fix has passed often enough: what that means
    glance: Glance | None
    acts: Acts


def item_view(place: Any, now: datetime) -> ItemView:
    """Fifteen queries at most. `place`: of the agenda, its item and group at hand."""
    item, group = place.item, place.item.group
    run = Run.objects.with_project(group.newest_run_id) if group.newest_run_id else None
    row = Verdict.objects.on(run.pk, group.test) if run is not None else None
    verdict = shown_verdict(row) if row is not None else None
    ends = (verdict.write, verdict.read) if verdict is not None else ()
    said = (verdict.summary if verdict is not None else group.summary) or title_of(group)
    history, rates = group_history(group), rates_of(group)
    table = history.tables[0] if history is not None and history.tables else None
    known = rates.runs and rates.observed is not None
    return ItemView(
        pk=place.pk,
        item=item.pk,
        href=reverse("group", args=[group.pk]),
        kind=group.kind,
        kind_words=words.KINDS.get(group.kind, "Not weighed yet"),
        sure=words.sureness(group.kind, group.level, group.confidence),
        level_means=words.LEVELS.get(group.level, ""),
        sentence=pieces(said, words.names_of(ends)),
        title=visible(title_of(group)),
        test=visible(group.test),
        message=visible(group.message),
        facts=_facts(item, group, now),
        strip=group_strip(group, STRIP),
        fails=f"{round((rates.observed or 0) * rates.runs):,} of {counted(rates.runs, 'run')} failed" if known else "",
        table=table if table is not None and table.rows else None,
        expected=history.rates.expected if history is not None and history.rates is not None else "",
        observed=history.rates.observed if history is not None and history.rates is not None else "",
        enough=_enough(item),
        glance=glance(run, group.test) if run is not None else None,
        acts=_acts(item),
    )


def _facts(item: Any, group: Any, now: datetime) -> tuple[Fact, ...]:
    facts = [Fact("Status", words.STATUSES.get(item.status, item.status))]
    if item.owner_name:
        facts.append(Fact("Owner", visible(item.owner_name), _due(item.due, now)))
    elif item.due is not None:
        facts.append(Fact("Due", _day(item.due), _late(item.due, now)))
    if item.ticket:
        facts.append(Fact("Ticket", short_ticket(item.ticket), href=item.ticket))
    if item.blocker:
        facts.append(Fact("Blocks", "the release"))
    if item.earlier is not None:
        closed = item.earlier.closed_at
        facts.append(Fact("Came back", f"after the fix of {_day(closed.date())}" if closed else "after a fix"))
    facts.append(Fact("First seen", age(group.first_seen, now)))
    facts.append(Fact("Last seen", age(group.last_seen, now), f"in {counted(group.occurrences, 'run')}"))
    return tuple(facts)


def _enough(item: Any) -> str:
    """How a watched fix does, where the item is observed."""
    if item.status != Item.Status.OBSERVING or item.observing_since is None:
        return ""
    passes = passes_of([item]).get(item.pk)
    if passes is None:
        return ""
    since = f"since {_day(item.observing_since.date())}"
    if passes.failed:
        return f"It failed {passes.failed:,} times {since}: the fix does not hold."
    wanted = item.passes_wanted
    if wanted and passes.passed >= wanted:
        return f"{passes.passed:,} passes {since}, {wanted:,} were wanted: enough to call it resolved."
    if wanted:
        return f"{passes.passed:,} of {wanted:,} passes {since}, no failure."
    return f"{counted(passes.passed, 'pass', 'passes')} {since}, no failure."


def _acts(item: Any) -> Acts:
    return Acts(
        owner=visible(item.owner_name),
        due=item.due.isoformat() if item.due else "",
        due_words=f"by {_day(item.due)}" if item.due else "",
        ticket=item.ticket,
        status=item.status,
        blocker=item.blocker,
        passes=item.passes_wanted or PASSES,
        people=people_options(Item.objects.people_of(item.project_id)),
        statuses=tuple(Option(value, label) for value, label in words.STATUSES.items()),
        kinds=KINDS,
        mechanisms=MECHANISMS,
    )


def _due(due: date | None, now: datetime) -> str:
    return f"by {_day(due)}{', overdue' if due < now.date() else ''}" if due is not None else ""


def _late(due: date, now: datetime) -> str:
    return "overdue" if due < now.date() else ""


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
