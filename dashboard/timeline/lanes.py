"""Which processes get a lane of their own, and how the background traffic on a lane is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from dashboard.timeline.axis import Axis
from dashboard.timeline.heaps import Standing, blocks
from dashboard.timeline.picture import Lane
from dashboard.timeline.scene import Scene
from dashboard.timeline.text import BOLD, fit, process_name, visible
from triage.core.findings import Process

LANES = 12  # lanes of their own at most
IDLE_LANES = 6  # up to so many processes, even those that did nothing for the test are shown
PITCH = 64.0
COLOURS = 8
NAME_ROOM, DETAIL_ROOM = 158.0, 170.0


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One lane before it is drawn: the processes on it and the height of its line."""

    processes: tuple[int, ...]
    y: float
    rest: bool = False


def colour(process: int) -> str:
    return f"p{process % COLOURS + 1}"


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """Which processes have a lane of their own, in order, and which share the last."""

    each: tuple[int, ...]
    rest: tuple[int, ...]


def own_lanes(scene: Scene, most: int = LANES, idle: int = IDLE_LANES) -> Own:
    """In order of appearance; those that neither served the test nor matter to the verdict share the last lane.

    Decided by the whole scene, never by what a window shows of it: lanes stay where they are while one zooms.
    """
    busy: dict[int, int] = {}
    by_index = {s.index: s for s in scene.served}
    for step in scene.steps:
        for match in step.matches[:1]:
            if match.served in by_index:
                process = by_index[match.served].process
                busy[process] = busy.get(process, 0) + 1
    for traffic in scene.traffic:
        if traffic.own:
            busy[traffic.process] = busy.get(traffic.process, 0) + traffic.own
    if not scene.steps:  # a whole run: the busiest of all
        busy = {p.index: p.requests for p in scene.processes if p.requests}
    for end in _ends(scene):
        busy[end] = busy.get(end, 0) + 1_000_000
    every = [p.index for p in scene.processes]
    if len(every) <= idle:
        own = every
    else:
        own = sorted(sorted(busy, key=lambda p: -busy[p])[:most])
        if not own:
            requests = {p.index: p.requests for p in scene.processes}
            own = sorted(sorted(every, key=lambda p: -requests[p])[:idle])
    rest = tuple(p for p in every if p not in set(own))
    if len(rest) == 1:
        own, rest = sorted([*own, *rest]), ()
    return Own(each=tuple(own), rest=rest)


def places(own: Own, top: float) -> tuple[Place, ...]:
    done = [Place(processes=(p,), y=top + i * PITCH) for i, p in enumerate(own.each)]
    if own.rest:
        done.append(Place(processes=own.rest, y=top + len(own.each) * PITCH, rest=True))
    return tuple(done)


def _ends(scene: Scene) -> list[int]:
    verdict = scene.verdict
    if verdict is None:
        return []
    return [e.process for e in (verdict.write, verdict.read) if e is not None and e.process is not None]


def lane(
    scene: Scene,
    place: Place,
    here: Standing,
    axis: Axis,
    now: Callable[[int, int], int],
    own: str = "",
    ties: str = "",
) -> Lane:
    """The finished lane; `now(us, process)` tells a server time on the axis' clock."""
    if place.rest:
        names = ", ".join(process_name(scene.processes[p]) for p in place.processes[:40])
        label, title = f"{len(place.processes)} other processes", names
        detail = "none served this test" if scene.steps else _requests(scene, place)
        start, end, shade = axis.left, axis.right, "rest"
    else:
        process = scene.processes[place.processes[0]]
        label, detail, title = process_name(process), _detail(scene, process), _title(process)
        start, end = _life(process, axis, now)
        shade = colour(process.index)
    return Lane(
        y=place.y,
        start=round(start, 1),
        end=round(end, 1),
        name=fit(label, NAME_ROOM / BOLD, 13),
        detail=fit(detail, DETAIL_ROOM, 12),
        title=visible(title),
        colour=shade,
        traffic=blocks([s for s in here.slices if not s.traffic.own], place.y),
        requests=here.requests,
        own=own + blocks([s for s in here.slices if s.traffic.own], place.y),
        ties=ties,
    )


def _requests(scene: Scene, place: Place) -> str:
    return f"{sum(scene.processes[p].requests for p in place.processes):,} requests"


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


def lane_of(places_: Sequence[Place]) -> dict[int, Place]:
    """Process index to its lane."""
    return {p: place for place in places_ for p in place.processes}


def line(where: dict[int, Place], process: int) -> str:
    """The name of the line that a process's marks share."""
    return f"lane{where[process].y}" if process in where else "nowhere"
