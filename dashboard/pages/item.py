"""A failure in a team's care: where it stands, whose it is, and what can be decided about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.decided import day
from dashboard.pages.tickets import short_ticket
from dashboard.pages.words import Option, age, counted
from dashboard.timeline.text import visible
from triage.store.items.deciding import PASSES

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
SOON = 2  # days


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """A fix under observation."""

    passed: int
    wanted: int  # 0 where nobody said after how many it is resolved
    share: int  # of the way, in hundredths
    said: str  # 31 of 40 passes
    failed: str  # "failed twice since"; "" where it did not


class Care(msgspec.Struct, frozen=True, kw_only=True):
    """An item as lists and pages show it."""

    pk: int
    status: str
    status_words: str
    owner: str
    mine: bool
    due: str
    due_value: str
    lateness: str  # "overdue", "soon" or ""
    ticket: str
    ticket_href: str
    blocker: bool
    back: bool  # it came back after it was resolved
    since: str  # open for how long
    watched: Watched | None


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """A time before this one."""

    number: str
    anchor: str  # where its decisions stand
    opened: str
    resolved: str
    owner: str
    ticket: str
    ticket_href: str


class Deciding(msgspec.Struct, frozen=True, kw_only=True):
    """The forms that decide, on one failure or on those that are chosen."""

    action: str
    back: str
    may: bool
    statuses: tuple[Option, ...]
    people: tuple[Option, ...]
    passes: int
    item: int | None  # None: those that are chosen in the list


def people_options(people: Iterable[Any]) -> tuple[Option, ...]:
    """Who can be named, by user name, with the full name beside it."""
    return tuple(Option(visible(each.get_username()), visible(each.get_full_name())) for each in people)


def deciding(project: Any, people: Iterable[Any], *, may: bool, back: str, item: Any = None) -> Deciding:
    return Deciding(
        action=reverse("decide", args=[project.slug]),
        back=back,
        may=may,
        statuses=tuple(Option(value, label) for value, label in words.STATUSES.items()),
        people=people_options(people),
        passes=PASSES,
        item=item.pk if item is not None else None,
    )


def care(item: Any, user: Any, now: datetime, passes: Any = None) -> Care:
    """`passes`: what was seen since the fix was claimed, where it is observed."""
    today = now.date()
    observing = item.status == "observing" and passes is not None
    return Care(
        pk=item.pk,
        status=item.status,
        status_words=words.STATUSES.get(item.status, item.status),
        owner=visible(item.owner_name or (item.owner.get_username() if item.owner is not None else "")),
        mine=item.owner_id is not None and item.owner_id == user.pk,
        due=_due(item.due, today),
        due_value=item.due.isoformat() if item.due is not None else "",
        lateness=_lateness(item.due, today) if item.closed_at is None else "",
        ticket=short_ticket(item.ticket),
        ticket_href=item.ticket if item.ticket.startswith(("https://", "http://")) else "",
        blocker=item.blocker,
        back=item.earlier_id is not None,
        since=age(item.opened_at, now),
        watched=watched(passes, item.passes_wanted) if observing else None,
    )


def watched(passes: Any, wanted: int | None) -> Watched:
    passed, failed = passes.passed, passes.failed
    return Watched(
        passed=passed,
        wanted=wanted or 0,
        share=min(100, 100 * passed // wanted) if wanted else 0,
        said=f"{passed:,} of {counted(wanted, 'pass', 'passes')}" if wanted else counted(passed, "pass", "passes"),
        failed=f"failed {counted(failed, 'time')} since" if failed else "",
    )


def number_words(number: int) -> str:
    """`second time`, `11th time`."""
    return f"{ORDINALS[number - 1] if number <= len(ORDINALS) else f'{number}th'} time"


def item_anchor(pk: int) -> str:
    return f"item-{pk}"


def earlier_times(line: Sequence[Any]) -> tuple[Earlier, ...]:
    """`line`: the items of one group, newest first; the first of them is the one of now."""
    count = len(line)
    return tuple(
        Earlier(
            number=number_words(count - at),
            anchor=item_anchor(row.pk),
            opened=day(row.opened_at.date()),
            resolved=day(row.closed_at.date()) if row.closed_at is not None else "",
            owner=visible(row.owner_name),
            ticket=short_ticket(row.ticket),
            ticket_href=row.ticket if row.ticket.startswith(("https://", "http://")) else "",
        )
        for at, row in enumerate(line)
        if at
    )


def _due(due: date | None, today: date) -> str:
    if due is None:
        return ""
    left = (due - today).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    return near.get(left) or (f"{due.day} {due:%b}" if due.year == today.year else day(due))


def _lateness(due: date | None, today: date) -> str:
    if due is None:
        return ""
    left = (due - today).days
    return "overdue" if left < 0 else "soon" if left <= SOON else ""
