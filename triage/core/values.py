"""What each process answers for the same path between two writes: one value for all, one each, or one that drifts."""

from __future__ import annotations

from collections import defaultdict

import msgspec

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
        self._by_process: dict[int, int] = defaultdict(int)
        self._nobodys = 0

    def add(self, served: Served, path: str, named: bool) -> None:
        self._all += 1
        ids = identifiers(path)
        self._nameless += not ids
        self._latest = served
        for name in ids:
            self._named[name] += 1
            self._latest_of[name] = served
        if named:
            self._by_process[served.process] += 1
        else:
            self._nobodys += 1

    def concerning(self, path: str) -> int:
        """Writes to another object than the path's do not count."""
        ids = identifiers(path)
        return self._nameless + sum(self._named[name] for name in ids) if ids else self._all

    def latest(self, path: str) -> Served | None:
        return next((self._latest_of[name] for name in identifiers(path) if name in self._latest_of), self._latest)

    def by(self, process: int) -> int:
        """Writes that the process has taken, or may have taken."""
        return self._by_process[process] + self._nobodys


def _state(served: Served) -> State | None:
    request = served.request
    if request is None or request.status is None or request.size is None or request.status >= 500:
        return None
    return (request.status, request.size)


def compare(scene: Scene, wanted: frozenset[str]) -> dict[str, Values]:
    """Values of the paths in `wanted` that are read more than once. Linear in the number of requests.

    Where people sign in, an answer may be personal: then only the reads of one test are compared with each other.
    """
    lineup = scene.lineup
    named = {p.index for p in lineup.processes if p.pid is not None and p.trust is not PidTrust.UNKNOWN}
    personal = any(_personal(served) for served in lineup.served)
    tests = {step.matches[0].served: step.test for step in lineup.steps if step.matches and step.request is not None}
    result: dict[str, Values] = {}
    reads: dict[tuple[str, str], _Reads] = {}
    writes = _Writes()
    for served in sorted(lineup.served, key=lambda each: each.low_us):
        request = served.request
        if request is None or request.path is None:
            continue
        if request.method in _WRITES:
            if request.status is None or request.status < 400:
                writes.add(served, request.path, served.process in named)
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
        _note(now, _Read(served, state, writes.by(served.process)), writes, request.path, values)
    return result


def _personal(served: Served) -> bool:
    request = served.request
    if request is None:
        return False
    return request.status == 401 or (request.method == "POST" and shares_any(request.path or "", SESSION_PATHS))


def _note(now: _Reads, read: _Read, writes: _Writes, path: str, values: Values) -> None:
    epoch, process = writes.concerning(path), read.served.process
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
        if other.served.process == process:
            continue
        if other.state != read.state:
            vanished = other.state[0] < 400 <= read.state[0]
            older_value = read.state in now.before and other.state not in now.before
            again = same is not None and same.state == read.state and same.served.low_us < other.served.low_us
            pairs = values.back if vanished or older_value or again else values.differ
            _keep(pairs, other.served, read.served)
        elif write is not None and now.before and read.state not in now.before and _kin(write, path):
            _keep(values.agree, write, read.served if process != write.process else other.served)
    now.last[process] = read


def _kin(write: Served, path: str) -> bool:
    return kinship(write.request.path or "" if write.request is not None else "", path) >= 0.6


def _keep(pairs: list[tuple[int, int]], first: Served, second: Served) -> None:
    if len(pairs) < _MANY:
        pairs.append((first.index, second.index))
