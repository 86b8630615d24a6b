"""Who was alive when: processes as (host, boot, PID, life span), their masters, and whether the PIDs can be trusted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from triage.core.chatter import is_chatter
from triage.core.findings import Process
from triage.core.records import SECOND, Life, LifeEvent, PidTrust, RunEvidence
from triage.core.server_time import FOREVER, NEVER, Line

# matches `Listening at: http://127.0.0.1:8000 (17893)`, `Started parent process [18876]`, `Starting gunicorn 27.0.1`
_MASTER = re.compile(
    r"Listening at: |Started parent process \[|Starting gunicorn |Spawning worker-\d|spawned uWSGI worker"
)
_AFTERLIFE = 3 * SECOND  # buffered output may come this long after the exit line
_SAME_BOOT = 60 * SECOND  # a second boot line this soon (gunicorn's, then uvicorn's) is the same boot
_ENDS = (Life.EXIT, Life.KILL, Life.CRASH, Life.TIMEOUT)
_GRAVITY = {None: 0, Life.EXIT: 1, Life.CRASH: 2, Life.KILL: 3, Life.RECYCLE: 4, Life.TIMEOUT: 5}


class Living(msgspec.Struct):
    """A process while the log is read."""

    index: int
    host: str
    unit: str
    pid: int | None
    boot: str
    trust: PidTrust
    born: int | None = None
    died: int | None = None
    ended_by: Life | None = None
    reason: str = ""
    first: int | None = None
    last: int | None = None


class ServiceEvent(msgspec.Struct, frozen=True):
    """Something that happened to a host's whole service."""

    host: str
    at: int
    what: Life
    line: Line


class Population(msgspec.Struct, frozen=True):
    """All processes of all hosts, and what the lines say of their PIDs."""

    living: tuple[Living, ...]
    masters: frozenset[int]  # indexes
    events: tuple[ServiceEvent, ...]  # reloads and restarts
    ends: dict[int, Line]  # index: the line that tells its end
    births: dict[int, Line]
    parent_pids: bool = False  # request lines carry the PID of the process that only starts the ones that serve

    def records(self, requests: dict[int, int]) -> tuple[Process, ...]:
        return tuple(
            Process(
                index=each.index,
                host=each.host,
                unit=each.unit,
                pid=each.pid,
                boot=each.boot,
                trust=each.trust,
                born_us=each.born,
                died_us=each.died,
                ended_by=each.ended_by,
                ended_reason=each.reason,
                first_us=each.first,
                last_us=each.last,
                requests=requests.get(each.index, 0),
            )
            for each in self.living
        )


def populate(lines: Sequence[Line], parents: frozenset[int]) -> Population:
    """Assign every line to a process. `parents`: indexes of parts whose PIDs are declared to be the parent's."""
    masters = _master_pids(lines)
    distrusted = _parent_pids(lines, masters)
    for line in lines:
        if line.pid is None or (line.part not in parents and (line.host, line.pid) not in distrusted):
            continue
        if line.entry.life is None and not is_chatter(line.entry.message):
            line.pid, line.trust = None, PidTrust.UNKNOWN
    census = _Census()
    for line in lines:
        census.see(line)
    found = frozenset(each.index for each in census.all if each.pid is not None and (each.host, each.pid) in masters)
    parent_pids = bool(distrusted or parents)
    return Population(tuple(census.all), found, tuple(census.events), census.ends, census.births, parent_pids)


def _serves(line: Line) -> bool:
    """Whether the line was written while serving a request, as far as one line shows."""
    request = line.entry.request
    return request is not None and (request.method is not None or request.path is not None)


def _master_pids(lines: Sequence[Line]) -> set[tuple[str, int]]:
    masters: set[tuple[str, int]] = set()
    for line in lines:
        if line.pid is None:
            continue
        life = line.entry.life
        about_another = life is not None and life.subject is not None and life.subject != line.pid
        if about_another or (life is None and _MASTER.search(line.entry.message[:200])):
            masters.add((line.host, line.pid))
    return masters


