"""Failures by verdict over the days: stacked bars as numbers, and the same numbers as a table.

The bars are stretched to whatever width there is; the words beside them are the page's own text and keep their size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

PITCH, HEIGHT = 10.0, 100.0  # one day's width and the whole height, in units of the picture
BAR, GAP = 6.8, 0.8  # a bar's width, and what is left open between its parts
LABELS = 5  # days that are named at most: more would touch on a phone


class Bar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


class Day(msgspec.Struct, frozen=True, kw_only=True):
    day: date
    name: str  # 9 Nov
    named: bool  # whether its name stands under the bars
    x: float
    counts: tuple[int, ...]  # in the order of the chart's kinds
    total: int
    title: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    width: float = 0.0
    height: float = HEIGHT
    pitch: float = PITCH
    bars: tuple[Bar, ...] = ()
    days: tuple[Day, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()  # those that occur, with their words
    top: int = 0  # what the upper line stands for
    total: int = 0


def chart(
    days: Sequence[date], counts: Mapping[tuple[date, str], int], kinds: Sequence[str], words: Mapping[str, str]
) -> Chart:
    """One bar a day, its parts in the order of `kinds` from the floor up, so that the first kind has a common base."""
    there = [kind for kind in kinds if any(counts.get((day, kind)) for day in days)]
    totals = [sum(counts.get((day, kind), 0) for kind in there) for day in days]
    top = _round_up(max(totals, default=0))
    every = max(1, -(-len(days) // LABELS))
    return Chart(
        width=round(PITCH * len(days), 1),
        bars=tuple(
            bar for n, day in enumerate(days) for bar in _bars(n, day, counts, there, words, HEIGHT / max(1, top))
        ),
        days=tuple(
            Day(
                day=day,
                name=f"{day:%-d %b}",
                named=(len(days) - 1 - n) % every == every // 2,
                x=n * PITCH,
                counts=tuple(counts.get((day, kind), 0) for kind in there),
                total=totals[n],
                title=f"{day:%-d %b}: {totals[n]:,} {'failure' if totals[n] == 1 else 'failures'}",
            )
            for n, day in enumerate(days)
        ),
        kinds=tuple((kind, words.get(kind, kind)) for kind in there),
        top=top if there else 0,
        total=sum(totals),
    )


def _bars(
    n: int,
    day: date,
    counts: Mapping[tuple[date, str], int],
    kinds: Sequence[str],
    words: Mapping[str, str],
    scale: float,
) -> list[Bar]:
    bars: list[Bar] = []
    y = HEIGHT
    for kind in kinds:
        count = counts.get((day, kind), 0)
        if not count:
            continue
        y -= count * scale
        bars.append(
            Bar(
                x=round(n * PITCH + (PITCH - BAR) / 2, 1),
                y=round(y, 2),
                width=BAR,
                height=round(max(1.0, count * scale - GAP), 2),
                kind=kind,
                title=f"{day:%-d %b}: {count:,} {words.get(kind, kind)}",
            )
        )
    return bars


def _round_up(count: int) -> int:
    """The next count that makes a good top line: 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30 and so on."""
    for power in range(10):
        for base in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8):
            line = base * 10**power
            if line >= count and line == int(line):
                return int(line)
    return count
