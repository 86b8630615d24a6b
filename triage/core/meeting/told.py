"""Decisions in words, as minutes have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from triage.core.called import STATUSES


def told(what: str, after: Mapping[str, Any], text: str = "", *, verdict: str = "") -> str:
    """One decision in a sentence. `after`: the item's fields as they became; `verdict`: what it is instead."""
    said = _SENTENCES[what](after) if what in _SENTENCES else what
    if what == "note":
        return text
    if what == "overruled" and verdict:
        said = f"Verdict overruled: {verdict}"
    return f"{said}: {text.strip()}" if text.strip() else f"{said}."


def owner_words(after: Mapping[str, Any]) -> str:
    name, due = str(after.get("owner_name") or ""), day_words(after.get("due"))
    if not name:
        return f"No owner, due {due}" if due else "No owner"
    return f"Owner: {name}, by {due}" if due else f"Owner: {name}"


def day_words(value: Any) -> str:
    """`28 May 2026`, of a date or of its ISO text; empty where there is none."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10])
        except ValueError:
            return ""
    return f"{value.day} {value:%B %Y}" if isinstance(value, date) else ""


def status_words(status: Any) -> str:
    return STATUSES.get(str(status), str(status))


def _watch(after: Mapping[str, Any]) -> str:
    wanted = after.get("passes_wanted")
    return f"Watching the fix until {wanted} passes" if wanted else "Watching the fix"


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "opened": lambda _: "Opened",
    "came_back": lambda _: "It came back",
    "failed_again": lambda _: "It failed again",
    "status": lambda after: f"Status: {status_words(after.get('status', ''))}",
    "owner": owner_words,
    "due": lambda after: f"Due {day}" if (day := day_words(after.get("due"))) else "No due date",
    "ticket": lambda after: f"Ticket: {after['ticket']}" if after.get("ticket") else "Ticket taken off",
    "blocker": lambda after: "It is a blocker" if after.get("blocker") else "No blocker any more",
    "watch": _watch,
    "accepted": lambda _: "Verdict accepted",
    "overruled": lambda _: "Verdict overruled",
    "undone": lambda _: "Undone",
}
