"""Entries grouped into the requests they tell of: the access line and the handler's lines of one request are one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from triage.core.chatter import is_chatter
from triage.core.findings import LineRef, Served
from triage.core.processes import Population
from triage.core.records import SECOND, PidTrust, Request
from triage.core.server_time import FOREVER, NEVER, Line
from triage.core.words import ids, rival

HANDLING = 30 * SECOND  # a handler's line further ahead of its access line belongs to another request
TOGETHER = 30_000  # two lines of one handler without an access line stand this close
STEADY = 5_000  # by which a duration and the stamps around it may differ
UPGRADED = 101  # the status of a connection that stays open: a WebSocket
LOOK_BACK = 8  # lines of the same file searched for the PID of an access line without one

# matches `GET /cars -> 200 in 3ms`, `status=404`, `"status_code": 201`; must not match `took 200 ms`
_STATUS = re.compile(r"(?:[-=]> ?|\bstatus(?:_code)?[\"']?[=:] ?)(?P<status>[1-5]\d\d)(?![\d.])")
_HEAD = 600
ERROR_LEVELS = frozenset({"error", "critical"})


class Serving(msgspec.Struct, gc=False):
    """One request while its lines are gathered."""

    process: int
    lines: list[Line]
    request: Request | None = None
    keys: dict[str, str] = {}
    ended: bool = False

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.request = merged(self.request, _answered(line))
        if line.entry.keys:
            self.keys |= dict(line.entry.keys)
        request = line.entry.request
        if request is not None and request.ended:
            self.ended = True


def _answered(line: Line) -> Request | None:
    """What a line tells of its request, with the status that an application writes behind it in its own way."""
    request = line.entry.request
    if request is None or request.status is not None or request.path is None:
        return request
    found = _STATUS.search(line.entry.message[:_HEAD])
    return msgspec.structs.replace(request, status=int(found["status"])) if found else request


class Requests(msgspec.Struct, frozen=True):
    """All served requests in server time, and what alignment needs of them."""

    served: tuple[Served, ...]
    lines: tuple[tuple[Line, ...], ...]  # of each served request
    keys: tuple[dict[str, str], ...]
    ended: tuple[bool, ...]  # whether an access line belongs to it


def infer_pids(lines: Sequence[Line], sifted: frozenset[int] = frozenset()) -> None:
    """Give lines without a PID the one of the request they belong to: same connection, or the neighbouring line.

    `sifted`: parts with gaps; what is next to each other in them need not have been.
    """
    by_port: dict[tuple[str, str], int] = {}
    for line in lines:
        port = _port(line)
        if port and line.pid is not None:
            by_port[line.host, port] = line.pid
    by_part: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        port = _port(line)
        if line.pid is None and port and (line.host, port) in by_port:
            line.pid, line.trust = by_port[line.host, port], PidTrust.INFERRED
        by_part[line.part].append(line)
    for part in by_part.values():
        if all(line.pid is not None for line in part):
            continue
        part.sort(key=lambda line: line.entry.line)
        for position, line in enumerate(part):
            request = line.entry.request
            if request is None or not request.ended or request.path is None:
                continue
            nearby = part[max(position - LOOK_BACK, 0) : position]
            if line.part in sifted:
                nearby = [other for other in nearby if line.entry.line - other.entry.line <= LOOK_BACK]
            if line.pid is None:
                _from_handler(line, nearby)
            else:
                _to_handlers(line, nearby)


def _port(line: Line) -> str:
    for name, value in line.entry.keys:
        if name == "client_port":
            return value
    return ""


def _from_handler(access: Line, nearby: list[Line]) -> None:
    """A PID-less access line takes the PID of the one handler that just spoke of the same path."""
    asked = access.entry.request
    pids = {
        line.pid
        for line in nearby
        if line.pid is not None
        and line.entry.life is None
        and (told := line.entry.request) is not None
        and not told.ended
        and asked is not None
        and told.path == asked.path
        and access.low - line.low < 5 * SECOND
    }
    if len(pids) == 1:
        access.pid, access.trust = pids.pop(), PidTrust.INFERRED


def _to_handlers(access: Line, nearby: list[Line]) -> None:
    """Anonymous application lines right before an access line with a PID are that process's."""
    for line in reversed(nearby):
        request = line.entry.request
        if line.pid is not None or (request is not None and request.ended) or access.low - line.low > SECOND:
            return
        if line.entry.life is None and not is_chatter(line.entry.message):
            line.pid, line.trust = access.pid, PidTrust.INFERRED


def group(lines: Sequence[Line], population: Population) -> Requests:
    """Gather the lines of every process into requests. Linear in the number of lines."""
    by_process: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        if line.process in population.masters or line.entry.life is not None:
            continue
        if line.entry.request is None and is_chatter(line.entry.message):
            continue
        by_process[line.process].append(line)
    found: list[Serving] = []
    for process, mine in by_process.items():
        named = population.living[process].pid is not None
        found += _gather(process, mine, named)
    found.sort(key=lambda serving: (_low(serving.lines), serving.lines[-1].part, serving.lines[-1].entry.line))
    served = tuple(_record(index, serving) for index, serving in enumerate(found))
    return Requests(
        served,
        tuple(tuple(serving.lines) for serving in found),
        tuple(serving.keys for serving in found),
        tuple(serving.ended for serving in found),
    )


