"""Wall clocks to instants: declared zones, and times of day that have to find their day."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from triage.core.records import EPOCH, SECOND

QUARTER = 900 * SECOND  # every zone in use is a multiple of 15 minutes from UTC
DAY = 86_400 * SECOND


class Zone:
    """A declared zone. Unknown names are remembered as a problem and change nothing."""

    def __init__(self, name: str | None) -> None:
        self.problem = ""
        self._offsets: dict[int, int] = {}
        self._zone: ZoneInfo | None = None
        if name:
            try:
                self._zone = ZoneInfo(name)
            except (KeyError, ValueError, OSError):  # a path, a directory or an unknown key
                shown = name[:60].encode("ascii", "backslashreplace").decode()
                self.problem = f"The declared time zone “{shown}” is not a known IANA name and was ignored."

    def __bool__(self) -> bool:
        return self._zone is not None

    def utc(self, wall_us: int) -> int:
        """The instant of a wall clock reading. In the hour that a zone repeats, the first is meant."""
        if self._zone is None:
            return wall_us
        quarter = wall_us // QUARTER
        offset = self._offsets.get(quarter)
        if offset is None:
            offset = self._offset(quarter * QUARTER)
            if len(self._offsets) > 4_096:
                self._offsets.clear()
            self._offsets[quarter] = offset
        return wall_us - offset

    def wall(self, us: int) -> int:
        """What a clock on the wall of this zone showed at an instant."""
        if self._zone is None:
            return us
        try:
            delta = (EPOCH + timedelta(microseconds=us)).astimezone(self._zone).utcoffset()
        except OverflowError:
            return us
        return us + (delta or timedelta()) // timedelta(microseconds=1)

    def _offset(self, wall_us: int) -> int:
        try:
            local = (EPOCH + timedelta(microseconds=wall_us)).replace(tzinfo=self._zone)
            delta = local.utcoffset()
        except OverflowError:
            return 0
        return (delta or timedelta()) // timedelta(microseconds=1)


def on_day_near(time_of_day_us: int, near_us: int) -> int:
    """The reading with this time of day that is closest to `near_us`, both on the same clock."""
    day = (near_us // DAY) * DAY
    best = day + time_of_day_us % DAY
    for candidate in (best - DAY, best + DAY):
        if abs(candidate - near_us) < abs(best - near_us):
            best = candidate
    return best


def quarters(us: int) -> int:
    """The multiple of 15 minutes nearest to a difference."""
    return ((us + QUARTER // 2) // QUARTER) * QUARTER
