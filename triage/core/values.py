"""What each process answers for the same path between two writes: one value for all, one each, or one that drifts."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from triage.core.findings import Served
from triage.core.lineup import Scene
from triage.core.paths import kinship, resource
from triage.core.records import PidTrust

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Values(msgspec.Struct):
    """Counts for one path, with an example of each."""

    agree: list[tuple[int, int]] = []  # a write on one process, its new answer on another: (write, read)
    differ: list[tuple[int, int]] = []  # two reads without a write between, on two processes: (read, read)
    drift: list[tuple[int, int]] = []  # two reads without a write between, on the same process
    shrank: list[tuple[int, int]] = []  # a list got shorter on another process though nothing was deleted


class _Reads(msgspec.Struct):
    write: Served | None = None  # the last write before them
    before: set[int] = set()  # sizes and states seen before that write
    last: dict[int, tuple[Served, tuple[int, int]]] = {}  # process: its last read since


def _state(served: Served) -> tuple[int, int] | None:
    request = served.request
    if request is None or request.status is None or request.size is None or request.status >= 500:
        return None
    return (request.status, request.size)


def compare(scene: Scene, wanted: frozenset[str]) -> dict[str, Values]:
    """Values of the paths in `wanted` that are read more than once. Linear in the number of requests."""
    named = {
        process.index
        for process in scene.lineup.processes
        if process.pid is not None and process.trust is not PidTrust.UNKNOWN
    }
    result: dict[str, Values] = {}
    reads: dict[str, _Reads] = {}
    paths_of: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    about = {resource(path) for path in wanted}
    for served in sorted(scene.lineup.served, key=lambda each: each.low_us):
        request = served.request
        if request is None or request.path is None or served.process not in named:
            continue
        if request.method in _WRITES:
            if (request.status is None or request.status < 400) and resource(request.path) in about:
                for path in paths_of.get(resource(request.path), {}):
                    if kinship(request.path, path.split("?", 1)[0]) >= 0.6:
                        reads[path] = _after(reads[path], served)
            continue
        state = _state(served)
        if request.method != "GET" or state is None or state[0] in (401, 403):
            continue
        if request.path not in wanted:
            continue
        path = f"{request.path}?{request.query}" if request.query else request.path
        group = paths_of[resource(request.path)]
        if path not in group:
            if len(group) > 200:
                continue
            group[path] = None
        now = reads.setdefault(path, _Reads(None, set(), {}))
        values = result.setdefault(path, Values([], [], [], []))
        _note(now, served, state, values)
    return {
        path: values
        for path, values in result.items()
        if values.agree or values.differ or values.drift or values.shrank
    }


def _after(reads: _Reads, write: Served) -> _Reads:
    seen = {hash(state) for _, state in reads.last.values()}
    return _Reads(write, seen or reads.before, {})


def _note(now: _Reads, served: Served, state: tuple[int, int], values: Values) -> None:
    write = now.write
    same = now.last.get(served.process)
    if same is not None and same[1] != state and len(values.drift) < 20:
        values.drift.append((same[0].index, served.index))
    for process, (other, known) in now.last.items():
        if process == served.process:
            continue
        if known != state:
            if len(values.differ) < 20:
                values.differ.append((other.index, served.index))
        elif write is not None and hash(state) not in now.before and now.before and len(values.agree) < 20:
            values.agree.append((write.index, served.index if served.process != write.process else other.index))
    now.last[served.process] = served, state
