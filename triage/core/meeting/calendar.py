"""When the next meeting of a schedule is: weekdays and a time on the wall clock of a time zone."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ZONE = re.compile(r"UTC|[A-Za-z_]{2,20}/[A-Za-z0-9_+/-]{2,40}")


def next_date(weekdays: Collection[int], at: time, zone: str, after: datetime) -> datetime:
    """The first moment after `after`, in UTC, at which a clock in that zone shows the time on one of the weekdays.

    A time that the clocks skip in spring counts as the moment they are put forward by as much: half past two becomes
    half past three. One that they show twice in autumn is the first of the two. Raises ValueError without a weekday,
    and for a zone that there is none of.
    """
    wanted = {day for day in weekdays if 0 <= day < len(DAYS)}
    if not wanted:
        raise ValueError("Choose at least one weekday.")
    there = zone_named(zone)
    day = after.astimezone(there).date() - timedelta(days=1)  # a day earlier: the clocks may be put back over midnight
    while True:
        if day.weekday() in wanted:
            found = moment(day, at, there)
            if found > after:
                return found
        day += timedelta(days=1)


def moment(day: date, at: time, there: ZoneInfo) -> datetime:
    """The UTC moment at which clocks there first show that time, or skip it."""
    return datetime.combine(day, at.replace(tzinfo=None, fold=0), there).astimezone(UTC)


def zone_named(name: str) -> ZoneInfo:
    """The zone; ValueError for a name that people would not use, such as a path or an abbreviation."""
    try:
        if not ZONE.fullmatch(name):
            raise ValueError(name)
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise ValueError("That is no known time zone. Use a name such as Europe/Berlin, or UTC.") from None


def weekday_words(weekdays: Collection[int]) -> str:
    """`every day`, `Monday to Friday`, `Tuesday and Thursday`."""
    days = sorted({day for day in weekdays if 0 <= day < len(DAYS)})
    if len(days) == len(DAYS):
        return "every day"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{DAYS[days[0]]} to {DAYS[days[-1]]}"
    names = [DAYS[day] for day in days]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1] if names else "")))
