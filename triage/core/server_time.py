"""The server side's lines on one time axis a host: zones, missing days, and finer stamps inside the message."""

from __future__ import annotations

from collections import Counter, defaultdict

import msgspec

from triage.core.marzullo import intersect
from triage.core.records import SECOND, Entry, PidTrust, RunEvidence, Side
from triage.core.zones import Zone, on_day_near, quarters

NEVER = -(2**60)  # bounds of a line whose time nothing tells
FOREVER = 2**60
_TOLERANCE = 50_000  # between a stamp inside a message and the journal's own
_SAMPLE = 4_000
_BACK = 2 * SECOND  # a clock that goes back by more begins anew


class Line(msgspec.Struct, gc=False):
    """A server log line on its host's time axis."""

    part: int
    entry: Entry
    host: str
    low: int  # server time: written in [low, high)
    high: int
    pid: int | None
    trust: PidTrust
    boot: str = ""
    process: int = -1  # index in Lineup.processes

    @property
    def timed(self) -> bool:
        return self.low != NEVER and self.high != FOREVER


class ServerLines(msgspec.Struct, frozen=True):
    """All lines, in time order a host, and how they came by their times."""

    lines: tuple[Line, ...]
    zoned: dict[str, bool]  # host: whether its times are absolute
    remarks: dict[str, tuple[str, ...]]  # host: contradictions between stamps
    problem: str = ""
    inner_shift: dict[str, tuple[int, int]] = {}  # host: inner minus outer stamp, bounds, where they disagree


def place_lines(evidence: RunEvidence) -> ServerLines:
    """Put every entry of every server part on its host's axis."""
    zone = Zone(evidence.server_timezone)
    reference = _reference(evidence)
    only_host, only_boot = _only_names(evidence)
    by_part: list[list[Line]] = []
    absolute: list[bool] = []
    for index, part in enumerate(evidence.parts):
        if part.side is not Side.SERVER or not part.entries:
            continue
        shift = 0 if zone else _unzoned_shift(part.entries)
        lines = []
        zoned = unzoned = 0
        for entry in part.entries:
            stamp = entry.stamp or entry.inner
            low, high = NEVER, FOREVER
            if stamp is not None:
                at = stamp.us
                if not stamp.dated and reference is not None:
                    near = reference if stamp.zoned or not zone else zone.wall(reference)
                    at = on_day_near(at, near)
                if not stamp.zoned:
                    unzoned += 1
                    at = zone.utc(at) if zone else at - shift
                else:
                    zoned += 1
                low, high = at, at + max(stamp.tick_us, 1)
            host = entry.host or only_host
            boot = entry.boot or only_boot.get(host, "")
            lines.append(Line(index, entry, host, low, high, entry.pid, entry.pid_trust, boot))
        _fill_gaps(lines)
        by_part.append(lines)
        absolute.append(bool(zone) or zoned > 0)
    _join_axes(by_part, absolute)
    return _joined(by_part, absolute, zone.problem)


def _joined(by_part: list[list[Line]], absolute: list[bool], problem: str) -> ServerLines:
    hosts: dict[str, list[Line]] = defaultdict(list)
    zoned: dict[str, bool] = {}
    for lines, known in zip(by_part, absolute, strict=True):
        for line in lines:
            hosts[line.host].append(line)
        for host in {line.host for line in lines}:
            zoned[host] = zoned.get(host, False) or known
    remarks: dict[str, tuple[str, ...]] = {}
    shifts: dict[str, tuple[int, int]] = {}
    ordered: list[Line] = []
    for host, lines in hosts.items():
        shift = _refine(lines)
        if shift is not None:
            off = (shift[0] + shift[1]) / 2 / SECOND
            rest = abs(off - quarters(round(off * SECOND)) / SECOND)
            if rest > 2:
                ahead = "ahead of" if off > 0 else "behind"
                remarks[host] = (
                    f"The stamps inside the messages run {abs(off):,.1f} s {ahead} the stamps around them;"
                    " the outer ones are used, the inner ones only for fractions of a second.",
                )
                shifts[host] = shift
        _tighten(lines)
        lines.sort(key=lambda line: (line.low, line.part, line.entry.line))
        ordered += lines
    return ServerLines(tuple(ordered), zoned, remarks, problem, shifts)


def _only_names(evidence: RunEvidence) -> tuple[str, dict[str, str]]:
    """The one host that lines without a host must be of, and each host's one boot; "" where there are several."""
    hosts: set[str] = set()
    boots: dict[str, set[str]] = defaultdict(set)
    for part in evidence.parts:
        for entry in part.entries:
            if entry.host:
                hosts.add(entry.host)
                if entry.boot:
                    boots[entry.host].add(entry.boot)
    only = next(iter(hosts)) if len(hosts) == 1 else ""
    return only, {host: next(iter(found)) for host, found in boots.items() if len(found) == 1}


