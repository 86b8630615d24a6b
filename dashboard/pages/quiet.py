"""Whether evidence has stopped coming: a pause far longer than any that the last weeks had."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

WEEKS = timedelta(weeks=4)  # what is looked at
DAYS, HOURS = 3, 6  # distinct days, and hours, with an arrival: fewer say nothing of a rhythm
LONGER = 1.5  # times the longest pause
LEAST = timedelta(hours=2)


def pause_words(pause: timedelta) -> str:
    """`5 days`, `14 hours`, `40 minutes`."""
    seconds = pause.total_seconds()
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 1.5 * size or size == 60:
            count = max(1, round(seconds / size))
            return f"{count:,} {name if count == 1 else name + 's'}"
    raise AssertionError("the last size always fits")


def overdue(hours: Iterable[datetime], last: datetime | None, now: datetime) -> str:
    """A sentence where nothing has come for longer than usual, else "". `hours`: those in which something came.

    Nights and weekends are pauses too: only one half as long again as the longest of four weeks counts.
    """
    found = sorted(set(hours))
    if last is None or len(found) < HOURS or len({hour.date() for hour in found}) < DAYS:
        return ""
    longest = max(later - earlier for earlier, later in pairwise(found))
    pause = now - last
    if pause < max(LEAST, longest * LONGER):
        return ""
    return (
        f"Nothing has come for {pause_words(pause)}; in the weeks before, the longest pause was {pause_words(longest)}."
    )
