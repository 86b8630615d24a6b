"""uWSGI: a PID on every request line, and the lives of its workers."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.said import METHODS, Said, pid_of, split_target
from triage.core.records import SECOND, Life, LifeEvent, Request

NAME = "uwsgi"
TITLE = "uWSGI's output"
STARTS = "[sRDwH.G"
SAMPLES = (
    "[pid: 19632|app: 0|req: 1/1] 127.0.0.1 () {26 vars in 299 bytes} [Mon Nov 23 01:36:44 2026] GET /cars?x=1 => "
    "generated 359 bytes in 8 msecs (HTTP/1.1 200) 4 headers in 377 bytes (1 switches on core 0)",
    "spawned uWSGI worker 1 (pid: 19632, cores: 1)",
    "DAMN ! worker 1 (pid: 19632) died, killed by signal 9 :( trying respawn ...",
    "Respawned uWSGI worker 1 (new pid: 19700)",
)

REQUEST = re.compile(
    r"\[pid: (\d{1,7})\|app: -?\d{1,9}\|req: \d{1,19}/\d{1,19}\] (\S{1,100}) \(([^)]{0,200})\) "
    r"\{\d{1,9} vars in \d{1,12} bytes\} \[([^\]]{20,32})\] ([A-Z]{3,10}) (\S+) => generated (\d{1,18}) bytes in "
    r"(\d{1,15}) (msecs|secs|micros)(?: via [^()]{0,40})? ?\((?:\S{1,12}) (\d{3})\)"
)
SPAWNED = re.compile(
    r"(?:spawned|Respawned) uWSGI (?:worker|mule) \d{1,6} \((?:and the only\) \()?(?:new )?pid: (\d{1,7})"
)
DIED = re.compile(r"DAMN ! worker \d{1,6} \(pid: (\d{1,7})\) died(?:, killed by signal (\d{1,3}))?")
STOPPED = re.compile(r"worker \d{1,6} killed successfully \(pid: (\d{1,7})\)")
HARAKIRI = re.compile(r"HARAKIRI ON WORKER \d{1,6} \(pid: (\d{1,7})")
DONE = re.compile(r"\.\.\.The work of process (\d{1,7}) is done")
UNIT_US = {"msecs": 1000, "secs": SECOND, "micros": 1}


def understand(text: str) -> Said | None:
    if text.startswith("[pid: "):
        return _request(text)
    event = _life(text)
    return Said(kind=NAME, life=event) if event else None


def _request(text: str) -> Said | None:
    found = REQUEST.match(text)
    if found is None or found[5] not in METHODS:
        return None
    pid, client, _user, stamp, method, uri, size, took, unit, status = found.groups()
    path, query = split_target(uri)
    read = stamps.asctime(stamp)
    return Said(
        kind=NAME,
        stamp=read[0] if read else None,
        pid=pid_of(pid),
        request=Request(
            method=method,
            path=path,
            query=query,
            status=int(status),
            size=int(size),
            duration_us=int(took) * UNIT_US[unit],
            client=client,
            ended=True,
        ),
    )


def _life(text: str) -> LifeEvent | None:
    first = text[:1]
    if first in ("s", "R"):
        found = SPAWNED.match(text)
        return LifeEvent(what=Life.BOOT, subject=pid_of(found[1])) if found else None
    if first == "D":
        found = DIED.match(text)
        if found is None:
            return None
        if found[2] is None:
            return LifeEvent(what=Life.CRASH, subject=pid_of(found[1]), reason="died")
        signal = "SIGKILL" if found[2] == "9" else f"signal {found[2]}"
        return LifeEvent(what=Life.KILL, subject=pid_of(found[1]), reason=signal)
    if first == "H":
        found = HARAKIRI.search(text[:200])
        return LifeEvent(what=Life.TIMEOUT, subject=pid_of(found[1]), reason="harakiri") if found else None
    if first == ".":
        found = DONE.match(text)
        if found:
            return LifeEvent(what=Life.RECYCLE, subject=pid_of(found[1]), reason="max_requests")
        if text.startswith("...gracefully killing workers"):
            return LifeEvent(what=Life.RELOAD, reason="graceful reload")
        return None
    found = STOPPED.match(text)
    return LifeEvent(what=Life.EXIT, subject=pid_of(found[1])) if found else None
