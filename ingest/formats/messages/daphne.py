"""daphne: one process; access lines without zone and protocol, and its words on WebSockets."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.said import Said, split_target
from triage.core.records import Life, LifeEvent, Request

NAME = "daphne"
TITLE = "daphne's output"
STARTS = "0123456789[:NSCHLKR"
SAMPLES = (
    '127.0.0.1:59446 - - [23/Nov/2026:06:54:03] "WSCONNECT /ws" - -',
    "2026-11-23 06:53:54,278 INFO     Listening on TCP address 127.0.0.1:7197",
)

# 127.0.0.1:59446 - - [23/Nov/2026:06:54:03] "WSCONNECT /ws" - -      its HTTP lines are read as any access line
SOCKET = re.compile(
    r'(\S{1,60}):(\d{1,5}) - - \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d)\] "WS([A-Z]{6,10}) (\S{1,4000})" - -$'
)
STATES = {"CONNECT": 101, "REJECT": 403}  # what the client was answered; CONNECTING and DISCONNECT are no answers
WORDS = ("Starting server at tcp:", "Starting server at fd:", "HTTP/2 support ", "Configuring endpoint ")


def understand(text: str) -> Said | None:
    if text[-4:] == " - -":
        return _socket(text)
    if text[:1].isdigit():
        return None
    if text.startswith("Listening on TCP address "):
        return Said(kind=NAME, life=LifeEvent(what=Life.BOOT))
    if text.startswith("Received SIG") and text.endswith(", shutting down."):
        return Said(kind=NAME, life=LifeEvent(what=Life.EXIT, reason=text[9:-16]))
    return Said(kind=NAME) if text.startswith(WORDS) else None


def _socket(text: str) -> Said | None:
    found = SOCKET.match(text)
    read = stamps.clf(found[3]) if found else None
    if found is None or read is None:
        return None
    request = None
    if found[4] in STATES:
        path, query = split_target(found[5])
        client = f"{found[1]}:{found[2]}"
        request = Request(method="GET", path=path, query=query, status=STATES[found[4]], client=client)
    return Said(kind=NAME, stamp=read[0], request=request, keys=(("client_port", found[2]),))
