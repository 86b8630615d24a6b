"""nginx's error log: the PID on every line is a proxy's, not the one that served the request behind it."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.gunicorn_error import SIGNALS, ended_by_signal
from ingest.formats.messages.said import LEVELS, METHODS, Said, pid_of, split_target
from triage.core.records import Life, LifeEvent, Request

NAME = "nginx-error"
TITLE = "nginx error log"
STARTS = "0123456789"
SAMPLES = (
    "2026/11/23 06:41:08 [notice] 24413#24413: start worker process 24415",
    "2026/11/23 06:41:19 [alert] 24413#24413: worker process 24603 exited on signal 9",
    "2026/11/23 01:38:16 [error] 20789#20789: *9 connect() failed (111: Connection refused) while connecting to "
    'upstream, client: 127.0.0.1, server: , request: "GET /cars HTTP/1.1", upstream: "http://127.0.0.1:5006/cars", '
    'host: "127.0.0.1:5005"',
)

# 2026/11/23 01:38:16 [error] 20789#20789: *9 …      not Go's 2026/11/23 01:38:16 listening
PREFIX = re.compile(
    r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? \[([a-z]{4,6})\] (\d{1,7})#(\d{1,7}): (?:\*\d{1,19} )?"
)
STARTED = re.compile(r"start (?:worker process|cache (?:manager|loader) process) (\d{1,7})$")
ENDED = re.compile(
    r"(?:worker|cache manager|cache loader) process (\d{1,7}) exited (?:with code (\d{1,5})|on signal (\d{1,3}))"
)
REQUEST = re.compile(r', request: "([A-Z]{3,10}) (\S{1,8192})(?: HTTP/[\d.]{1,3})?"')
UPSTREAM = re.compile(r', upstream: "([^"]{1,2000})"')
ADDRESS = re.compile(r"(?:[a-z]{1,10}://)?(unix:[^:,]{1,200}|\[?[\w.:-]{1,255}\]?)")
CLIENT = re.compile(r", client: ([^,\s]{1,100})")


def understand(text: str) -> Said | None:
    if text[4:5] != "/":
        return None
    found = PREFIX.match(text)
    if found is None:
        return None
    read = stamps.slashed(text)
    if read is None:
        return None
    pid = pid_of(found[2])
    message = text[found.end() :]
    event = _life(message, pid)
    if event is not None:
        return Said(kind=NAME, stamp=read[0], pid=pid, level=LEVELS.get(found[1], ""), life=event)
    request, keys, relayed = _request(message) if ", client: " in message else (None, (), False)
    return Said(
        kind=NAME,
        stamp=read[0],
        pid=pid,
        level=LEVELS.get(found[1], ""),
        request=request,
        keys=keys,
        relayed=relayed,
    )


def _life(text: str, writer: int | None) -> LifeEvent | None:
    first = text[:1]
    if first == "s":
        found = STARTED.match(text)
        if found:
            return LifeEvent(what=Life.BOOT, subject=pid_of(found[1]))
        if text.startswith("signal 1 (SIGHUP) received"):
            return LifeEvent(what=Life.RELOAD, reason="SIGHUP")
        return None
    if first in ("w", "c"):
        found = ENDED.match(text)
        if found is None:
            return None
        subject = pid_of(found[1])
        if found[3] is not None:
            return ended_by_signal(subject, SIGNALS.get(int(found[3]), f"signal {found[3]}"))
        return LifeEvent(
            what=Life.CRASH if int(found[2]) else Life.EXIT, subject=subject, reason=f"exit code {found[2]}"
        )
    return LifeEvent(what=Life.EXIT, subject=writer) if text == "exit" else None


def _request(text: str) -> tuple[Request | None, tuple[tuple[str, str], ...], bool]:
    """(request, keys, whether an upstream was asked) of the fields behind the message."""
    found = REQUEST.search(text)
    if found is None or found[1] not in METHODS:
        return None, (), False
    path, query = split_target(found[2])
    client, asked = CLIENT.search(text), UPSTREAM.search(text)
    address = ADDRESS.match(asked[1]) if asked else None
    return (
        Request(method=found[1], path=path, query=query, client=client[1] if client else ""),
        (("upstream", address[1]),) if address else (),
        asked is not None,
    )
