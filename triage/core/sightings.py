"""Who could see what was written: over the whole run, did other processes know of an object, or only its own maker?

Four counts a resource: reads that saw or missed a write, on the process that took it or on another one. Shared state
shows “another process saw it”; state kept in one process shows “others missed it, its own saw it”.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import lgamma

import msgspec

from triage.core.clock_scale import surely_before
from triage.core.common_time import CommonTime
from triage.core.findings import Served
from triage.core.lineup import Scene
from triage.core.paths import identifiers, is_identifier, resource, segments
from triage.core.records import SECOND, PidTrust
from triage.core.results import FAILING
from triage.core.server_time import NEVER
from triage.core.words import names as names_in
from triage.core.words import shares_any

_MANY = 500  # sightings of one resource that are counted; more do not make anything surer
RECENT = 3 * SECOND  # a POST this far back may have made the object
_COUNTED = 4  # digits of a number that a process may have counted up to in one run
_WIPES = ("reset", "clear", "wipe", "purge", "truncate", "flush")
_MAKES = frozenset({"POST", "PUT"})


class Sighting(msgspec.Struct, frozen=True):
    """One read that could have shown an earlier write."""

    resource: tuple[str, ...]
    seen: bool
    crossed: bool  # the reader is another process than the writer
    write: int  # served indexes
    read: int
    outlived: bool = False  # the writer's process had ended before the read
    afar: bool = False  # the reader is on another host


class _Counts:
    """How far each process could have counted: where each counts for itself, a number names several objects."""

    def __init__(self) -> None:
        self._made: dict[str, Counter[int]] = defaultdict(Counter)  # by path: POSTs of each process that went well

    def made(self, served: Served) -> None:
        """One more POST that went well."""
        if served.request is not None and served.request.path is not None:
            self._made[served.request.path.rstrip("/")][served.process] += 1

    def twice(self, name: str, read: Served, maker: Served, missing: bool) -> bool:
        """Whether the number that was asked for may be another object of that number than the one that `maker` made."""
        path = read.request.path if read.request is not None and read.request.path is not None else ""
        parts = segments(path)
        if not (name.isascii() and name.isdigit()) or len(name) > _COUNTED or name not in parts:
            return False
        made = self._made.get("/" + "/".join(parts[: parts.index(name)]), Counter())
        if maker.process == read.process:  # missed by its own maker, or given out anew by another one since
            return missing and any(n >= int(name) for process, n in made.items() if process != read.process)
        return not missing and made[read.process] >= int(name)  # known to another one, or its own of that number


class Sightings:
    """All sightings of the resources in `wanted`, by resource."""

    def __init__(self, scene: Scene, wanted: frozenset[tuple[str, ...]], time: CommonTime) -> None:
        self._scene = scene
        self._time = time
        self._named = {
            process.index
            for process in scene.lineup.processes
            if process.pid is not None and process.trust is not PidTrust.UNKNOWN
        }
        self._served = [
            served
            for served in (time.order if wanted else ())
            if served.process in self._named
            and served.request is not None
            and served.request.path is not None
            and resource(served.request.path) in wanted
        ]
        failing = {test.test for test in scene.lineup.tests if test.outcome in FAILING}
        self._failing = {step.matches[0].served for step in scene.lineup.steps if step.matches and step.test in failing}
        found = [*self._objects(), *self._lists()]
        self.all: dict[tuple[str, ...], list[Sighting]] = defaultdict(list)
        for sighting in found:
            self.all[sighting.resource].append(sighting)

    def of(self, path: str, without: frozenset[int] = frozenset()) -> list[Sighting]:
        """Sightings of a path's resource, leaving out given reads."""
        return [sighting for sighting in self.all.get(resource(path), [])[-_MANY:] if sighting.read not in without]

    def _objects(self) -> list[Sighting]:
        """Objects with a name of their own in the path."""
        makers: dict[str, Served] = {}
        posts: dict[str, list[Served]] = defaultdict(list)
        lows: dict[str, list[int]] = defaultdict(list)
        wiped: dict[tuple[str, ...], int] = {}
        gone: set[str] = set()
        found: list[Sighting] = []
        seen = self._ever_seen()
        counts = _Counts()
        for served in self._served:
            request = served.request
            if request is None or request.path is None:
                continue
            method, status = request.method or "", request.status
            good = status is None or status < 400
            names = identifiers(request.path)
            about = resource(request.path)
            for name in names:
                if name not in makers and name not in seen and served.index not in self._failing:
                    continue  # nobody ever saw it, so it may never have existed
                maker = self._maker(name, request.path, served, makers, posts, lows)
                if maker is not None and name not in gone and wiped.get(about, NEVER) < self._time.of(maker):
                    missing = status in (404, 410)
                    told = missing or (good and _shows(served, maker))
                    if told and status is not None and not counts.twice(name, served, maker, missing):
                        crossed = maker.process != served.process
                        ended = crossed and self._ended(maker, served)
                        afar = self._host(maker) != self._host(served)
                        found.append(Sighting(about, not missing, crossed, maker.index, served.index, ended, afar))
                if method == "DELETE" and good:
                    gone.add(name)
                if method in _MAKES and good and name not in makers:
                    makers[name] = served
            if method == "POST" and good:
                counts.made(served)
            if method in _MAKES and good and not names:
                posts[request.path.rstrip("/")].append(served)
                lows[request.path.rstrip("/")].append(self._time.of(served))
                for name in self._spoken(served):
                    makers.setdefault(name, served)
            if not names and good and (method == "DELETE" or (method == "POST" and shares_any(request.path, _WIPES))):
                wiped[about] = self._time.of(served)
        return found

    def _ever_seen(self) -> frozenset[str]:
        return frozenset(
            name
            for served in self._served
            if (request := served.request) is not None and request.status is not None and request.status < 400
            for name in identifiers(request.path or "")
        )

    def _spoken(self, served: Served) -> list[str]:
        """Names of objects in the application's own lines on a write."""
        return [
            word
            for line in self._scene.requests.lines[served.index][:6]
            if line.entry.request is None or not line.entry.request.ended
            for word in names_in(line.entry.message)
            if is_identifier(word)
        ]

    def _maker(
        self,
        name: str,
        path: str,
        read: Served,
        makers: dict[str, Served],
        posts: dict[str, list[Served]],
        lows: dict[str, list[int]],
    ) -> Served | None:
        """The write that made an object: named by the server's lines, else the only kind of recent POST there was."""
        known = makers.get(name)
        if known is not None:
            return known
        parts = segments(path)
        above = "/" + "/".join(parts[: parts.index(name)]) if name in parts else ""
        times = lows.get(above, [])
        asked = self._time.of(read)
        last = bisect_right(times, asked)
        recent = posts[above][bisect_left(times, asked - RECENT) : last][-8:] if times else []
        if not recent:
            return None
        crossed = {each.process != read.process for each in recent}
        if len(crossed) != 1:
            return None
        if len(recent) == 1 or crossed:
            makers[name] = recent[-1]
        return recent[-1]

    def _host(self, served: Served) -> str:
        return self._scene.lineup.processes[served.process].host

    def _ended(self, write: Served, read: Served) -> bool:
        lineup = self._scene.lineup
        writer, reader = lineup.processes[write.process], lineup.processes[read.process]
        if writer.died_us is None or writer.died_us < write.low_us:
            return False
        return not surely_before(lineup.clocks, (reader.host, read.high_us), (writer.host, writer.died_us))

    def _lists(self) -> list[Sighting]:
        """Lists and values without a name: what a process shows before and after a write, by the answer's size."""
        found: list[Sighting] = []
        shown: dict[tuple[str, int], Served] = {}  # path and process: its last read
        writes: dict[tuple[str, ...], list[tuple[int, Served]]] = defaultdict(list)
        for served in self._served:
            request = served.request
            if request is None or request.path is None or (request.status is not None and request.status >= 400):
                continue
            about = resource(request.path)
            if request.method == "GET" and not identifiers(request.path) and request.size is not None:
                key = f"{request.path}?{request.query}", served.process
                before = shown.get(key)
                shown[key] = served
                if before is None or before.request is None or before.request.size is None:
                    continue
                between = self._between(writes.get(about, []), before, served)
                if not between or any(w.request is None or w.request.method != "POST" for w in between):
                    continue
                own = [each for each in between if each.process == served.process]
                if own and len(own) != len(between):
                    continue
                grew = request.size > before.request.size
                afar = self._host(between[-1]) != self._host(served)
                found.append(Sighting(about, grew, not own, between[-1].index, served.index, afar=afar))
            elif request.method in ("POST", "PUT", "PATCH", "DELETE"):
                writes[about].append((self._time.of(served), served))
        return found

    def _between(self, writes: Sequence[tuple[int, Served]], first: Served, last: Served) -> list[Served]:
        since, until = self._time.of(first), self._time.of(last)
        found: list[Served] = []
        for at, write in reversed(writes[-64:]):
            if at <= since:
                break
            if at < until:
                found.append(write)
        return found[::-1]


