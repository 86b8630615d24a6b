"""Which entries of the server's logs are of which served request, and what they tell of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from lab.instants import SECOND, voted
from lab.pairs import Truth
from lab.told import FOREVER, NEVER, Told, ids
from triage.core.records import Entry, PidTrust, RunEvidence, Side, Stamp

FINE_US = 20_000  # stamps this fine put a line next to what it is about
EARLY_US = 5_000  # by which a line can seem to come before what it is about
LATE_US = {True: 300_000, False: 60_000}  # how much later than the answer an access line can come, and another one
# matches "Application startup complete.", "Started server process [22]"; must not match "job started"
_BOOT = re.compile(r"startup|server process|Starting |Listening at|Control socket|Using worker|[Ss]pawn|WSGI app")
_CONTINUED = (" ", "\t", "Traceback (most recent call last)")
NEAR = 64  # requests of a process that a line can be of; of many more where stamps are coarse
MANY = 512
Served = dict[str, Any]
# matches "3c60e5b5", "12:34:06,120", "'lamp'"; must not match "created", "item"
_VALUE = re.compile(r"[0-9'\"{\[(]\S{0,80}|\S{0,20}\d\S{0,40}")
Group = tuple[int, str, bool, bool, bool]  # part, host, inner stamp or outer, zoned, dated


def served_of(truth: Truth) -> list[Served]:
    """What processes took, with `until` and the `ids` that it was about; old recordings list only the tests' own."""
    requests = truth["requests"]
    if "served" in truth:
        served = [{**each, "until": each["end"] or each["begin"] + 1, "ids": frozenset()} for each in truth["served"]]
        places = [request["served"] for request in requests]
    else:
        served, places = [], []
        for request in requests:
            known = bool(request["pid"] and request["handled"])
            places.append(len(served) if known else None)
            if known:
                begin, *end = request["handled"]
                end = end[-1] if end else None
                served.append({**request, "begin": begin, "end": end, "until": end or begin, "ours": True, "host": ""})
    for request, place in zip(requests, places, strict=True):
        if place is not None:
            served[place]["ids"] = ids(f"{request['path']} {request['body']}")
            if served[place]["end"] is None:
                served[place]["until"] = max(served[place]["until"], request["received"])
    return served


def server_side(evidence: RunEvidence, served: Sequence[Served]) -> list[Told]:
    """One record for each request that a process took; `lines` is 0 where the server's logs do not tell of it."""
    told = [Told() for _ in served]
    entries = [
        (index, entry)
        for index, part in enumerate(evidence.parts)
        if part.side is Side.SERVER
        for entry in part.entries
        if entry.life is None and not _BOOT.search(entry.message[:120])
    ]
    times = _times(entries, served)
    ports: dict[str, set[int]] = defaultdict(set)
    for _, entry in entries:
        port = dict(entry.keys).get("client_port")
        if port and entry.pid is not None and entry.pid_trust is not PidTrust.UNKNOWN:
            ports[port].add(entry.pid)
    for position, place in _owners(entries, times, served).items():
        _, entry = entries[position]
        one, true = told[place], served[place]
        one.add(entry.message, entry.request, entry.keys)
        if entry.pid == true["pid"] and entry.pid_trust is not PidTrust.UNKNOWN:
            one.pid = entry.pid
        if true["pid"] in ports.get(str(dict(entry.keys).get("client_port")), ()):
            one.pid = true["pid"]  # one connection, one process: another line on it says which
        if position in times:
            low, high = times[position]
            first = one.low_us == NEVER or low < one.low_us
            one.low_us, one.high_us = (low, high) if first else (one.low_us, one.high_us)
            one.last_us = max(one.last_us, low)
    for one, true in zip(told, served, strict=True):
        if not one.lines:  # it may be any request of its kind and time
            for name in ("method", "path", "status"):
                one.values[name] = {true[name]} - {None}
            one.low_us = one.high_us = _instant(true, ended=False)
            one.last_us = round(true["until"] * SECOND)
    return told


def _stamps(index: int, entry: Entry) -> list[tuple[Group, Stamp]]:
    found = [(False, entry.stamp), (True, entry.inner)]
    return [((index, entry.host, inner, s.zoned, s.dated), s) for inner, s in found if s is not None]


def _agrees(entry: Entry, each: Served) -> bool:
    request = entry.request
    if entry.pid is not None and entry.pid_trust is not PidTrust.UNKNOWN and entry.pid != each["pid"]:
        return False
    if entry.host and each.get("host") and entry.host != each["host"]:
        return False
    if request is None:
        return True
    told = ((request.method, each["method"]), (request.path, each["path"]), (request.status, each["status"]))
    return all(one is None or other is None or one == other for one, other in told)


