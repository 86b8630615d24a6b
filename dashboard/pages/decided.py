"""A decision in words: who decided what, and what it was before. Pages, minutes and messages say it alike."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from dashboard.pages import words
from dashboard.pages.tickets import short_ticket
from dashboard.timeline.text import visible, visible_lines

BY_LINEUP = {
    "opened": "opened this: the failure was not seen before",
    "came_back": "opened this anew: the failure came back after it was resolved",
    "failed_again": "saw it fail again while the fix was observed",
}


class DecidedLine(msgspec.Struct, frozen=True, kw_only=True):
    pk: int
    who: str
    what: str  # what follows the name: "set the status to observing"
    was: str  # "it was investigating"; "" where there is nothing to say
    text: str  # a note, or why; may have several lines
    at: datetime
    undone: str  # "undone by ada"; "" where it holds
    undoes: bool
    note: bool


def decided(row: Any) -> DecidedLine:
    """`row` is a Decision; its `undoes` and `undone_by` at hand."""
    undone = getattr(row, "undone_by", None)
    what, was = said(row.what, row.before, row.after)
    if row.what == "undone" and row.undoes is not None:
        again = row.undoes.what == "undone"
        what = "undid that undo" if again else f"undid: {said(row.undoes.what, row.undoes.before, row.undoes.after)[0]}"
    return DecidedLine(
        pk=row.pk,
        who=visible(row.who),
        what=what,
        was=was,
        text=visible_lines(row.text),
        at=row.at,
        undone=f"undone by {visible(undone.who)}" if undone is not None else "",
        undoes=row.what == "undone",
        note=row.what == "note",
    )


def said(what: str, before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    """What a decision did, and what it was before."""
    if what in BY_LINEUP:
        return BY_LINEUP[what], ""
    return _SAID[what](before, after) if what in _SAID else (what.replace("_", " "), "")


def day(value: Any) -> str:
    """`24 May 2024`, from a date or from how JSON keeps it."""
    try:
        on = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        return ""
    return f"{on.day} {on:%b %Y}"


def _status(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    passes = after.get("passes")  # Lineup's own: the fix passed as often as was wanted
    why = f" after {passes} passes" if passes else ""
    return f"set the status to {_word(after)}{why}", f"it was {_word(before)}" if before.get("status") else ""


def _word(fields: dict[str, Any]) -> str:
    status = str(fields.get("status", ""))
    return words.STATUSES.get(status, visible(status))


def _owner(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    if "owner_name" not in after:
        return "changed the account of its owner", ""
    now, was = (visible(str(each.get("owner_name") or "")) for each in (after, before))
    due = day(after.get("due")) if after.get("due") != before.get("due") else ""
    what = f"gave it to {now}" if now else "took the owner off"
    return f"{what}, due {due}" if due else what, f"{was or 'nobody'} had it"


def _due(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    now, was = day(after.get("due")), day(before.get("due"))
    return f"set the due date to {now}" if now else "took the due date off", f"it was {was}" if was else ""


def _ticket(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    now, was = short_ticket(str(after.get("ticket") or "")), short_ticket(str(before.get("ticket") or ""))
    return f"linked the ticket {now}" if now else "took the ticket off", f"it was {was}" if was else ""


def _blocker(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return "said that it blocks the release" if after.get("blocker") else "said that it blocks nothing", ""


def _watch(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    passes = after.get("passes_wanted")
    was = f"it was {_word(before)}" if before.get("status") not in (None, "observing") else ""
    return f"watches a fix: resolved after {passes} passes" if passes else "watches a fix", was


_SAID = {
    "status": _status,
    "owner": _owner,
    "due": _due,
    "ticket": _ticket,
    "blocker": _blocker,
    "watch": _watch,
    "note": lambda before, after: ("noted", ""),
    "accepted": lambda before, after: ("accepted the verdict", ""),
    "overruled": lambda before, after: ("overruled the verdict", ""),
    "undone": lambda before, after: ("undid a decision", ""),
}
