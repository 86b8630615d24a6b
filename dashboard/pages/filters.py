"""What the list of runs is narrowed to, as its address says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from triage.store.text import clean

LONGEST = 300  # characters of a value
DAYS = (14, 30, 90)  # that the chart may show
NAMES = ("branch", "verdict", "status", "since", "until")


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    branch: str = ""
    verdict: str = ""
    status: str = ""
    since: str = ""  # 2026-11-23; both days are inside
    until: str = ""
    cursor: str = ""
    days: int = DAYS[0]

    @property
    def narrow(self) -> bool:
        return any(getattr(self, name) for name in NAMES)

    @property
    def wanted(self) -> dict[str, Any]:
        """What `Run.objects.narrowed` is asked for."""
        first, last = _day(self.since), _day(self.until)
        return {
            "branch": self.branch, "verdict": self.verdict, "status": self.status,
            "since": _midnight(first) if first else None,
            "until": _midnight(last + timedelta(days=1)) if last and last < date.max else None,
        }  # fmt: skip

    def query(self, **other: str | int) -> str:
        """The address of the same list but for `other`; the page after a cursor is another list's."""
        values = (
            {name: getattr(self, name) for name in NAMES} | {"days": self.days if self.days != DAYS[0] else ""} | other
        )
        return urlencode({name: value for name, value in values.items() if value})


def read_filters(sent: Mapping[str, str]) -> Filters:
    """Whatever an address holds; what cannot be used narrows nothing."""
    values = {name: clean(str(sent.get(name, "")), LONGEST) for name in (*NAMES, "cursor")}
    for name in ("since", "until"):
        values[name] = values[name] if _day(values[name]) else ""
    days = next((days for days in DAYS if sent.get("days") == str(days)), DAYS[0])
    return Filters(**values, days=days)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
