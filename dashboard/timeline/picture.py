"""A laid-out picture: plain numbers in pixels and finished words, for a template to write down as SVG."""

from __future__ import annotations

import msgspec

from dashboard.timeline.window import Window

NAMES_APART = 8.0  # between the column of names and the time axis


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
    served: int | None = None  # the request that it is tied to, where that has a box


class Dot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Steps that had no room for a box."""

    x: float  # its centre
    y: float
    width: float  # of the pill; several of them show their number in it
    height: float
    count: int
    index: int  # of the first of them
    title: str
    window: Window | None = None  # where there is more to see of several; None: of one, or of one moment
    href: str = ""  # the address of that window

    @property
    def left(self) -> float:
        return round(self.x - self.width / 2, 1)

    @property
    def top(self) -> float:
        return round(self.y - self.height / 2, 1)


class Heap(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Requests of one lane, or bars of tests, that stand too close together for a mark each."""

    x: float
    y: float
    width: float
    height: float
    count: int
    title: str
    served: int | None = None  # a single request's position
    window: Window | None = None  # where there is more to see of several
    href: str = ""  # the address of that window
    tests: bool = False  # it holds tests, not requests


class Away(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An end of the crossing that lies outside what is looked at: how the line leaves the picture, and in which way."""

    path: str  # "" where neither end is in sight
    dotted: bool
    x: float
    y: float
    anchor: str
    text: str


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
    own: str = ""  # SVG path data of the test's own requests that have no box
    ties: str = ""  # and of the lines to them, from steps without a box


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
    step: int | None = None  # the step that it is tied to first


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
    close: bool = False  # right above its box, where a narrow screen has the lane's name


class Crossing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The write and the read that disagree: the one heavy line."""

    solid: str  # path data from the write to where it breaks
    dotted: str  # from there to the read
    x: float  # where it breaks
    y: float
    write: EndLabel
    read: EndLabel
    title: str
    places: tuple[tuple[str, int], ...] = ()  # its two ends: ("served" or "step", index)


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
    heaps: tuple[Heap, ...] = ()
    crossing: Crossing | None = None
    away: tuple[Away, ...] = ()
    shown: Window | None = None  # what the axis shows; None where no times can be told apart
    whole: Window | None = None  # of what
    ends: Window | None = None  # what to look at to see the write and the read
    knots: tuple[tuple[float, int], ...] = ()  # places and their moments; between two of them the axis is even
    in_view: int = 0  # steps of the test inside the window
    background: int = 0  # requests drawn dimmed
    notes: tuple[str, ...] = ()

    @property
    def names_width(self) -> float:
        """The column at the left where the lines are named."""
        return self.left - NAMES_APART

    @property
    def names_share(self) -> float:
        """The same in hundredths of the picture's width."""
        return round(100 * self.names_width / self.width, 4)

    @property
    def wide(self) -> bool:
        """True where shrinking it to its sheet would make it too small to read: then the sheet scrolls."""
        return self.width > 1480

    @property
    def zoomed(self) -> bool:
        return self.shown is not None and self.whole is not None and not self.shown.covers(self.whole)
