"""Typed readers of environment variables: a bad value is refused with the variable's name and what would do."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


class BadVariable(ValueError):
    """An environment variable holds what Lineup cannot use; the message is a sentence for the operator."""


def text(name: str, default: str = "") -> str:
    """The value without surrounding blanks; an empty variable counts as unset."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in _TRUE | _FALSE:
        return value in _TRUE
    raise BadVariable(f"{name} must be true or false, not {value!r}.")


def integer(name: str, default: int, low: int, high: int) -> int:
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise BadVariable(f"{name} must be a whole number, not {value!r}.") from None
    if not low <= number <= high:
        raise BadVariable(f"{name} must be between {low} and {high}, not {number}.")
    return number


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise BadVariable(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def words(name: str) -> tuple[str, ...]:
    """A list separated by commas."""
    return tuple(word.strip() for word in text(name).split(",") if word.strip())


def url(name: str, schemes: tuple[str, ...]) -> str:
    """An absolute URL with one of the schemes, or "". The value is never repeated: it may hold a password."""
    value = text(name)
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in schemes and (bool(parts.hostname) or parts.scheme.startswith(("postgres", "redis+")))
        parts.port  # noqa: B018  reading it raises where the port is no number
    except ValueError:
        usable = False
    if not usable:
        raise BadVariable(f"{name} must be a URL that begins with {' or '.join(s + '://' for s in schemes)}.")
    return value
