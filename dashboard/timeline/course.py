"""A share from meeting to meeting: one line with a dot each, as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

WIDTH, HEIGHT = 560.0, 132.0
LEFT, RIGHT, TOP, FLOOR = 40.0, 14.0, 12.0, 106.0
LABELS = 7
STEPS = (0.1, 0.25, 0.5, 1.0)  # the top of the scale: the first that everything fits under


class Point(msgspec.Struct, frozen=True, kw_only=True):
    value: float  # 0 to 1
    label: str
    title: str


class Dot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    x: float
    y: float
    label: str  # "" where there is no room for one
    title: str
    last: bool


class Level(msgspec.Struct, frozen=True, gc=False):
    y: float
    label: str


class Course(msgspec.Struct, frozen=True, kw_only=True):
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    floor: float = FLOOR
    line: str = ""
    dots: tuple[Dot, ...] = ()
    levels: tuple[Level, ...] = ()
    summary: str = ""  # the whole of it in a sentence


def course(points: Sequence[Point]) -> Course:
    """`points` oldest first."""
    if not points:
        return Course()
    top = next(step for step in STEPS if step >= max(point.value for point in points) or step == STEPS[-1])
    pitch = (WIDTH - LEFT - RIGHT) / max(1, len(points) - 1)
    every = -(-len(points) // LABELS)
    last = len(points) - 1
    dots = tuple(
        Dot(
            x=round(LEFT + i * pitch, 1),
            y=round(FLOOR - (FLOOR - TOP) * min(1.0, max(0.0, point.value / top)), 1),
            label=point.label if (last - i) % every == 0 else "",
            title=point.title,
            last=i == last,
        )
        for i, point in enumerate(points)
    )
    return Course(
        line="M" + "L".join(f"{dot.x} {dot.y}" for dot in dots),
        dots=dots,
        levels=(Level(FLOOR, "0 %"), Level(TOP, f"{100 * top:.0f} %")),
        summary=f"From {points[0].title} to {points[-1].title}.",
    )
