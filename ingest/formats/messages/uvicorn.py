"""uvicorn: access lines without stamp or PID but with the client's port, and the lives of its processes.

Under gunicorn's worker class the access line loses its level and its reason phrase.
"""

from __future__ import annotations

import re

from ingest.formats.messages.said import LEVELS, METHODS, Said, pid_of, split_target
from triage.core.records import Life, LifeEvent, Request

NAME = "uvicorn"
TITLE = "uvicorn's output"
STARTS = "IWEDCTMSRFP0123456789[:abcdeflu "
SAMPLES = (
    "INFO:     Started server process [18868]",
    'INFO:     127.0.0.1:34988 - "POST /items?q=1 HTTP/1.1" 200 OK',
    '127.0.0.1:40056 - "POST /items?q=1 HTTP/1.1" 200',
    "INFO:     Child process [18880] died",
    'INFO:     127.0.0.1:34990 - "WebSocket /ws" [accepted]',
)

# INFO:     Application startup complete.        not INFO:root:hello, not INFO in cars_app: hello
LEVEL = re.compile(r"(INFO|WARNING|ERROR|DEBUG|TRACE|CRITICAL): (?: {1,4}|(?<=CRITICAL: ))")
# 127.0.0.1:34988 - "POST /items?q=1 HTTP/1.1" 200 OK      not 127.0.0.1 - - [23/Nov/2026:…
ACCESS = re.compile(r'(\S{1,100}):(\d{1,5}) - "([A-Z]{3,10}) (\S*) HTTP/[\d.]{1,3}" ([1-5]\d\d)(?: |$)')
WEBSOCKET = re.compile(r'(\S{1,100}):(\d{1,5}) - "WebSocket (\S*)" (?:\[(accepted)\]|([1-5]\d\d))')
PROCESS = re.compile(
    r"(Started server process|Finished server process|Child process|Terminated child process) \[(\d{1,7})\]( died)?"
)


def understand(text: str) -> Said | None:
    found = LEVEL.match(text)
    if found is None:
        return _inner(text)
    level = LEVELS.get(found[1], "")
    rest = text[found.end() :]
    inner = _inner(rest)
    if inner is None:
        return Said(kind=NAME, level=level, rest=rest)
    return Said(kind=NAME, level=level, pid=inner.pid, request=inner.request, life=inner.life, keys=inner.keys)


def _inner(text: str) -> Said | None:
    first = text[:1]
    if first.isdigit() or first in ("[", ":", "t", "l", "u"):
        return _access(text)
    if first in ("S", "F", "C", "T", "M", "R", "W"):
        pid, event = _life(text)
        return Said(kind=NAME, life=event, pid=pid) if event else None
    return _access(text) if ' - "' in text[:140] else None


def _access(text: str) -> Said | None:
    found = ACCESS.match(text)
    if found is not None and found[3] in METHODS:
        client, port, method, uri, status = found.groups()
        path, query = split_target(uri)
        request = Request(
            method=method, path=path, query=query, status=int(status), client=f"{client}:{port}", ended=True
        )
        return Said(kind=NAME, request=request, keys=(("client_port", port),))
    found = WEBSOCKET.match(text)
    if found is None:
        return None
    path, query = split_target(found[3])
    request = Request(
        method="GET",
        path=path,
        query=query,
        status=101 if found[4] else int(found[5]),
        client=f"{found[1]}:{found[2]}",
    )
    return Said(kind=NAME, request=request, keys=(("client_port", found[2]),))


def _life(text: str) -> tuple[int | None, LifeEvent | None]:
    """(PID of the writer where the line tells it, the event)."""
    found = PROCESS.match(text)
    if found:
        pid = pid_of(found[2])
        if text.startswith("Started"):
            return pid, LifeEvent(what=Life.BOOT, subject=pid)
        if text.startswith("Finished"):
            return pid, LifeEvent(what=Life.EXIT, subject=pid)
        if text.startswith("Terminated"):
            return None, LifeEvent(what=Life.EXIT, subject=pid, reason="terminated by its parent")
        if found[3]:
            return None, LifeEvent(what=Life.CRASH, subject=pid, reason="died")
        return None, None
    if text.startswith("Maximum request limit of "):
        return None, LifeEvent(what=Life.RECYCLE, reason="limit_max_requests")
    if text.startswith("Received SIGHUP"):
        return None, LifeEvent(what=Life.RELOAD, reason="SIGHUP")
    if text.startswith(("WatchFiles detected changes in", "StatReload detected changes in")):
        return None, LifeEvent(what=Life.RELOAD, reason="source changed")
    return None, None
