"""Failures by verdict over the days: stacked bars as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

WIDTH, HEIGHT = 560.0, 132.0
LEFT, TOP, FLOOR = 30.0, 10.0, 108.0


class Bar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


class DayLabel(msgspec.Struct, frozen=True, gc=False):
    x: float
    label: str


class Level(msgspec.Struct, frozen=True, gc=False):
    y: float
    label: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    floor: float = FLOOR
    bars: tuple[Bar, ...] = ()
    labels: tuple[DayLabel, ...] = ()
    levels: tuple[Level, ...] = ()
    total: int = 0


def chart(
    days: Sequence[date], counts: Mapping[tuple[date, str], int], kinds: Sequence[str], words: Mapping[str, str]
) -> Chart:
    """One bar a day, its parts in the order of `kinds` from the floor up, so that the first kind has a common base."""
    tallest = max((sum(counts.get((day, k), 0) for k in kinds) for day in days), default=0)
    scale = (FLOOR - TOP) / max(1, _round_up(tallest))
    pitch = (WIDTH - LEFT) / max(1, len(days))
    bars: list[Bar] = []
    for i, day in enumerate(days):
        y = FLOOR
        for kind in kinds:
            count = counts.get((day, kind), 0)
            if not count:
                continue
            height = count * scale
            y -= height
            bars.append(
                Bar(
                    x=round(LEFT + i * pitch + pitch * 0.16, 1),
                    y=round(y, 1),
                    width=round(pitch * 0.68, 1),
                    height=round(max(1.0, height - 1), 1),
                    kind=kind,
                    title=f"{day:%-d %b}: {count} {words.get(kind, kind)}",
                )
            )
    every = max(1, -(-len(days) // 7))
    return Chart(
        bars=tuple(bars),
        labels=tuple(
            DayLabel(round(LEFT + (i + 0.5) * pitch, 1), f"{day:%-d %b}")
            for i, day in enumerate(days)
            if (len(days) - 1 - i) % every == 0
        ),
        levels=tuple(Level(round(FLOOR - n * scale, 1), str(n)) for n in sorted({0, _round_up(tallest)}))
        if tallest
        else (),
        total=sum(counts.values()),
    )


def _round_up(count: int) -> int:
    """The next count that makes a good top line: 1, 2, 5, 10, 20, 50 and so on."""
    for power in range(8):
        for base in (1, 2, 5):
            if count <= base * 10**power:
                return int(base * 10**power)
    return count
