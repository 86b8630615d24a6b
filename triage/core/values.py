"""What each process answers for the same path between two writes: one value for all, one each, or one that drifts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from triage.core.common_time import CommonTime
from triage.core.findings import Served
from triage.core.lineup import Scene
from triage.core.paths import identifiers, kinship
from triage.core.records import PidTrust
from triage.core.verbs import SESSION_PATHS
from triage.core.words import shares_any

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_MANY = 20  # examples kept of each
State = tuple[int, int]  # status and size of an answer


class Values(msgspec.Struct):
    """Pairs of requests for one path, in the order in which they were served."""

    agree: list[tuple[int, int]] = []  # a write on one process, its new answer on another: (write, read)
    differ: list[tuple[int, int]] = []  # two reads without a write between, on two processes
    back: list[tuple[int, int]] = []  # as `differ`, and the second shows an older value, which time cannot do
    drift: list[tuple[int, int]] = []  # two reads without a write between, on the same process
    learned: list[tuple[int, int]] = []  # a process changed its answer though all writes went to others


class _Read(msgspec.Struct):
    at: int  # on the axis that all hosts share
    holder: int  # process, or the first process of its host
    served: Served
    state: State
    writes: int  # that its process had taken until then


class _Reads(msgspec.Struct):
    epoch: int = 0  # writes that may concern the path
    before: set[State] = set()  # what was answered before the last of them
    last: dict[int, _Read] = {}  # process: its last read since
    older: dict[int, _Read] = {}  # process: its last read before


class _Writes:
    """How many writes there were so far that may change what a path answers."""

    def __init__(self) -> None:
        self._all = self._nameless = 0
        self._named: dict[str, int] = defaultdict(int)
        self._latest: Served | None = None
        self._latest_of: dict[str, Served] = {}
        self._by_holder: dict[int, int] = defaultdict(int)
        self._nobodys = 0

    def add(self, holder: int, served: Served, path: str, named: bool) -> None:
        self._all += 1
        ids = identifiers(path)
        self._nameless += not ids
        self._latest = served
        for name in ids:
            self._named[name] += 1
            self._latest_of[name] = served
        if named:
            self._by_holder[holder] += 1
        else:
            self._nobodys += 1

    def concerning(self, path: str) -> int:
        """Writes to another object than the path's do not count."""
        ids = identifiers(path)
        return self._nameless + sum(self._named[name] for name in ids) if ids else self._all

    def latest(self, path: str) -> Served | None:
        return next((self._latest_of[name] for name in identifiers(path) if name in self._latest_of), self._latest)

    def by(self, holder: int) -> int:
        """Writes that the process or host has taken, or may have taken."""
        return self._by_holder[holder] + self._nobodys


def _state(served: Served) -> State | None:
    request = served.request
    if request is None or request.status is None or request.size is None or request.status >= 500:
        return None
    return (request.status, request.size)


def compare(scene: Scene, wanted: frozenset[str], time: CommonTime, *, by_host: bool = False) -> dict[str, Values]:
    """Values of the paths in `wanted` that are read more than once. Linear in the number of requests.

    Where people sign in, an answer may be personal: then only the reads of one test are compared with each other.
    `by_host`: the processes of a host count as one.
    """
    lineup = scene.lineup
    named = {p.index for p in lineup.processes if p.pid is not None and p.trust is not PidTrust.UNKNOWN}
    first = {process.host: process.index for process in reversed(lineup.processes)}
    holder = {p.index: first[p.host] if by_host else p.index for p in lineup.processes}
    personal = _personal(lineup.served)
    tests = {step.matches[0].served: step.test for step in lineup.steps if step.matches and step.request is not None}
    result: dict[str, Values] = {}
    reads: dict[tuple[str, str], _Reads] = {}
    writes = _Writes()
    for served in time.order:
        request = served.request
        if request is None or request.path is None:
            continue
        if request.method in _WRITES:
            if request.status is None or request.status < 400:
                writes.add(holder[served.process], served, request.path, served.process in named)
            continue
        state = _state(served)
        if request.method != "GET" or request.path not in wanted or served.process not in named:
            continue
        test = tests.get(served.index, "")
        if state is None or state[0] in (401, 403) or (personal and not test):
            continue
        whose = f"{request.path}?{request.query}", test if personal else ""
        now = reads.setdefault(whose, _Reads(0, set(), {}, {}))
        values = result.setdefault(request.path, Values([], [], [], [], []))
        mine = holder[served.process]
        _note(now, _Read(time.of(served), mine, served, state, writes.by(mine)), writes, request.path, values)
    return result


def _personal(served: Sequence[Served]) -> bool:
    """Whether people sign in, or are told to."""
    requests = [each.request for each in served if each.request is not None]
    if any(request.status == 401 for request in requests):
        return True
    return any(shares_any(path, SESSION_PATHS) for path in {r.path for r in requests if r.method == "POST" and r.path})


def _note(now: _Reads, read: _Read, writes: _Writes, path: str, values: Values) -> None:
    epoch, process = writes.concerning(path), read.holder
    if epoch != now.epoch:
        now.before = {each.state for each in now.last.values()} or now.before
        now.older, now.last, now.epoch = now.older | now.last, {}, epoch
    same, older = now.last.get(process), now.older.get(process)
    if same is not None and same.state != read.state:
        _keep(values.drift, same.served, read.served)
    if same is None and older is not None and older.state != read.state and older.writes == read.writes:
        _keep(values.learned, older.served, read.served)
    write = writes.latest(path)
    for other in now.last.values():
        if other.holder == process:
            continue
        if other.state != read.state:
            vanished = other.state[0] < 400 <= read.state[0]
            older_value = read.state in now.before and other.state not in now.before
            again = same is not None and same.state == read.state and same.at < other.at
            pairs = values.back if vanished or older_value or again else values.differ
            _keep(pairs, other.served, read.served)
        elif write is not None and now.before and read.state not in now.before and _kin(write, path):
            _keep(values.agree, write, read.served if read.served.process != write.process else other.served)
    now.last[process] = read


def _kin(write: Served, path: str) -> bool:
    return kinship(write.request.path or "" if write.request is not None else "", path) >= 0.6


def _keep(pairs: list[tuple[int, int]], first: Served, second: Served) -> None:
    if len(pairs) < _MANY:
        pairs.append((first.index, second.index))
