"""How often a failure came, over days or weeks, beside how often it should: bars and a line as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

WIDTH, HEIGHT = 560.0, 172.0
LEFT, RIGHT, TOP, FLOOR = 44.0, 62.0, 14.0, 140.0  # right of the bars: what is expected
LABELS = 7  # at most so many dates under the chart
WIDEST = 44.0  # a chart of few bars is no wall of wide blocks
LEVELS = (0.0, 0.5, 1.0)


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of one day or week."""

    label: str  # 6 May
    failed: int
    total: int  # 0: no run
    low: float = 0.0  # bounds of the rate at 95 %
    high: float = 1.0


class RateBar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    x: float
    y: float
    width: float
    height: float
    middle: float
    low_y: float  # whisker, from here …
    high_y: float  # … up to here
    title: str
    none: bool  # no run failed: a mark on the floor, so that it is told from no run at all


class Mark(msgspec.Struct, frozen=True, gc=False):
    at: float
    label: str


class RateRow(msgspec.Struct, frozen=True, gc=False):
    label: str
    failed: str
    total: str
    rate: str


class RateChart(msgspec.Struct, frozen=True, kw_only=True):
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    floor: float = FLOOR
    bars: tuple[RateBar, ...] = ()
    dates: tuple[Mark, ...] = ()
    levels: tuple[Mark, ...] = ()
    expected: Mark | None = None
    rows: tuple[RateRow, ...] = ()
    summary: str = ""  # the whole chart in a sentence, for who cannot see it


def rate_chart(buckets: Sequence[Bucket], expected: float | None, unit: str) -> RateChart:
    """`buckets` oldest first; `unit` is what one of them is: day or week."""
    if not any(bucket.total for bucket in buckets):
        return RateChart()
    pitch = (WIDTH - LEFT - RIGHT) / len(buckets)
    every = -(-len(buckets) // LABELS)
    return RateChart(
        bars=tuple(_bar(bucket, i, pitch, unit) for i, bucket in enumerate(buckets) if bucket.total),
        dates=tuple(
            Mark(round(LEFT + (i + 0.5) * pitch, 1), bucket.label)
            for i, bucket in enumerate(buckets)
            if (len(buckets) - 1 - i) % every == 0
        ),
        levels=tuple(Mark(_y(level), _percent(level)) for level in LEVELS),
        expected=Mark(_y(expected), _percent(expected)) if expected is not None else None,
        rows=tuple(
            RateRow(bucket.label, f"{bucket.failed:,}", f"{bucket.total:,}", _percent(bucket.failed / bucket.total))
            for bucket in reversed(buckets)
            if bucket.total
        ),
        summary=_summary(buckets, expected, unit),
    )


def _bar(bucket: Bucket, place: int, pitch: float, unit: str) -> RateBar:
    rate = bucket.failed / bucket.total
    width = min(pitch * 0.66, WIDEST)
    middle = LEFT + (place + 0.5) * pitch
    when = f"week of {bucket.label}" if unit == "week" else bucket.label
    return RateBar(
        x=round(middle - width / 2, 1),
        y=_y(rate) if bucket.failed else FLOOR - 2,
        width=round(width, 1),
        height=round(FLOOR - _y(rate), 1) if bucket.failed else 2.0,
        middle=round(middle, 1),
        low_y=_y(bucket.low),
        high_y=_y(bucket.high),
        title=f"{when}: {bucket.failed:,} of {bucket.total:,} failed, {_percent(rate)}",
        none=not bucket.failed,
    )


def _y(rate: float) -> float:
    return round(FLOOR - (FLOOR - TOP) * min(1.0, max(0.0, rate)), 1)


def _percent(rate: float) -> str:
    return f"{100 * rate:.0f} %"


def _summary(buckets: Sequence[Bucket], expected: float | None, unit: str) -> str:
    failed, total = sum(bucket.failed for bucket in buckets), sum(bucket.total for bucket in buckets)
    said = f"Rate of this failure by {unit}: {failed:,} of {total:,} runs failed, {_percent(failed / total)}"
    return f"{said}; expected {_percent(expected)}." if expected is not None else f"{said}."
