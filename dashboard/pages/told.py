"""What was decided about a failure and when: decisions of people, verdicts that changed, what was said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.urls import reverse

from dashboard.pages.addresses import address
from dashboard.pages.changes import ChangeView, change_view
from dashboard.pages.decided import DecidedLine, decided
from dashboard.pages.item import item_anchor, number_words
from dashboard.pages.judging import JudgementLine, judgement_line
from dashboard.pages.words import Piece, counted, pieces
from dashboard.timeline.text import visible
from triage.models import Decision, FailureGroup, Judgement, VerdictChange

MOST = 100  # of each kind that one page lists
NEVER_UNDONE = ("opened", "came_back", "undone")  # that a failure came is no decision


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was decided; exactly one of the three."""

    at: datetime
    change: ChangeView | None = None
    judgement: JudgementLine | None = None
    decision: DecidedLine | None = None
    words: tuple[tuple[Piece, ...], ...] = ()  # of a note, line by line, with those who are mentioned marked
    time: str = ""  # second time; "" where the failure came but once
    anchor: str = ""  # of an item, at the newest decision on it
    meeting: str = ""
    meeting_href: str = ""
    undo: bool = False  # this person may undo it
    others: str = ""  # 4 other failures, which were decided on at once and are undone at once
    own: bool = False  # this person decided it
    run: str = ""
    href: str = ""


def told(group: FailureGroup, line: Sequence[Any], people: Iterable[Any], user: Any, *, may: bool) -> tuple[Told, ...]:
    """Newest first. `line`: the group's items, newest first. Four queries at most."""
    numbers = {item.pk: number_words(len(line) - at) for at, item in enumerate(line)} if len(line) > 1 else {}
    names = [f"@{each.get_username()}" for each in people]
    decisions = Decision.objects.of_group(group, MOST)
    sizes = Decision.objects.sizes_of(group.project, (row.batch for row in decisions))
    linked = {row.judgement_id for row in decisions}
    newest = {row.item_id: row.pk for row in reversed(decisions)}
    rows = [
        _decision(row, numbers.get(row.item_id, ""), newest[row.item_id], names, sizes, user if may else None)
        for row in decisions
    ]
    rows += [_change(row) for row in VerdictChange.objects.of_group(group, MOST)]
    rows += [_judgement(row) for row in Judgement.objects.of_group(group)[:MOST] if row.pk not in linked]
    return tuple(sorted(rows, key=lambda one: one.at, reverse=True))


def note_words(text: str, names: Sequence[str]) -> tuple[tuple[Piece, ...], ...]:
    """A note line by line, the people that it names marked."""
    return tuple(pieces(line, names) for line in text.split("\n")) if text else ()


def _decision(row: Any, time: str, newest: int, names: Sequence[str], sizes: Mapping[Any, int], by: Any) -> Told:
    view, others = decided(row), sizes.get(row.batch, 1) - 1
    return Told(
        at=row.at,
        decision=view,
        words=note_words(row.text, [name for name in names if name in row.text]),
        time=time,
        anchor=item_anchor(row.item_id) if time and row.pk == newest else "",
        meeting=visible(row.meeting.name) if row.meeting is not None else "",
        meeting_href=reverse("meeting", args=[row.meeting_id]) if row.meeting is not None else "",
        undo=by is not None and not view.undone and row.what not in NEVER_UNDONE,
        others=counted(others, "other failure") if others > 0 else "",
        own=by is not None and row.user_id == by.pk,
    )


def _judgement(row: Any) -> Told:
    return Told(at=row.at, judgement=judgement_line(row), run=_run_name(row.run), href=_href(row))


def _change(row: Any) -> Told:
    return Told(at=row.at, change=change_view(row), run=_run_name(row.run), href=_href(row))


def _run_name(run: Any) -> str:
    return visible(run.name or run.run_key) if run is not None else ""


def _href(row: Any) -> str:
    return address("run", row.run_id, row.test) if row.run_id else ""
