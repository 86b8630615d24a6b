"""A proxy's line on a request that another process served: both tell of one request, and the proxy served nobody."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from triage.core.events import Key, ServerEvent
from triage.core.findings import LineRef, Served
from triage.core.likeness import Scale
from triage.core.records import SECOND, Request
from triage.core.serve import Requests, merged
from triage.core.server_time import Line

LEAST = 2  # requests that make a proxy
SHARE = 0.6  # of the requests that others served and that it must have told, or the other way about
LATE = SECOND // 2  # after the server's own line the proxy's comes within this time, give or take the clocks


def relayed(server: Sequence[ServerEvent], scale: Scale) -> dict[int, int]:
    """Requests that only tell once more, without a process, of what a known one served: which is which. O(n log n)."""
    fronts: dict[tuple[str, str], list[ServerEvent]] = defaultdict(list)
    served: dict[Key, list[ServerEvent]] = defaultdict(list)
    for event in server:
        if event.key is None or not event.ended or (scale.interval(event) is None and not event.timed):
            continue
        if event.named:
            served[event.key].append(event)
        else:
            fronts[event.host, event.unit].append(event)
    found: dict[int, int] = {}
    for mine in fronts.values():
        told = _told_again(mine, served, scale)
        keys = {event.key for event in mine}
        others = sum(len(events) for key, events in served.items() if key in keys)
        if len(told) >= LEAST and len(told) >= SHARE * min(len(mine), others):
            found |= told
    return found


def _told_again(mine: Sequence[ServerEvent], served: dict[Key, list[ServerEvent]], scale: Scale) -> dict[int, int]:
    """Of one proxy's lines those that have a served request at their time, each of these once."""
    by_key: dict[Key, list[ServerEvent]] = defaultdict(list)
    for event in mine:
        if event.key is not None and event.key in served:
            by_key[event.key].append(event)
    told: dict[int, int] = {}
    for key, lines in by_key.items():
        others = sorted((_ended(event, scale), n) for n, event in enumerate(served[key]))
        times = [time for time, _ in others]
        used: set[int] = set()
        for line in sorted(lines, key=lambda event: _ended(event, scale)):
            low, high = _span(line, scale)
            place = bisect_left(times, low - LATE)
            while place < len(times) and times[place] <= high + LATE:
                other = served[key][others[place][1]]
                if place not in used and _agree(line, other):
                    used.add(place)
                    told[line.served] = other.served
                    break
                place += 1
    return told


def _span(event: ServerEvent, scale: Scale) -> tuple[int, int]:
    return scale.interval(event) or (event.low, event.high)


def _ended(event: ServerEvent, scale: Scale) -> int:
    low, high = _span(event, scale)
    return (low + high) // 2


def _agree(one: ServerEvent, other: ServerEvent) -> bool:
    a, b = one.request, other.request
    return a is None or b is None or a.status is None or b.status is None or a.status == b.status


def joined(requests: Requests, told: dict[int, int]) -> Requests:
    """The requests with each proxy's lines among those of the request that they tell of. Indexes are given anew."""
    lines: dict[int, tuple[Line, ...]] = dict(enumerate(requests.lines))
    keys = dict(enumerate(requests.keys))
    wholes = {served.index: served.request for served in requests.served}
    for front, own in told.items():
        lines[own] += requests.lines[front]
        keys[own] = requests.keys[front] | keys[own]
        wholes[own] = merged(wholes[own], wholes[front])
    kept = [served for served in requests.served if served.index not in told]
    return Requests(
        tuple(_renumbered(served, index, lines, wholes) for index, served in enumerate(kept)),
        tuple(lines[served.index] for served in kept),
        tuple(keys[served.index] for served in kept),
        tuple(requests.ended[served.index] for served in kept),
    )


def _renumbered(
    served: Served, index: int, lines: dict[int, tuple[Line, ...]], wholes: dict[int, Request | None]
) -> Served:
    entries = tuple(LineRef(part, line) for part, line in sorted((o.part, o.entry.line) for o in lines[served.index]))
    return msgspec.structs.replace(served, index=index, entries=entries, request=wholes[served.index])
