"""What a caller may ask of the list of runs, and the cursor that turns its pages."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.http import HttpRequest

from triage import rfc3339
from triage.api import ApiError
from triage.core.findings import VerdictKind
from triage.core.records import instant, micros
from triage.models import Run

Place = tuple[datetime, uuid.UUID]  # when a run was received, and its id
Key = TypeVar("Key")
HIGHEST_KEY = 2**63 - 1
_CURSOR = re.compile(r"(-?\d{1,18})\.([0-9a-f]{1,32})")
_LOST_PLUS = re.compile(r" (?=\d\d:\d\d$)")  # a plus sign that was not percent-encoded arrives as a space


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """None: no such condition."""

    branch: str | None
    status: str | None
    verdict: str | None
    since: datetime | None  # received then or later
    after: Place | None  # the last run of the page before


def run_query(request: HttpRequest) -> RunQuery:
    """The query of an address; an empty parameter is none, an unknown one is ignored. Raises ApiError 400."""
    given = {name: value for name, value in request.GET.items() if value}
    branch = given.get("branch")
    if branch and "\0" in branch:
        raise ApiError(400, "bad_parameter", "'branch' holds a NUL character.", "branch")
    return RunQuery(
        branch=branch,
        status=one_of(given, "status", [status.value for status in Run.Status]),
        verdict=one_of(given, "verdict", [kind.value for kind in VerdictKind]),
        since=_since(given.get("since")),
        after=place_of(given.get("cursor"), uuid.UUID),
    )


def cursor_of(at: datetime, key: str) -> str:
    """The place of a row in a list that is sorted by time: its time and its key, in hexadecimal or decimal digits."""
    return base64.urlsafe_b64encode(f"{micros(at)}.{key}".encode()).decode().rstrip("=")


def place_of(cursor: str | None, read: Callable[[str], Key]) -> tuple[datetime, Key] | None:
    """The time and the key, which `read` may refuse with ValueError. Raises ApiError 400 where nobody gave it out."""
    if cursor is None:
        return None
    try:
        plain = base64.b64decode(cursor[:100] + "=" * (-len(cursor) % 4), b"-_", validate=True).decode("ascii")
        found = _CURSOR.fullmatch(plain)
        if found:
            return instant(int(found[1])), read(found[2])
    except (binascii.Error, ValueError, OverflowError):
        pass
    raise ApiError(400, "bad_cursor", "This cursor is none that Lineup gave out; begin again without one.", "cursor")


def key_of(text: str) -> int:
    """Raises ValueError where it is no key of a row."""
    key = int(text)
    if key > HIGHEST_KEY:
        raise ValueError(text)
    return key


def one_of(given: Mapping[str, str | None], name: str, known: list[str]) -> str | None:
    """The value of that name, None where it is missing. Raises ApiError 400 where it is none of the known ones."""
    value = given.get(name)
    if value is not None and value not in known:
        raise ApiError(400, "bad_parameter", f"'{name}' must be one of {', '.join(known)}.", name)
    return value


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return rfc3339.parse(_LOST_PLUS.sub("+", text))
    except ValueError as error:
        raise ApiError(400, "bad_parameter", f"'since' is no time that can be used: {error}.", "since") from error