def _times(entries: Sequence[tuple[int, Entry]], served: Sequence[Served]) -> dict[int, tuple[int, int]]:
    """Position of an entry → true interval of its finest stamp."""
    offers: dict[Group, list[list[int]]] = defaultdict(list)
    ticks: dict[Group, int] = {}
    by_pid: dict[int | None, list[Served]] = defaultdict(list)
    for each in served:
        by_pid[each["pid"]].append(each)
        by_pid[None].append(each)
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for position, (index, entry) in enumerate(entries):
        if entry.request is not None and entry.request.path:
            r = entry.request
            alike[index, entry.pid, r.method, r.path, r.status, r.ended].append(position)
    for positions in alike.values():
        entry = entries[positions[0]][1]
        told = entry.pid if entry.pid in by_pid else None
        fitting = [each for each in by_pid[told] if _agrees(entry, each)]
        exact = len(fitting) == len(positions)
        for nth, position in enumerate(positions):
            index, entry = entries[position]
            ended = entry.request is not None and entry.request.ended
            for group, stamp in _stamps(index, entry):
                ticks[group] = max(ticks.get(group, 0), stamp.tick_us)
                chosen = [fitting[nth]] if exact else fitting
                offers[group].append([stamp.us - _instant(each, ended=ended) for each in chosen])
    for index, entry in entries:  # where nothing names a path: lines by their process, and by what they speak of
        told = entry.pid if entry.pid in by_pid else None
        things = ids(entry.message) if told is not None else frozenset()
        named = [each for each in by_pid[told] if things & each["ids"]] if things else []
        for group, stamp in _stamps(index, entry) if told is not None else ():
            ticks[group] = max(ticks.get(group, 0), stamp.tick_us)
            if entry.request is None:
                offers[group].append([stamp.us - _instant(each, ended=False) for each in named or by_pid[told]])
    shift = {group: found for group, rows in offers.items() if (found := voted(rows, ticks[group])) is not None}
    times: dict[int, tuple[int, int]] = {}
    for position, (index, entry) in enumerate(entries):
        usable = [(stamp.tick_us, stamp, shift[group]) for group, stamp in _stamps(index, entry) if group in shift]
        if usable:
            _, stamp, by = min(usable, key=lambda each: each[0])
            times[position] = (stamp.us - by, stamp.us - by + stamp.tick_us)
    return times


def _instant(each: Served, *, ended: bool) -> int:
    at = each["end"] if ended and each["end"] is not None else each["begin"]
    return round(at * SECOND)


def _owners(
    entries: Sequence[tuple[int, Entry]], times: dict[int, tuple[int, int]], served: Sequence[Served]
) -> dict[int, int]:
    """Position of an entry → place of the served request that it is of. Entries of one process come in its order."""
    spans = [(_instant(each, ended=False), round(each["until"] * SECOND)) for each in served]
    by_pid: dict[int | None, list[int]] = defaultdict(list)
    for place, each in enumerate(served):
        by_pid[each["pid"]].append(place)
        by_pid[None].append(place)
    begins = {pid: [spans[place][0] for place in places] for pid, places in by_pid.items()}
    said: set[tuple[int, int, str]] = set()  # (part, place, what has been said of it)
    latest: dict[tuple[int, int | None], int] = {}
    owners: dict[int, int] = {}
    for position, (index, entry) in enumerate(entries):
        kind = _kind(entry)
        told = entry.pid if entry.pid in by_pid else None
        if entry.message.startswith(_CONTINUED) and (index, told) in latest:
            owners[position] = latest[index, told]
            continue
        low, high = times.get(position, (NEVER, FOREVER))
        fine = high - low <= FINE_US
        until = bisect_right(begins[told], high + EARLY_US) if told in begins else 0
        fitting = [
            place
            for place in by_pid[told][max(until - (NEAR if fine else MANY), 0) : until]
            if low <= spans[place][1] + LATE_US[kind == "ended"]
            and (fine or (index, place, kind) not in said)
            and (index, place, "ended") not in said
            and _agrees(entry, served[place])
        ]
        if not fitting:
            continue
        things = ids(entry.message)
        fitting = [place for place in fitting if things & served[place]["ids"]] or fitting
        if fine:
            chosen = min(fitting, key=lambda place: _distance(low, spans[place], ended=kind == "ended"))
        else:
            at = latest.get((index, told), -1)
            chosen = next((place for place in fitting if place >= at), fitting[-1])
        owners[position] = chosen
        latest[index, told] = chosen
        said.add((index, chosen, kind))
    return owners


def _kind(entry: Entry) -> str:
    """What a process says once of each request."""
    if entry.request is not None and entry.request.ended:
        return "ended"
    return _VALUE.sub("", entry.message[:120])


def _distance(at: int, span: tuple[int, int], *, ended: bool) -> int:
    if ended:
        return abs(at - span[1])
    return max(span[0] - at, at - span[1], 0)
