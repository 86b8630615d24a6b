"""A laid-out picture: plain numbers in pixels and finished words, for a template to write down as SVG."""

from __future__ import annotations

import msgspec


class Tick(msgspec.Struct, frozen=True, gc=False):
    x: float
    label: str


class Break(msgspec.Struct, frozen=True, gc=False):
    """A long silence that the axis leaves out."""

    x: float
    label: str


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of steps; test runners with several workers have one each."""

    y: float
    name: str
    detail: str
    title: str


class StepBox(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    x: float  # left edge
    y: float
    width: float
    height: float
    label: str
    title: str  # everything that the label leaves out
    index: int | None  # of the step in the lineup; None for the outcome that closes the test
    role: str = ""  # write, read, fail, quiet or ""


class Dot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Steps that had no room for a box."""

    x: float
    y: float
    count: int
    index: int  # of the first of them
    title: str


class SpanBar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    x: float
    y: float
    width: float
    height: float
    label: str
    title: str
    test: str  # its whole node id
    role: str  # passed, failed, skipped or here


class Lane(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    y: float
    start: float  # where the line begins: the left edge, or the boot
    end: float
    name: str
    detail: str
    title: str
    colour: str  # p1 to p8, or rest
    traffic: str = ""  # SVG path data of the requests that are not this test's
    requests: int = 0  # how many those are


class Mark(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The beginning or the end of a process."""

    x: float
    y: float
    kind: str  # boot or end
    label: str
    title: str
    half: float  # half of the room that mark and label take


class ServedBox(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    x: float
    y: float
    width: float
    height: float
    label: str
    title: str
    index: int
    colour: str
    role: str  # write, read, error or ""


class Tie(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    x1: float
    y1: float
    x2: float
    y2: float
    sure: bool
    title: str


class EndLabel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    x: float
    y: float
    anchor: str  # start or end
    text: str
    more: str = ""  # a second, quieter line
    more_y: float = 0.0


class Crossing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The write and the read that disagree: the one heavy line."""

    solid: str  # path data from the write to where it breaks
    dotted: str  # from there to the read
    x: float  # where it breaks
    y: float
    write: EndLabel
    read: EndLabel
    title: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    width: float
    height: float
    left: float  # where the time axis begins
    floor: float  # where the tick lines end
    ticks: tuple[Tick, ...] = ()
    breaks: tuple[Break, ...] = ()
    rows: tuple[Row, ...] = ()
    steps: tuple[StepBox, ...] = ()
    dots: tuple[Dot, ...] = ()
    spans: tuple[SpanBar, ...] = ()
    lanes: tuple[Lane, ...] = ()
    marks: tuple[Mark, ...] = ()
    served: tuple[ServedBox, ...] = ()
    ties: tuple[Tie, ...] = ()
    crossing: Crossing | None = None
    background: int = 0  # requests drawn dimmed
    notes: tuple[str, ...] = ()

    @property
    def wide(self) -> bool:
        """True where shrinking it to its sheet would make it too small to read: then the sheet scrolls."""
        return self.width > 1480
