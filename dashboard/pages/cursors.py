"""Where a page of a list ends, as text in a URL: a moment or a number, and a key."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard.sent import HIGHEST_KEY


def write_moment(at: datetime, key: int) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%f}_{key}"


def read_moment(text: str) -> tuple[datetime, int] | None:
    """None where there is no cursor, or one that no page wrote: then the list starts at its head."""
    at, _, key = text.partition("_")
    number = _number(key)
    if number is None:
        return None
    try:
        return datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), number
    except ValueError:
        return None


def write_count(count: int, key: int) -> str:
    return f"{count}_{key}"


def read_count(text: str) -> tuple[int, int] | None:
    count, _, key = text.partition("_")
    first, second = _number(count), _number(key)
    return None if first is None or second is None else (first, second)


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    return min(int(text), HIGHEST_KEY)