def between_hosts(sightings: Sequence[Sighting]) -> list[Sighting]:
    """The same where the processes of a host share what they keep, on its disk: only another host is another holder."""
    return [msgspec.structs.replace(each, crossed=each.afar) for each in sightings]


def _shows(read: Served, maker: Served) -> bool:
    """Whether a good answer proves that the object was known: a write may make it, a list may be empty."""
    asked, made = read.request, maker.request
    if asked is None or made is None:
        return False
    if asked.method == "POST":  # on a part of an object that was made elsewhere, under a name that cannot come twice
        whole = (made.path or "").rstrip("/") + "/"
        return (asked.path or "").startswith(whole) and not any(
            name.isdigit() for name in identifiers(asked.path or "")
        )
    if asked.method not in ("GET", "HEAD", "PATCH", "DELETE"):
        return False
    return made.method == "PUT" or (asked.path or "").rstrip("/") != (made.path or "").rstrip("/")


def bayes_factor(sightings: Sequence[Sighting]) -> float:
    """Log of how much better “each process keeps its own” explains the sightings than “the same for all”."""
    counts = Counter((s.crossed, s.seen, s.crossed and s.outlived) for s in sightings)
    crossed_seen = counts[True, True, False] + counts[True, True, True]
    crossed_missed = counts[True, False, False]
    own_seen, own_missed = counts[False, True, False], counts[False, False, False]
    split = _beta(crossed_missed, crossed_seen, 9.0, 0.6) + _beta(own_missed, own_seen, 0.4, 12.0)
    same = _beta(crossed_missed + own_missed, crossed_seen + own_seen, 0.7, 1.5)
    return split - same


def _beta(misses: int, sights: int, a: float, b: float) -> float:
    """Log marginal likelihood of a series of misses and sights under a Beta(a, b) share of misses."""
    return (
        lgamma(a + misses)
        + lgamma(b + sights)
        - lgamma(a + b + misses + sights)
        + lgamma(a + b)
        - lgamma(a)
        - lgamma(b)
    )
