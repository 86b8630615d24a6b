"""Sanic: each line begins with the place of its process among the workers, whose PID is told when one starts there.

`Srv 0|2026-11-23 07:43:02 +0000 INFO: 127.0.0.1:32970 GET http://127.0.0.1:8000/cars 200 1  0.4ms` is an access line,
`Srv 0 2026-11-23 07:43:02 +0000 INFO: Starting worker [7690]` any other. It used to write prefixes as gunicorn does.
"""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.access import duration_of
from ingest.formats.messages.said import LEVELS, METHODS, Said, pid_of, split_target
from triage.core.records import Life, LifeEvent, Request

NAME = "sanic"
TITLE = "Sanic's output"
STARTS = "SMRGI["
SAMPLES = (
    "Srv 0|2026-11-23 07:43:02 +0000 INFO: 127.0.0.1:32970 GET http://127.0.0.1:8000/cars 200 1  0.4ms",
    "Srv 0 2026-11-23 07:43:02 +0000 INFO: Starting worker [7690]",
    "Main  2026-11-23 07:43:03 +0000 INFO: Server Stopped",
    "[2026-11-23 07:43:02 +0000] - (sanic.access)[INFO][127.0.0.1:4444]: GET http://127.0.0.1:8000/cars  200 5",
)

# Srv 0| · Main  · Rel 0       not a month of syslog, whose stamp has no year
PREFIX = re.compile(r"((?:Srv|Main|Reloader|Rel|Inspector|Ins) {0,2}\d{0,4}) {0,2}([ |])(?=\d{4}-\d\d-)")
LEVEL = re.compile(r" ([A-Z]{4,8}): ")
OLD_ACCESS = re.compile(r"\] ?- \((?:sanic\.)?access\)\[([A-Z]{4,8})\]\[([^\]\s]{1,100})\]: ")
REQUEST = re.compile(
    r"([A-Z]{3,9}) (https?://[^\s\"]{1,8192})(?: [^\s\d]\S{0,200})? {1,2}([1-5]\d\d) (\d{1,18}|-)"
    r"(?: {1,2}([\d.]{1,12}[mu]?s))?$"
)
CLIENT = re.compile(r"([0-9A-Fa-f.:\[\]]{2,45}):(\d{1,5}) ")
WORKER = re.compile(r"(Starting|Stopping) worker \[(\d{1,7})\]|Worker (complete) \[(\d{1,7})\]")


def understand(text: str) -> Said | None:
    first = text[:1]
    if first == "[":
        return _old(text) if "access)[" in text[20:60] else None
    if text.startswith(("Starting worker [", "Stopping worker [")):
        pid, event = _life(text)
        return None if event is None else Said(kind=NAME, pid=pid, life=event)
    if first == "G":
        return Said(kind=NAME) if text.startswith("Goin' Fast @ ") else None
    found = PREFIX.match(text)
    if found is None:
        return None
    read = stamps.iso(text, found.end())
    level = LEVEL.match(text, read[1]) if read else None
    if read is None or level is None:
        return None
    slot = found[1] if found[1][-1:].isdigit() else ""
    rest = text[level.end() :]
    if found[2] == "|":
        request, port = _request(rest, "")
        if request is not None:
            return Said(kind=NAME, stamp=read[0], level=LEVELS.get(level[1], ""), slot=slot, slot_writes=True,
                        request=request, keys=port)  # fmt: skip
    pid, event = _life(rest)
    return Said(
        kind=NAME,
        stamp=read[0],
        level=LEVELS.get(level[1], ""),
        pid=pid,
        life=event,
        slot=slot,
        slot_writes=bool(slot),
        rest="" if event else rest,
    )


def _old(text: str) -> Said | None:
    read = stamps.iso(text, 1)
    found = OLD_ACCESS.match(text, read[1]) if read else None
    if read is None or found is None:
        return None
    request, port = _request(text[found.end() :], found[2])
    return Said(kind=NAME, stamp=read[0], level=LEVELS.get(found[1], ""), request=request, keys=port)


def _request(text: str, client: str) -> tuple[Request | None, tuple[tuple[str, str], ...]]:
    """What an access line tells, the client before it or in the prefix; and the client's port."""
    address = CLIENT.match(text if not client else f"{client} ")
    if address and not client:
        text = text[address.end() :]
    found = REQUEST.match(text)
    if found is None or found[1] not in METHODS:
        return None, ()
    path, query = split_target(found[2])
    port = address[2] if address else ""
    request = Request(
        method=found[1],
        path=path,
        query=query,
        status=int(found[3]),
        size=int(found[4]) if found[4] != "-" else None,
        duration_us=duration_of(found[5], 0) if found[5] else None,
        client=f"{address[1]}:{port}" if address else client,
        ended=True,
    )
    return request, (("client_port", port),) if port else ()


def _life(text: str) -> tuple[int | None, LifeEvent | None]:
    """(PID of the writer, the event)."""
    found = WORKER.match(text)
    if found is None:
        return None, None
    pid = pid_of(found[2] or found[4])
    if found[1] == "Starting":
        return pid, LifeEvent(what=Life.BOOT, subject=pid)
    return (pid, LifeEvent(what=Life.EXIT, subject=pid)) if found[3] else (pid, None)
