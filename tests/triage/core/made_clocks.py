"""Runs made with clocks whose truth is known: zones, offsets, drift, jumps, coarse stamps, strangers and lost lines."""

from __future__ import annotations

import random

import msgspec

from tests.triage.core import made
from triage.core.clock_scale import offset_of
from triage.core.findings import Clock
from triage.core.records import SECOND, RunEvidence, Stamp
from triage.core.zones import DAY

PATHS = [("GET", "/cars"), ("POST", "/cars"), ("GET", "/health"), ("POST", "/login"), ("GET", "/bill")]


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What the clocks and the logs of a run are like; times in seconds."""

    requests: int = 50
    offset: float = 0.0  # server minus client at the start
    ppm: float = 0.0  # the server's clock is so much faster
    jumps: tuple[tuple[float, float], ...] = ()  # (after so much of the run, 0 to 1, the offset grows by so much)
    by_server: bool = True  # whose clock jumps
    pause: float = 0.6  # between two requests, on average
    latency: float = 0.006
    client_tick: int = 1_000
    server_tick: int = 1_000
    dated: bool = True
    background: float = 0.0  # strangers' requests for each of the run's own
    lost: float = 0.02  # requests that the server's log does not have
    late: float = 0.01  # lines that come a second late
    zoned: bool = False  # both sides name their zones


class Moment(msgspec.Struct, frozen=True):
    """One request's truth, in microseconds."""

    client: int
    server: int

    @property
    def offset(self) -> int:
        return self.server - self.client


class _Clocks:
    """Readings of both sides at a true instant, in seconds since noon."""

    def __init__(self, made_of: Situation, length: float) -> None:
        self._made_of = made_of
        self._jumps = [(share * length, by) for share, by in made_of.jumps]

    def client(self, true: float) -> float:
        moved = sum(by for after, by in self._jumps if true >= after)
        return true - (0.0 if self._made_of.by_server else moved)

    def server(self, true: float) -> float:
        moved = sum(by for after, by in self._jumps if true >= after)
        ahead = self._made_of.offset + self._made_of.ppm * 1e-6 * true
        return true + ahead + (moved if self._made_of.by_server else 0.0)


def run_with(situation: Situation, seed: int) -> tuple[RunEvidence, list[Moment]]:
    """Evidence as both sides would log it, and the truth of every request."""
    dice = random.Random(seed)
    gaps = [dice.expovariate(1 / situation.pause) + situation.latency for _ in range(situation.requests)]
    length = sum(gaps)
    clocks = _Clocks(situation, length)
    truth: list[Moment] = []
    steps, entries = [], []
    at = 0.0
    for number, gap in enumerate(gaps):
        at += gap
        method, path = _asked(dice, number)
        took = situation.latency * dice.uniform(0.5, 2.5) * (8 if dice.random() < 0.05 else 1)
        handled, answered = at + took * 0.6, at + took
        truth.append(Moment(_us(clocks.client(handled)), _us(clocks.server(handled))))
        opening = f"Starting new HTTP connection ({number + 1}): 127.0.0.1:5000"
        steps.append(msgspec.structs.replace(made.said(0, opening), stamp=_client(situation, clocks.client(at))))
        stamp = _client(situation, clocks.client(answered + dice.uniform(0.0002, 0.0012)))
        steps.append(made.asked(0, method, path, stamp=stamp))
        if dice.random() >= situation.lost:
            written = answered + dice.uniform(-0.001, 0.002) + (dice.random() < situation.late)
            entries.append((written, made.served(0, dice.choice([11, 12]), method, path)))
    for _ in range(round(situation.background * situation.requests)):
        method, path = dice.choice(PATHS)
        entries.append((dice.uniform(0, length), made.served(0, dice.choice([11, 12]), method, path)))
    entries.sort(key=lambda each: each[0])
    lines = [
        msgspec.structs.replace(entry, stamp=_server(situation, clocks.server(written))) for written, entry in entries
    ]
    evidence = made.run(made.client_part(*steps, made.failed()), made.server_part(*lines))
    return evidence, truth


def _asked(dice: random.Random, number: int) -> tuple[str, str]:
    chosen = dice.random()
    if chosen < 0.25:
        return "GET", f"/cars/{number:03d}f3c{dice.randrange(4096):03x}"
    return dice.choice(PATHS)


def _us(seconds: float) -> int:
    return made.NOON + round(seconds * SECOND)


def _client(situation: Situation, seconds: float) -> Stamp:
    us = _us(seconds) // situation.client_tick * situation.client_tick
    if not situation.dated:
        return Stamp(us % DAY, False, situation.client_tick, False)
    return Stamp(us, situation.zoned, situation.client_tick)


def _server(situation: Situation, seconds: float) -> Stamp:
    us = _us(seconds) // situation.server_tick * situation.server_tick
    return Stamp(us, situation.zoned, situation.server_tick)


def on_its_day(clock: Clock, truth: list[Moment]) -> list[Moment]:
    """The truth, moved by whole days to where the clock has it: times of day do not tell their day."""
    first = truth[0]
    off = offset_of(clock, first.server)[0] - first.offset
    days = round(off / DAY) * DAY
    return [Moment(each.client - days, each.server) for each in truth]


def error_of(clock: Clock, truth: list[Moment]) -> int:
    """The median distance of the stated offset from the true one, over the run's requests."""
    errors = sorted(abs(offset_of(clock, each.server)[0] - each.offset) for each in truth)
    return errors[len(errors) // 2]


def holds(clock: Clock, truth: list[Moment]) -> bool:
    """Whether the true offset is inside the stated bounds at every request."""
    bounds = [(offset_of(clock, each.server), each.offset) for each in truth]
    return all(low <= true <= high for (_, low, high), true in bounds)
