"""A verdict that became another: what it was, what it is, and why."""

from __future__ import annotations

from typing import Any

import msgspec

from dashboard.pages.judging import verdict_words
from dashboard.timeline.text import visible, visible_lines


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    was: str
    now: str
    reason: str
    sentence: str  # how the earlier one was said
    cause: str


def change_view(row: Any) -> ChangeView:
    return ChangeView(
        was=verdict_words(row.before), now=verdict_words(row.after), reason=visible_lines(row.reason),
        sentence=visible(str(row.before.get("summary", ""))), cause=row.cause,
    )  # fmt: skip
