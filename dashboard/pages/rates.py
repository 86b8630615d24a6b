"""How often a failure came over time, and in which shares processes answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from dashboard.pages.history import interval, share
from dashboard.timeline.rates import Bucket, RateChart, rate_chart
from dashboard.timeline.text import visible
from triage.core.findings import Trace
from triage.core.history.records import Occasion as FoundOccasion
from triage.models import FailureGroup, Occasion

DAYS, WEEKS = 35, 30  # most buckets of a chart
BEFORE = 3  # buckets before the first failure
SHARES = 8  # processes listed one by one
BAR = 120.0


class Share(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    colour: str
    requests: str
    share: str
    width: float


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[Share, ...]
    full: float
    more: str  # how many processes are not listed
    parts: str  # in how many of 100 cases two requests meet different processes


def rates_over_time(group: FailureGroup, expected: float | None, now: datetime) -> RateChart:
    """By day where the failure is young, else by week. One query."""
    if group.first_seen is None:
        return RateChart()
    today = now.astimezone(UTC).date()
    begin = group.first_seen.astimezone(UTC).date()
    young = (today - begin).days + BEFORE <= DAYS
    unit, size, most = ("day", timedelta(days=1), DAYS) if young else ("week", timedelta(weeks=1), WEEKS)
    last = today if young else today - timedelta(days=today.weekday())
    first = max(begin - BEFORE * size, last - (most - 1) * size)
    first = first if young else first - timedelta(days=first.weekday())
    rows = Occasion.objects.rate_by(unit, group, datetime(first.year, first.month, first.day, tzinfo=UTC))
    counts = {row["bucket"]: row for row in rows}
    found = [_bucket(first + n * size, counts) for n in range((last - first) // size + 1)]
    return rate_chart(found, expected, unit)


def _bucket(on: date, counts: dict[date, dict[str, Any]]) -> Bucket:
    row = counts.get(on, {"failed": 0, "total": 0})
    low, high = interval(row["failed"], row["total"])
    return Bucket(label=f"{on.day} {on:%b}", failed=row["failed"], total=row["total"], low=low, high=high)


def shares_of(occasions: Sequence[FoundOccasion]) -> Shares | None:
    """Who answered in the newest run whose log tells it; None where none does. `occasions` newest first."""
    traces = (one.trace for one in occasions if one.trace is not None and not one.experiment)
    trace: Trace | None = next((each for each in traces if sum(h.requests for h in each.holders)), None)
    if trace is None:
        return None
    total = sum(holder.requests for holder in trace.holders)
    part = 1 - sum((holder.requests / total) ** 2 for holder in trace.holders)
    shown = sorted(enumerate(trace.holders), key=lambda pair: -pair[1].requests)[:SHARES]
    return Shares(
        rows=tuple(
            Share(
                name=visible(holder.name), colour=f"p{place % 8 + 1}", requests=f"{holder.requests:,}",
                share=share(holder.requests / total), width=round(BAR * holder.requests / total, 1),
            )
            for place, holder in shown
        ),
        full=BAR,
        more=f"and {len(trace.holders) - len(shown):,} more" if len(trace.holders) > len(shown) else "",
        parts=share(part),
    )  # fmt: skip
