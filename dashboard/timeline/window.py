"""What part of the time axis is looked at: from one moment to another, on the axis' own clock."""

from __future__ import annotations

import msgspec

LEAST_US = 40  # nothing in a log is finer than a few microseconds
MARGIN = 0.03  # of the whole, on both sides, so that no mark stands on the edge
STEP_SHARE = 0.06  # of the whole: how much is shown around one moment


class Window(msgspec.Struct, frozen=True, gc=False):
    low: int
    high: int

    @property
    def span(self) -> int:
        return self.high - self.low

    def holds(self, us: int) -> bool:
        return self.low <= us <= self.high

    def meets(self, low: int, high: int) -> bool:
        return low <= self.high and high >= self.low

    def covers(self, other: Window) -> bool:
        return self.low <= other.low and self.high >= other.high

    def zoomed(self, factor: float) -> Window:
        """Around its middle: above one shows less time, below one more."""
        half = self.span / factor / 2
        middle = (self.low + self.high) / 2
        return Window(round(middle - half), round(middle + half))

    def moved(self, share: float) -> Window:
        by = round(self.span * share)
        return Window(self.low + by, self.high + by)

    def within(self, whole: Window) -> Window:
        """The same inside the whole: pushed back where it hangs over, never thinner than LEAST_US."""
        span = min(max(self.span, LEAST_US), max(whole.span, LEAST_US))
        low = max(whole.low, min(self.low, whole.high - span))
        return Window(low, low + span)


def around(moments: list[int], margin: float = MARGIN) -> Window | None:
    """The whole of these moments with a little on both sides; None where they tell no time apart."""
    if not moments or min(moments) == max(moments):
        return None
    low, high = min(moments), max(moments)
    more = max(LEAST_US // 2, round((high - low) * margin))
    return Window(low - more, high + more)


def near(low: int, high: int, whole: Window) -> Window:
    """What is shown of the whole to see one thing that lasted from `low` to `high` with its neighbours."""
    more = max(LEAST_US, round(whole.span * STEP_SHARE / 2), (high - low) // 2)
    return Window(low - more, high + more).within(whole)
