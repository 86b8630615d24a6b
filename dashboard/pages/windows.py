"""Moments in a page's address: `?from=2024-05-23T12:11:06.5Z&to=…` shows a colleague the same part of the picture."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from dashboard.timeline.window import Window
from triage.core.records import instant, micros

LONGEST = 40  # characters of one moment


def read_window(query: Mapping[str, str]) -> Window | None:
    """None where the two ends are not both moments in order: then the whole is shown."""
    low, high = _moment(query.get("from", "")), _moment(query.get("to", ""))
    return Window(low, high) if low is not None and high is not None and low < high else None


def written(window: Window | None) -> list[tuple[str, str]]:
    """The same for an address; empty for the whole."""
    return [("from", _iso(window.low)), ("to", _iso(window.high))] if window is not None else []


def _moment(text: str) -> int | None:
    if not text or len(text) > LONGEST:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign that an address left bare
    except ValueError:
        return None
    try:
        return micros(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
    except OverflowError:  # a zone at the end of all years
        return None


def _iso(us: int) -> str:
    try:
        at = instant(us)
    except OverflowError:
        return ""
    return at.isoformat().replace("+00:00", "Z")
