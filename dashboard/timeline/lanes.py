"""Which processes get a lane of their own, and how the background traffic on a lane is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import msgspec

from dashboard.timeline.axis import Axis
from dashboard.timeline.picture import Lane
from dashboard.timeline.scene import Scene, Traffic
from dashboard.timeline.text import BOLD, fit, process_name, visible
from triage.core.findings import Process

LANES = 12  # lanes of their own at most
IDLE_LANES = 6  # up to so many processes, even those that did nothing for the test are shown
PITCH = 64.0
COLOURS = 8
CELL = 6  # pixels
NAME_ROOM, DETAIL_ROOM = 158.0, 170.0


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One lane before it is drawn: the processes on it and the height of its line."""

    processes: tuple[int, ...]
    y: float
    rest: bool = False


def colour(process: int) -> str:
    return f"p{process % COLOURS + 1}"


def places(scene: Scene, top: float) -> tuple[Place, ...]:
    """Lanes in order of appearance; those that neither served the test nor matter to the verdict share the last."""
    busy: dict[int, int] = {}
    by_index = {s.index: s for s in scene.served}
    for step in scene.steps:
        for match in step.matches[:1]:
            if match.served in by_index:
                process = by_index[match.served].process
                busy[process] = busy.get(process, 0) + 1
    for end in _ends(scene):
        busy[end] = busy.get(end, 0) + 1_000_000
    every = [p.index for p in scene.processes]
    if len(every) <= IDLE_LANES:
        own = every
    else:
        own = sorted(sorted(busy, key=lambda p: -busy[p])[:LANES])
        if not own:
            requests = {p.index: p.requests for p in scene.processes}
            own = sorted(sorted(every, key=lambda p: -requests[p])[:IDLE_LANES])
    rest = tuple(p for p in every if p not in set(own))
    if len(rest) == 1:
        own, rest = sorted([*own, *rest]), ()
    done = [Place(processes=(p,), y=top + i * PITCH) for i, p in enumerate(own)]
    if rest:
        done.append(Place(processes=rest, y=top + len(own) * PITCH, rest=True))
    return tuple(done)


def _ends(scene: Scene) -> list[int]:
    verdict = scene.verdict
    if verdict is None:
        return []
    return [e.process for e in (verdict.write, verdict.read) if e is not None and e.process is not None]


def lane(scene: Scene, place: Place, axis: Axis, now: Callable[[int, int], int]) -> Lane:
    """The finished lane; `now(us, process)` tells a server time on the axis' clock."""
    inside = frozenset(place.processes)
    traffic = [t for t in scene.traffic if t.process in inside]
    count = sum(t.count for t in traffic)
    if place.rest:
        names = ", ".join(process_name(scene.processes[p]) for p in place.processes[:40])
        label, detail, title = f"{len(place.processes)} other processes", "none served this test", names
        start, end, shade = axis.left, axis.right, "rest"
    else:
        process = scene.processes[place.processes[0]]
        label, detail, title = process_name(process), _detail(scene, process), _title(process)
        start, end = _life(process, axis, now)
        shade = colour(process.index)
    shown = [(now(t.low_us, t.process), now(t.high_us, t.process), t) for t in traffic]
    spans = [(axis.x(low), axis.x(high), t) for low, high, t in shown if axis.shows(low, high)]
    return Lane(
        y=place.y,
        start=round(start, 1),
        end=round(end, 1),
        name=fit(label, NAME_ROOM / BOLD, 13),
        detail=fit(detail, DETAIL_ROOM, 12),
        title=visible(title),
        colour=shade,
        traffic=_path(spans, place.y, axis),
        requests=count,
    )


def _life(process: Process, axis: Axis, now: Callable[[int, int], int]) -> tuple[float, float]:
    start = axis.x(now(process.born_us, process.index)) if process.born_us is not None else axis.left
    end = axis.x(now(process.died_us, process.index)) if process.died_us is not None else axis.right
    return start, max(start, end)


def _detail(scene: Scene, process: Process) -> str:
    """The second line of a lane: the host where there are several, and the process's share of the requests."""
    total = sum(p.requests for p in scene.processes)
    share = f"{100 * process.requests / total:.0f} % of requests" if total and len(scene.processes) > 1 else ""
    share = share if process.requests else "no requests"
    hosts = {p.host for p in scene.processes}
    return " · ".join(part for part in (process.host if len(hosts) > 1 else "", share) if part)


def _title(process: Process) -> str:
    parts = [process_name(process)]
    if process.host:
        parts.append(f"on {process.host}")
    if process.boot:
        parts.append(f"boot {process.boot}")
    if process.ended_by is not None:
        parts.append(f"ended: {process.ended_reason or process.ended_by.value}")
    return ", ".join([*parts, f"{process.requests} requests"])


def _path(spans: Iterable[tuple[float, float, Traffic]], y: float, axis: Axis) -> str:
    """Blocks on the lane, taller where more was served: bounded by the pixels, not by the requests."""
    cells: dict[int, float] = {}
    for low, high, traffic in spans:
        first, last = (int(max(axis.left, min(axis.right, edge)) // CELL) for edge in (low, high))
        for cell in range(first, last + 1):
            cells[cell] = cells.get(cell, 0.0) + traffic.count / (last - first + 1)
    blocks: list[list[int]] = []  # first cell, last cell, height
    for cell in sorted(cells):
        height = 4 + 4 * min(4, int(math.log2(1 + cells[cell])))
        if blocks and blocks[-1][1] == cell - 1 and blocks[-1][2] == height:
            blocks[-1][1] = cell
        else:
            blocks.append([cell, cell, height])
    return "".join(f"M{a * CELL} {y - h / 2:.0f}h{(b - a + 1) * CELL}v{h}h-{(b - a + 1) * CELL}z" for a, b, h in blocks)


def lane_of(places_: Sequence[Place]) -> dict[int, Place]:
    """Process index to its lane."""
    return {p: place for place in places_ for p in place.processes}


def line(where: dict[int, Place], process: int) -> str:
    """The name of the line that a process's marks share."""
    return f"lane{where[process].y}" if process in where else "nowhere"
