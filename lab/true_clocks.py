"""What a stated clock is worth against the true one, at every instant at which a test asked for something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lab.pairs import Truth
from triage.core.clock_scale import offset_of
from triage.core.findings import Clock, Lineup
from triage.core.records import SECOND, RunEvidence, Side

True_ = dict[str, Any]
NEAR_US = {True: 600_000, False: 50_000}  # the error that is allowed, with coarse stamps and with finer ones
AROUND_STEP_S = 0.3  # nobody can tell to the instant when a clock jumped
SKEW_PPM = 40.0  # how far off a stated skew may be
JUMP_US = {True: 1_200_000, False: 150_000}


@dataclass(frozen=True, slots=True)
class ClockScore:
    """How a stated clock compares."""

    decided: bool
    coarse: bool = False  # a side has nothing finer than whole seconds
    inside: bool = False  # the true offset lies within the bounds at every instant
    near: bool = False
    said: str = ""
    drifts: bool = False
    skew_found: bool = False
    false_skew: bool = False
    jumps: tuple[bool, ...] = ()  # for each true one, whether it is stated
    false_jumps: int = 0


def true_clock(truth: Truth, host: str) -> True_ | None:
    """The clock of the host; of a log that names no host, the only one there is."""
    listed = truth.get("clock") or [{"host": host, "offset_s": truth["clock_offset_s"]}]
    named = [each for each in listed if each["host"] == host]
    return named[0] if named else listed[0] if len(listed) == 1 else None


def score_clock(evidence: RunEvidence, truth: Truth, lineup: Lineup, clock: Clock, known: True_) -> ClockScore:
    """At every request of the tests; a log that tells no zone leaves open whether the offset holds it."""
    if not clock.decided:
        return ClockScore(decided=False)
    coarse = _coarse(evidence, lineup, clock.host)
    steps = known.get("steps", ())
    times = [request["sent"] for request in truth["requests"]] or [known.get("at", 0.0)]
    times = [at for at in times if all(abs(at - step["at"]) > AROUND_STEP_S for step in steps)]
    best = None
    for server, client in _zones(evidence, truth, times[0] if times else 0.0):
        inside, worst, said = True, 0.0, ""
        for at in times:
            true = (_true_offset(known, at) + server - client) * SECOND
            stated, low, high = offset_of(clock, round((at + server) * SECOND))
            inside = inside and low <= true <= high
            if abs(true - stated) >= worst:
                worst = abs(true - stated)
                bounds = f"[{low / SECOND:.3f}, {high / SECOND:.3f}]"
                said = f"is {true / SECOND:.3f} s, said {stated / SECOND:.3f} in {bounds}"
        if best is None or worst < best[0]:
            best = (worst, inside, said)
    worst, inside, said = best or (0.0, True, "")
    left = [jump.by_us for jump in clock.jumps]
    found = []
    for step in steps:
        fitting = [by for by in left if abs(by - step["by_s"] * SECOND) <= JUMP_US[coarse]]
        found.append(bool(fitting))
        if fitting:
            left.remove(fitting[0])
    skew = known.get("skew_ppm", 0.0)
    return ClockScore(
        decided=True,
        coarse=coarse,
        inside=inside,
        near=worst <= NEAR_US[coarse],
        said=said,
        drifts=skew != 0,
        skew_found=clock.skew_ppm != 0 and abs(clock.skew_ppm - skew) <= SKEW_PPM,
        false_skew=skew == 0 and clock.skew_ppm != 0,
        jumps=tuple(found),
        false_jumps=len(left),
    )


def _true_offset(known: True_, at: float) -> float:
    """Server minus client at a true instant, in seconds."""
    drift = known.get("skew_ppm", 0.0) * 1e-6 * (at - known.get("at", at))
    stepped = sum(step["by_s"] for step in known.get("steps", ()) if step["at"] <= at)
    return float(known["offset_s"] + drift + stepped)


def _zones(evidence: RunEvidence, truth: Truth, at: float) -> list[tuple[float, float]]:
    """By how much each side's times, as read, may be off because of zones: untold, or told wrongly."""
    readings = []
    for name, declared in (
        (truth["server_timezone"], evidence.server_timezone),
        (truth["client_timezone"], evidence.client_timezone),
    ):
        zone = _zone_s(name, at)
        readings.append(sorted({0.0, zone, zone - (_zone_s(declared, at) if declared else 0.0)}))
    return [(server, client) for server in readings[0] for client in readings[1]]


def _zone_s(name: str, at: float) -> float:
    from_utc = ZoneInfo(name).utcoffset(datetime.fromtimestamp(at, UTC).replace(tzinfo=None))
    return from_utc.total_seconds() if from_utc else 0.0


def _coarse(evidence: RunEvidence, lineup: Lineup, host: str) -> bool:
    """Whether of the lines that tell of the host's clock a side has nothing finer than whole seconds.

    They are those that Lineup matched; where it matched none, all that there are.
    """
    of_host = {process.index for process in lineup.processes if process.host == host}
    lines: set[tuple[int, int]] = set()
    tests: set[str] = set()
    for step in lineup.steps:
        served = [lineup.served[match.served] for match in step.matches[:1]]
        for each in served:
            if each.process in of_host:
                lines |= {(step.ref.part, step.ref.line), *((ref.part, ref.line) for ref in each.entries)}
                tests.add(step.test)
    ticks = _ticks(evidence, lines, tests)
    ticks = ticks if all(ticks.values()) else _ticks(evidence, None, None)
    return any(not found or min(found) >= SECOND for found in ticks.values())


def _ticks(evidence: RunEvidence, lines: set[tuple[int, int]] | None, tests: set[str] | None) -> dict[Side, list[int]]:
    """What the last digit of each stamp is worth, of some lines and of some tests' beginnings, or of all."""
    ticks: dict[Side, list[int]] = {Side.TESTS: [], Side.SERVER: []}
    for index, part in enumerate(evidence.parts):
        stamps = [step.stamp for step in part.steps if lines is None or (index, step.line) in lines]
        stamps += [result.started for result in part.results if tests is None or result.test in tests]
        for entry in part.entries:
            if lines is None or (index, entry.line) in lines:
                stamps += [entry.stamp, entry.inner]
        ticks[part.side] += [stamp.tick_us for stamp in stamps if stamp is not None]
    return ticks
