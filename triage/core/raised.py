"""The errors that the server's lines on a request name, and those that two processes on one connection make of it."""

from __future__ import annotations

import re
from bisect import bisect_left

from triage.core.common_time import CommonTime
from triage.core.findings import Served
from triage.core.lineup import Scene
from triage.core.quoting import clipped
from triage.core.records import SECOND

# the last line of a Python traceback: `ZeroDivisionError: division by zero`
_RAISED = re.compile(
    r"(?m)^\s{0,8}(?P<error>(?:[A-Za-z_][A-Za-z0-9_]{0,60}\.){0,6}[A-Z][A-Za-z0-9_]{2,60}(?:Error|Exception)[^\n]{0,160})"
)
# what a peer says whose bytes another process took: `decryption failed or bad record mac`
_GARBLED = re.compile(
    r"(?i)bad record mac|lost synchronization with server|packet sequence number wrong|commands? out of sync|"
    r"message contents do not agree with length|unexpected message type 0x|got out of order|"
    r"server sent data .{0,60}without prior row description|response out of order"
)
# what follows for the others: `EOF occurred in violation of protocol`, `SSL SYSCALL error: EOF detected`
_CUT = re.compile(
    r"(?i)EOF occurred in violation|EOF detected|closed the connection unexpectedly|lost connection to|gone away"
)
_NEAR = 30 * SECOND  # several processes that quarrel over one connection do so soon after each other


def raised(served: int | None, scene: Scene) -> str:
    """The last error that the server's lines on a request name; "" where there is none."""
    if served is None:
        return ""
    for line in scene.requests.lines[served]:
        found = [match["error"].strip() for match in _RAISED.finditer(line.entry.message[-8_000:])]
        if found:
            return clipped(found[-1], 160).rstrip(". ")
    return ""


def quarrels(scene: Scene, time: CommonTime) -> tuple[Served, ...]:
    """Requests that broke on a connection which processes seem to share: garbled for one, garbled or cut for others."""
    garbled: list[Served] = []
    cut: list[Served] = []
    for served in scene.lineup.served:
        if served.error:
            error = raised(served.index, scene)
            if _GARBLED.search(error):
                garbled.append(served)
            elif _CUT.search(error):
                cut.append(served)
    times = sorted(time.of(each) for each in garbled)
    near = [each for each in cut if _any_within(times, time.of(each))]
    found = (*garbled, *near)
    return found if garbled and len({each.process for each in found}) > 1 else ()


def _any_within(times: list[int], at: int) -> bool:
    place = bisect_left(times, at - _NEAR)
    return place < len(times) and times[place] <= at + _NEAR
