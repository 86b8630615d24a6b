"""uWSGI: a PID on every request line, and the lives of its workers."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.said import METHODS, Said, pid_of, split_target
from triage.core.records import SECOND, Life, LifeEvent, Request, Stamp

NAME = "uwsgi"
TITLE = "uWSGI's output"
STARTS = "[*.!-DFGHMPRSTWbcdfglmnoprstuwy"
SAMPLES = (
    "[pid: 19632|app: 0|req: 1/1] 127.0.0.1 () {26 vars in 299 bytes} [Mon Nov 23 01:36:44 2026] GET /cars?x=1 => "
    "generated 359 bytes in 8 msecs (HTTP/1.1 200) 4 headers in 377 bytes (1 switches on core 0)",
    "spawned uWSGI worker 1 (pid: 19632, cores: 1)",
    "DAMN ! worker 1 (pid: 19632) died, killed by signal 9 :( trying respawn ...",
    "Respawned uWSGI worker 1 (new pid: 19700)",
)

REQUEST = re.compile(
    r"\[pid: (\d{1,7})\|app: -?\d{0,9}\|req: -?\d{0,19}/-?\d{0,19}\] (\S{1,100}) \(([^)]{0,200})\) "
    r"\{\d{1,9} vars in \d{1,12} bytes\} \[([^\]]{20,32})\] ([A-Z]{3,10}) (\S+) => generated (\d{1,18}) bytes in "
    r"(\d{1,15}) (msecs|secs|micros)(?: via [^()]{0,40})? ?\((?:\S{1,12}) (\d{3})\)"
)
SPAWNED = re.compile(
    r"(?:spawned|Respawned) uWSGI ((?:worker|mule) \d{1,6}) \((?:and the only\) \()?(?:new )?pid: (\d{1,7})"
)
DIED = re.compile(r"DAMN ! worker \d{1,6} \(pid: (\d{1,7})\) died(?:, killed by signal (\d{1,3}))?")
STOPPED = re.compile(r"worker \d{1,6} killed successfully \(pid: (\d{1,7})\)")
GRACEFULLY = re.compile(r"Gracefully killing worker \d{1,6} \(pid: (\d{1,7})\)")
BURIED = re.compile(r"(worker \d{1,6}) buried after ")
HARAKIRI = re.compile(r"HARAKIRI ON WORKER \d{1,6} \(pid: (\d{1,7})")
DONE = re.compile(r"\.\.\.The work of process (\d{1,7}) is done")
LOG_DATE = re.compile(r"((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}) - ")  # --log-date
UNIT_US = {"msecs": 1000, "secs": SECOND, "micros": 1}

# What it says of itself from start to end, most of it before it has a worker.
WORDS = (
    "*** Starting uWSGI ", "*** WARNING: you are running uWSGI ", "*** Operational MODE: ", "*** uWSGI is running in ",
    "*** no app loaded", "gracefully (RE)spawned uWSGI ", "goodbye to uWSGI", "compiled with version: ",
    "os: Linux", "nodename: ", "clock source: ", "detected number of CPU cores: ", "detected binary path: ",
    "detected max file descriptor number: ", "current working directory: ", "!!! no internal routing support",
    "uWSGI running as root", "uWSGI http bound on ", "your processes number limit is ", "your memory page size is ",
    "your server socket listen backlog ", "your mercy for graceful operations ", "lock engine: ", "thunder lock: ",
    "uwsgi socket ", "Python version: ", "PEP 405 virtualenv detected", "Set PythonHome to ", "Python auto-reloader ",
    "Python main interpreter initialized ", "python threads support enabled", "WSGI app 0 ", "chdir() to ",
    "closing all non-uwsgi socket fds", "found fd ", "binary reloading uWSGI", "SIGINT/SIGTERM received",
    "SIGINT/SIGQUIT received", "HARAKIRI ", "--- no python application found",
)  # fmt: skip
LIVES = (
    "spawned uWSGI ", "Respawned uWSGI ", "DAMN ! worker ", "*** HARAKIRI ", "...The work of process ",
    "...gracefully killing ", "Gracefully killing worker ", "worker ",
)  # fmt: skip
SHARED = ("machine: ", "mapped ", "running /")  # openings that other programs' lines may have as well
AS_UWSGI = re.compile(r"machine: \w{1,20}$|mapped \d{1,12} bytes \(\d{1,9} KB\) for |running /\S{1,500}/uwsgi$")
OPENINGS = {
    first: tuple(words for words in (*WORDS, *LIVES, *SHARED) if words[0] == first)
    for first in {words[0] for words in (*WORDS, *LIVES, *SHARED)}
}


def understand(text: str) -> Said | None:
    first = text[:1]
    if first == "[":
        return _request(text) if text.startswith("[pid: ") else None
    if text[3:4] == " " and text[24:27] == " - ":
        return _dated(text)
    openings = OPENINGS.get(first)
    return _own(text, None) if openings is not None and text.startswith(openings) else None


def _dated(text: str) -> Said | None:
    """A line with `--log-date`, which stands before everything but the requests."""
    dated = LOG_DATE.match(text)
    read = stamps.asctime(dated[1]) if dated else None
    if dated is None or read is None:
        return None
    rest = text[dated.end() :]
    return _own(rest, read[0]) or Said(kind=NAME, stamp=read[0], rest=rest)


def _own(text: str, stamp: Stamp | None) -> Said | None:
    event = _life(text)
    if event is not None:
        return Said(kind=NAME, stamp=stamp, life=event, slot=_slot(text))
    return Said(kind=NAME, stamp=stamp) if text.startswith(WORDS) or AS_UWSGI.match(text) else None


def _slot(text: str) -> str:
    """The worker's number, which `buried` tells without its PID."""
    found = SPAWNED.match(text) or BURIED.match(text)
    return found[1] if found else ""


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
        return LifeEvent(what=Life.BOOT, subject=pid_of(found[2])) if found else None
    if first == "D":
        found = DIED.match(text)
        if found is None:
            return None
        if found[2] is None:
            return LifeEvent(what=Life.CRASH, subject=pid_of(found[1]), reason="died")
        signal = "SIGKILL" if found[2] == "9" else f"signal {found[2]}"
        return LifeEvent(what=Life.KILL, subject=pid_of(found[1]), reason=signal)
    if first in ("H", "*"):
        found = HARAKIRI.search(text[:200]) if "HARAKIRI ON " in text[:30] else None
        return LifeEvent(what=Life.TIMEOUT, subject=pid_of(found[1]), reason="harakiri") if found else None
    if first == ".":
        found = DONE.match(text)
        if found:
            return LifeEvent(what=Life.RECYCLE, subject=pid_of(found[1]), reason="max_requests")
        if text.startswith("...gracefully killing workers"):
            return LifeEvent(what=Life.RELOAD, reason="graceful reload")
        return None
    if first == "G":
        found = GRACEFULLY.match(text)
        return LifeEvent(what=Life.EXIT, subject=pid_of(found[1]), reason="graceful reload") if found else None
    if BURIED.match(text):
        return LifeEvent(what=Life.EXIT)
    found = STOPPED.match(text)
    return LifeEvent(what=Life.EXIT, subject=pid_of(found[1])) if found else None
