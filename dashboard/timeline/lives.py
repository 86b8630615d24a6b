"""Clocks, and the beginnings and ends of processes on their lanes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dashboard.timeline import lanes
from dashboard.timeline.axis import Axis, Item, clock_time
from dashboard.timeline.picture import Mark
from dashboard.timeline.scene import Scene
from dashboard.timeline.text import process_name, visible, width_of
from triage.core.clock_scale import clock_of, offset_of, to_client
from triage.core.findings import Clock
from triage.core.records import Life

MARK_NEAR_US = 3_600_000_000  # a boot or exit further away than this from the test is no part of its story
LIFE_WORDS = {
    Life.EXIT: "exit",
    Life.RECYCLE: "recycled",
    Life.TIMEOUT: "timeout",
    Life.KILL: "killed",
    Life.CRASH: "crashed",
    Life.RELOAD: "reloaded",
}


class Clockwork(msgspec.Struct, frozen=True, kw_only=True):
    """From a server's time to the axis' time: as its host's clock says, or raw."""

    clocks: tuple[Clock | None, ...]  # of each process; None where its times stand as they are
    shifts: tuple[int | None, ...]  # what a clock is always ahead by; None where that changes with time

    def now(self, us: int, process: int) -> int:
        shift = self.shifts[process]
        if shift is not None:
            return us - shift
        clock = self.clocks[process]
        return us if clock is None else to_client(clock, us)

    def slack(self, us: int, process: int) -> int:
        """By how much `now` may be wrong, on each side."""
        clock = self.clocks[process]
        if clock is None:
            return 0
        _, low, high = offset_of(clock, us)
        return (high - low) // 2


def clockwork(scene: Scene, *, adjusted: bool) -> Clockwork:
    """Looks each host's clock up once: a picture asks for thousands of times."""
    found = {host: clock_of(scene.clocks, host) for host in {p.host for p in scene.processes}} if adjusted else {}
    steady = {host: _shift(clock) for host, clock in found.items()}
    return Clockwork(
        clocks=tuple(found.get(p.host) for p in scene.processes),
        shifts=tuple(steady.get(p.host, 0) for p in scene.processes),
    )


def _shift(clock: Clock | None) -> int | None:
    if clock is None:
        return 0
    return clock.offset_us if clock.at_us is None and not clock.jumps else None


def life_items(scene: Scene, where: dict[int, lanes.Place], work: Clockwork, low: int, high: int) -> list[Item]:
    """Room for every boot and exit that belongs to the story between `low` and `high`."""
    return [
        Item(key=key, at=us, reach=((lanes.line(where, process), _mark_half(label)),))
        for process, key, us, label in _lives(scene, work)
        if low - MARK_NEAR_US <= us <= high + MARK_NEAR_US and process in where and not where[process].rest
    ]


def _lives(scene: Scene, work: Clockwork) -> list[tuple[int, str, int, str]]:
    """Process, key, moment and word of every known boot and exit."""
    found = []
    for p in scene.processes:
        if p.born_us is not None:
            found.append((p.index, f"boot{p.index}", work.now(p.born_us, p.index), "boot"))
        if p.died_us is not None:
            word = LIFE_WORDS.get(p.ended_by, "exit") if p.ended_by is not None else "exit"
            word = p.ended_reason if p.ended_reason and len(p.ended_reason) <= 12 else word
            found.append((p.index, f"end{p.index}", work.now(p.died_us, p.index), visible(word)))
    return found


def _mark_half(label: str) -> float:
    return width_of(label, 11.5) / 2 + 9


def marks(scene: Scene, places: Sequence[lanes.Place], axis: Axis, work: Clockwork) -> tuple[Mark, ...]:
    where = lanes.lane_of(places)
    done = []
    for process, key, us, label in _lives(scene, work):
        if key not in axis.places:
            continue
        p = scene.processes[process]
        told = f"{process_name(p)} {'began' if key.startswith('boot') else 'ended'} at {clock_time(us)}"
        done.append(
            Mark(
                x=round(axis.places[key], 1),
                y=where[process].y,
                kind="boot" if key.startswith("boot") else "end",
                label=label,
                title=visible(f"{told}: {p.ended_reason or label}" if key.startswith("end") else told),
                half=_mark_half(label),
            )
        )
    return tuple(done)
