"""WebSocket connections of tests: no client library logs them, the server's line of the upgrade does."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from triage.core.common_time import CommonTime
from triage.core.findings import Served
from triage.core.lineup import Scene
from triage.core.paths import segments
from triage.core.records import SECOND

UPGRADED = 101
_PATIENCE = 30 * SECOND  # a test hardly ever listens longer than this before it writes
_FEW = 200


class Listeners:
    """All upgraded connections of a run."""

    def __init__(self, scene: Scene, time: CommonTime) -> None:
        self._time = time
        upgraded = [s for s in scene.lineup.served if s.request is not None and s.request.status == UPGRADED]
        self._placed = sorted(((self._time.of(each), each) for each in upgraded), key=lambda pair: pair[0])
        self._times = [at for at, _ in self._placed]

    def before(self, write: Served, free: Callable[[int], bool]) -> Served | None:
        """The last connection before a write that is about the same thing, as far as paths tell; `free`: nobody's."""
        request = write.request
        if request is None or request.path is None or not self._placed:
            return None
        at = self._time.of(write)
        last = bisect_right(self._times, at)
        best: tuple[int, int, Served] | None = None
        for placed, served in self._placed[max(last - _FEW, 0) : last]:
            if at - placed > _PATIENCE or not free(served.index) or served.request is None:
                continue
            common = in_common(served.request.path, request.path)
            if common and (best is None or (common, placed) >= best[:2]):
                best = common, placed, served
        return best[2] if best is not None else None


def in_common(one: str | None, other: str | None) -> int:
    """How many parts two paths share: `/ws/rooms/kitchen` and `/rooms/kitchen/messages` share two."""
    return len(set(segments(one or "")) & set(segments(other or "")))