def _reference(evidence: RunEvidence) -> int | None:
    if evidence.started_us is not None:
        return evidence.started_us
    for part in evidence.parts:
        for record in (*part.results[:50], *part.steps[:50]):
            stamp = getattr(record, "stamp", None) or getattr(record, "started", None)
            if stamp is not None and stamp.dated:
                return int(stamp.us)
    for part in evidence.parts:
        for entry in part.entries[:_SAMPLE]:
            if entry.stamp is not None and entry.stamp.dated:
                return entry.stamp.us
    return None


def _unzoned_shift(entries: tuple[Entry, ...]) -> int:
    """Zone of a part's unzoned stamps, from zoned stamps of neighbouring lines or around the same message."""
    votes: Counter[int] = Counter()
    previous: Entry | None = None
    for entry in entries[:_SAMPLE]:
        if entry.stamp is None or not entry.stamp.dated:
            continue
        for other in (entry.inner, previous.stamp if previous is not None else None):
            if other is None or not other.dated or other.zoned == entry.stamp.zoned:
                continue
            unzoned, zoned = (other, entry.stamp) if entry.stamp.zoned else (entry.stamp, other)
            difference = unzoned.us - zoned.us
            if abs(difference - quarters(difference)) < 5 * SECOND and unzoned is not entry.inner:
                votes[quarters(difference)] += 1
        previous = entry
    return votes.most_common(1)[0][0] if votes else 0


def _fill_gaps(lines: list[Line]) -> None:
    """A line without stamp was written between its neighbours in the file."""
    last = NEVER
    for line in lines:
        if line.low == NEVER:
            line.low = last
        else:
            last = line.low
    following = FOREVER
    for line in reversed(lines):
        if line.high == FOREVER:
            line.high = following
        else:
            following = line.high


def _join_axes(by_part: list[list[Line]], absolute: list[bool]) -> None:
    """Parts of one host, one with zoned and one with unzoned stamps: the unzoned one moves by whole quarters."""
    for index, lines in enumerate(by_part):
        if absolute[index]:
            continue
        mine = [line for line in lines if line.timed]
        if not mine:
            continue
        for other, theirs in enumerate(by_part):
            if not absolute[other] or theirs[0].host != mine[0].host:
                continue
            timed = [line for line in theirs if line.timed]
            if not timed:
                continue
            shifts = quarters(mine[0].low - timed[0].low), quarters(mine[-1].low - timed[-1].low)
            shift = min(shifts, key=abs)
            if shift and abs(shift) <= 15 * 3600 * SECOND:
                for line in mine:
                    line.low -= shift
                    line.high -= shift
            absolute[index] = True
            break


def _tighten(lines: list[Line]) -> None:
    """Within one file a line was written after the line before it, which narrows stamps of a whole second."""
    by_part: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        if line.timed:
            by_part[line.part].append(line)
    for mine in by_part.values():
        mine.sort(key=lambda line: line.entry.line)
        low = NEVER
        for line in mine:
            if line.low <= low < line.high:
                line.low = low
            elif line.low > low or low - line.low > _BACK:
                low = line.low
        high = FOREVER
        for line in reversed(mine):
            if line.low < high <= line.high:
                line.high = high
            elif line.high < high or line.high - high > _BACK:
                high = line.high


def _refine(lines: list[Line]) -> tuple[int, int] | None:
    """Narrow whole-second stamps by a finer stamp inside the message where the two keep a constant distance."""
    pairs = [
        (line, line.entry.inner.us - line.high, line.entry.inner.us + line.entry.inner.tick_us - line.low)
        for line in lines
        if line.timed and line.entry.inner is not None and line.entry.stamp is not None and line.entry.inner.dated
    ]
    agreed = intersect([(low - _TOLERANCE, high + _TOLERANCE) for _, low, high in pairs[:_SAMPLE]])
    if agreed is None or agreed.count * 5 < agreed.of * 4:
        return None
    # Two programs of one host read one clock: stamps that may be whole quarters apart are so, whatever few lines allow.
    zone = quarters((agreed.low + agreed.high) // 2)
    least, most = agreed.low, agreed.high
    if least <= zone <= most:
        least, most = max(least, zone - _TOLERANCE), min(most, zone + _TOLERANCE)
    for line, _, _ in pairs:
        inner, outer = line.entry.inner, line.entry.stamp
        if inner is None or outer is None or inner.tick_us >= outer.tick_us or len(pairs) < 2:
            continue
        low, high = inner.us - most, inner.us + inner.tick_us - least
        if max(low, line.low) < min(high, line.high):
            line.low, line.high = max(low, line.low), min(high, line.high)
    return agreed.low, agreed.high