def _gather(process: int, lines: list[Line], named: bool) -> Iterable[Serving]:
    """One process's lines in time order. Threads and tasks interleave, so facts and keys decide before nearness."""
    has_access = any(line.entry.request is not None and line.entry.request.ended for line in lines)
    waiting: list[Serving] = []  # begun by handler lines, their access line still to come
    done: list[Serving] = []
    for line in lines:
        request = line.entry.request
        ended = request is not None and request.ended
        if len(waiting) > 64 or (waiting and line.low - waiting[0].lines[-1].high > HANDLING):
            done.append(waiting.pop(0))
        home = _home(line, waiting, ended=ended, has_access=has_access, named=named)
        if home is None:
            home = Serving(process, [], keys={})
            for line_before in _overheard(line, waiting) if ended else ():
                home.add(line_before)
            waiting.append(home)
        home.add(line)
        if ended:
            waiting.remove(home)
            done.append(home)
    return done + waiting


def _overheard(access: Line, waiting: Sequence[Serving]) -> list[Line]:
    """The handler's lines of a request that went to an open connection: nothing but their time says whose they are."""
    told = access.entry.request
    lasted = told.duration_us if told is not None else None
    reach = TOGETHER if lasted is None else lasted + STEADY
    for serving in reversed(waiting):
        if serving.request is None or serving.request.status != UPGRADED:
            continue
        first = len(serving.lines)
        while first > 1 and _nameless(serving.lines[first - 1]) and access.low - serving.lines[first - 1].low <= reach:
            first -= 1
        found = [line for line in serving.lines[first:] if line.part == access.part]
        serving.lines[first:] = [line for line in serving.lines[first:] if line.part != access.part]
        return found
    return []


def _nameless(line: Line) -> bool:
    return line.entry.request is None


def _home(line: Line, waiting: list[Serving], *, ended: bool, has_access: bool, named: bool) -> Serving | None:
    """The request begun earlier that this line belongs to."""
    told = line.entry.request
    keys = dict(line.entry.keys)
    for serving in reversed(waiting) if keys else ():
        if any(keys.get(name) == value for name, value in serving.keys.items() if name != "client_port"):
            return serving
    if ended:
        fitting = [serving for serving in waiting if _compatible(serving.request, told)]
        exact = [s for s in fitting if s.request is not None and told is not None and s.request.path == told.path]
        near = [s for s in fitting if line.low - s.lines[-1].high < (HANDLING if named else SECOND)]
        return exact[0] if exact else near[-1] if near else None
    if not waiting:
        return None
    last = waiting[-1]
    if _close(line, last) and _in_traceback(line, last.lines[-1]):
        return last
    if told is not None and (told.path is not None or told.method is not None):
        # A handler that names its request begins one, unless nothing but nameless lines came before it.
        fresh = last.request is not None or _repeats(line, last)
        return None if fresh or not _close(line, last) else last
    if has_access and named:
        return last  # everything up to the access line is the request at hand
    return last if _close(line, last) and not _repeats(line, last) else None


def _in_traceback(line: Line, before: Line) -> bool:
    """The lines of a traceback, and the error that ends it."""
    return line.entry.message.startswith((" ", "\t", "Traceback (")) or before.entry.message.startswith(("  ", "\t"))


def _close(line: Line, serving: Serving) -> bool:
    last = serving.lines[-1]
    return line.low - last.high <= TOGETHER and line.part == last.part


def _repeats(line: Line, serving: Serving) -> bool:
    """The same kind of line a second time, or one on another object of the same kind, means the next request."""
    kind = _kind(line)
    if any(_kind(other) == kind for other in serving.lines):
        return True
    return rival(ids(line.entry.message), (word for other in serving.lines for word in ids(other.entry.message)))


def _kind(line: Line) -> str:
    return re.sub(r"[0-9'\"{\[(].{0,400}", "", line.entry.message[:80])


def _compatible(begun: Request | None, told: Request | None) -> bool:
    if begun is None or told is None:
        return True
    if begun.method is not None and told.method is not None and begun.method != told.method:
        return False
    return begun.path is None or told.path is None or begun.path.rstrip("/") == told.path.rstrip("/")


def merged(one: Request | None, other: Request | None) -> Request | None:
    """What two lines on the same request tell together; the access line's word counts where both speak."""
    if one is None or other is None:
        return one or other
    first, second = (other, one) if other.ended and not one.ended else (one, other)
    return Request(
        method=first.method or second.method,
        path=first.path or second.path,
        query=first.query or second.query,
        status=first.status if first.status is not None else second.status,
        size=first.size if first.size is not None else second.size,
        duration_us=first.duration_us if first.duration_us is not None else second.duration_us,
        target=first.target or second.target,
        client=first.client or second.client,
        ended=first.ended or second.ended,
    )


def tells_of_error(message: str) -> bool:
    """Whether a line that need not be of a high level tells that a request broke."""
    return (
        "Traceback (most recent call last)" in message
        or "Exception on /" in message
        or "Internal Server Error" in message
        or "Error handling request" in message
    )


def _low(lines: Sequence[Line]) -> int:
    return min((line.low for line in lines if line.low != NEVER), default=NEVER)


def _record(index: int, serving: Serving) -> Served:
    lines = sorted(serving.lines, key=lambda line: (line.part, line.entry.line))
    status = serving.request.status if serving.request is not None else None
    high = max((line.high for line in lines if line.high != FOREVER), default=FOREVER)
    return Served(
        index=index,
        process=serving.process,
        entries=tuple(LineRef(line.part, line.entry.line) for line in lines),
        request=serving.request,
        low_us=_low(lines),
        high_us=high,
        error=(status is not None and status >= 500)
        or any(line.entry.level in ERROR_LEVELS or tells_of_error(line.entry.message[:4_000]) for line in lines),
    )
