"""Ways through the picture as links: closer, wider, earlier, later, to the write and the read, back to the whole."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from dashboard.timeline.axis import clock_time
from dashboard.timeline.picture import Picture
from dashboard.timeline.text import span_words
from dashboard.timeline.window import LEAST_US, Window

STRIP = 1000.0  # the whole, in the little picture that shows where one is
CLOSER = 2.0
Query = Callable[[Window | None], str]


class Zoom(msgspec.Struct, frozen=True, kw_only=True):
    """Each is an address, or empty where it leads nowhere new."""

    closer: str
    wider: str
    earlier: str
    later: str
    whole: str
    ends: str
    words: str  # what is looked at
    strip_x: float
    strip_width: float
    knots: str  # x,us of where the axis bends, for the pointer
    low: int  # of all that there is
    high: int


def zoom(picture: Picture | None, query: Query) -> Zoom | None:
    """`query` gives the address of a window, of the whole for None. The answer is None where nothing can be zoomed."""
    if picture is None or picture.shown is None or picture.whole is None:
        return None
    shown, whole = picture.shown, picture.whole

    def to(window: Window | None) -> str:
        if window is None or window.within(whole) == shown:
            return ""
        inside = window.within(whole)
        return query(None if inside.covers(whole) else inside)

    span = max(1, whole.span)
    return Zoom(
        closer=to(shown.zoomed(CLOSER)) if shown.span > LEAST_US * 2 else "",
        wider=to(shown.zoomed(1 / CLOSER)) if picture.zoomed else "",
        earlier=to(shown.moved(-0.5)) if picture.zoomed else "",
        later=to(shown.moved(0.5)) if picture.zoomed else "",
        whole=query(None) if picture.zoomed else "",
        ends=to(picture.ends),
        words=f"{clock_time(shown.low)} to {clock_time(shown.high)}, {span_words(shown.span)}",
        strip_x=round(STRIP * max(0, shown.low - whole.low) / span, 1),
        strip_width=round(max(4.0, STRIP * min(shown.span, span) / span), 1),
        knots=" ".join(f"{x},{us}" for x, us in picture.knots),
        low=whole.low,
        high=whole.high,
    )
