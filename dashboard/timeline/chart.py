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


class Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one kind has of all bars, as path data: a page of 90 days draws a few paths, not hundreds of blocks."""

    kind: str
    path: str


class Day(msgspec.Struct, frozen=True, kw_only=True):
    iso: str
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
    parts: tuple[Part, ...] = ()
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
        parts=_parts(days, counts, there, HEIGHT / max(1, top)),
        days=tuple(
            Day(
                iso=day.isoformat(),
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


def _parts(
    days: Sequence[date], counts: Mapping[tuple[date, str], int], kinds: Sequence[str], scale: float
) -> tuple[Part, ...]:
    floors = [HEIGHT] * len(days)
    parts = []
    for kind in kinds:
        blocks = []
        for n, day in enumerate(days):
            if count := counts.get((day, kind), 0):
                floors[n] -= count * scale
                x, height = n * PITCH + (PITCH - BAR) / 2, max(1.0, count * scale - GAP)
                blocks.append(f"M{x:.1f} {floors[n]:.2f}h{BAR}v{height:.2f}h-{BAR}z")
        parts.append(Part(kind=kind, path="".join(blocks)))
    return tuple(parts)


def _round_up(count: int) -> int:
    """The next count that makes a good top line: 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30 and so on."""
    for power in range(10):
        for base in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8):
            line = base * 10**power
            if line >= count and line == int(line):
                return int(line)
    return count
