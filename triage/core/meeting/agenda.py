"""The agenda of a meeting, made from what is in a team's care: what comes first, and why it is on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

import msgspec

MOST = 60  # items that one agenda holds
SURE = 8  # places that each section has at least, however long the others are


class Section(StrEnum):
    NEW = "new"
    CAME_BACK = "came_back"
    OPEN = "open"
    OBSERVING = "observing"
    ADDED = "added"  # by hand


ORDER = (Section.CAME_BACK, Section.NEW, Section.OPEN, Section.OBSERVING)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An open item, as far as an agenda asks."""

    item: int
    status: str
    opened_at: datetime
    came_back: bool = False  # it is linked to an earlier item
    fixed_on: date | None = None  # when the earlier one was resolved
    blocker: bool = False
    due: date | None = None
    failed: int = 0  # runs in which it failed, of so many
    runs: int = 0
    passed: int = 0  # since the fix
    failed_again: int = 0
    passes_wanted: int | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    item: int
    section: Section
    reason: str


class Agenda(msgspec.Struct, frozen=True, kw_only=True):
    entries: tuple[Entry, ...] = ()
    left_out: int = 0


def build(candidates: Iterable[Candidate], since: datetime, now: datetime, *, most: int = MOST) -> Agenda:
    """Who came back and what is new first, then the oldest; blockers and what is overdue before the others."""
    told = [(section_of(one, since), one) for one in candidates]
    told.sort(key=lambda pair: (ORDER.index(pair[0]), _urgency(pair[0], pair[1], now), pair[1].opened_at, pair[1].item))
    entries = [Entry(item=one.item, section=section, reason=reason(section, one, now)) for section, one in told]
    return Agenda(entries=_fitting(entries, most), left_out=max(0, len(entries) - most))


def _fitting(entries: list[Entry], most: int) -> tuple[Entry, ...]:
    """The first of each section for sure, then in order until the agenda is full."""
    met: Counter[Section] = Counter()
    sure: set[int] = set()
    for entry in entries:
        met[entry.section] += 1
        if met[entry.section] <= SURE and len(sure) < most:
            sure.add(entry.item)
    room = most - len(sure)
    for entry in entries:
        if room and entry.item not in sure:
            sure.add(entry.item)
            room -= 1
    return tuple(entry for entry in entries if entry.item in sure)


def section_of(one: Candidate, since: datetime) -> Section:
    if one.status == "observing":
        return Section.OBSERVING
    if one.opened_at > since:
        return Section.CAME_BACK if one.came_back else Section.NEW
    return Section.OPEN


def _urgency(section: Section, one: Candidate, now: datetime) -> tuple[bool, bool, bool]:
    """What sorts first within a section: a blocker, what is overdue, and a fix that has shown enough."""
    return not one.blocker, not overdue(one, now), not (section is Section.OBSERVING and enough(one))


def overdue(one: Candidate, now: datetime) -> bool:
    return one.due is not None and one.due < now.date()


def enough(one: Candidate) -> bool:
    """The fix has passed as often as it was to, and failed never."""
    return bool(one.passes_wanted) and one.passed >= (one.passes_wanted or 0) and not one.failed_again


def reason(section: Section, one: Candidate, now: datetime) -> str:
    """Beside its name: `11 of 19`, `9 days`, `31 of 40 passes`, `was fixed 2 May`."""
    told = {
        Section.NEW: _rate,
        Section.CAME_BACK: _returned,
        Section.OPEN: lambda one: _open_for(one, now),
        Section.OBSERVING: _passes,
        Section.ADDED: _rate,
    }[section](one)
    marks = [word for word, true in (("blocker", one.blocker), ("overdue", overdue(one, now))) if true]
    return " · ".join([*marks, told]) if told else " · ".join(marks)


def _rate(one: Candidate) -> str:
    if one.runs:
        return f"{one.failed:,} of {one.runs:,} {'run' if one.runs == 1 else 'runs'}"
    return f"{one.failed:,} {'run' if one.failed == 1 else 'runs'}" if one.failed else ""


def _returned(one: Candidate) -> str:
    return f"was fixed {one.fixed_on.day} {one.fixed_on:%b}" if one.fixed_on is not None else "was fixed before"


def _open_for(one: Candidate, now: datetime) -> str:
    days = max(0, (now - one.opened_at).days)
    return f"{days} {'day' if days == 1 else 'days'}" if days else "today"


def _passes(one: Candidate) -> str:
    if one.failed_again:
        return "failed again"
    if enough(one):
        return f"{one.passed:,} passes: enough"
    if one.passes_wanted:
        return f"{one.passed:,} of {one.passes_wanted:,} passes"
    return f"{one.passed:,} {'pass' if one.passed == 1 else 'passes'}"