def _parent_pids(lines: Sequence[Line], masters: set[tuple[str, int]]) -> set[tuple[str, int]]:
    """PIDs that stand on request lines although their owner only starts and watches the ones that serve."""
    requests: dict[tuple[str, int], int] = defaultdict(int)
    children: dict[str, set[int]] = defaultdict(set)
    for line in lines:
        life = line.entry.life
        if life is not None and life.what is Life.BOOT and life.subject is not None:
            children[line.host].add(life.subject)
        if line.pid is not None and _serves(line):
            requests[line.host, line.pid] += 1
    return {
        (host, pid)
        for host, pid in requests
        if (host, pid) in masters
        and pid not in children[host]
        and not any((host, child) in requests for child in children[host])
    }


def left_out(evidence: RunEvidence, lines: Sequence[Line]) -> dict[int, int]:
    """Requests of each process that a long log was sifted of."""
    told = {(index, left.line): left.requests for index, part in enumerate(evidence.parts) for left in part.left_out}
    found: dict[int, int] = defaultdict(int)
    if told:
        for line in lines:
            found[line.process] += told.get((line.part, line.entry.line), 0)
    return found


class _Census:
    """Opens and closes life spans while the lines pass in time order."""

    def __init__(self) -> None:
        self.all: list[Living] = []
        self.events: list[ServiceEvent] = []
        self.ends: dict[int, Line] = {}
        self.births: dict[int, Line] = {}
        self._open: dict[tuple[str, str, int | None], Living] = {}

    def see(self, line: Line) -> None:
        life = line.entry.life
        if life is not None:
            self._live(line, life)
        process = self._of(line, line.pid)
        line.process = process.index
        if line.trust is PidTrust.INFERRED and process.first is None:
            process.trust = PidTrust.INFERRED
        elif line.trust is PidTrust.PROVEN and line.pid is not None:
            process.trust = PidTrust.PROVEN
        process.unit = process.unit or line.entry.unit
        if line.low != NEVER:
            process.first = line.low if process.first is None else min(process.first, line.low)
        if line.high != FOREVER:
            process.last = line.high if process.last is None else max(process.last, line.high)

    def _live(self, line: Line, life: LifeEvent) -> None:
        at = line.low if line.low != NEVER else 0
        if life.subject is None or life.what is Life.RELOAD:
            self.events.append(ServiceEvent(line.host, at, life.what, line))
            return
        process = self._of(line, life.subject, booting=life.what is Life.BOOT)
        if life.what is Life.BOOT:
            if process.born is None:
                process.born = at
                self.births[process.index] = line
            return
        if _GRAVITY[life.what] > _GRAVITY.get(process.ended_by, 0):
            process.ended_by = life.what
            process.reason = life.reason or process.reason
            self.ends[process.index] = line
        if life.what in _ENDS or process.died is None:
            # A recycle ends after the request at hand; an exit line later tells the moment better.
            process.died = at if process.died is None or process.ended_by is Life.RECYCLE else min(process.died, at)

    def _of(self, line: Line, pid: int | None, booting: bool = False) -> Living:
        key = (line.host, line.boot, pid)
        process = self._open.get(key)
        if process is not None and pid is not None and self._another(process, line, booting):
            process = None
        if process is None:
            trust = PidTrust.UNKNOWN if pid is None else PidTrust.PROVEN if pid != line.pid else line.trust
            process = Living(len(self.all), line.host, line.entry.unit, pid, line.boot, trust)
            self.all.append(process)
            self._open[key] = process
        return process

    @staticmethod
    def _another(process: Living, line: Line, booting: bool) -> bool:
        """Whether a line with this PID must be of a new owner."""
        if line.low == NEVER:
            return False
        if booting:
            if process.died is not None:
                return True
            since = process.born if process.born is not None else process.first
            return since is not None and line.low - since > _SAME_BOOT
        dead = process.died is not None and process.ended_by is not Life.RECYCLE
        return dead and process.died is not None and line.low - process.died > _AFTERLIFE and line.entry.life is None
