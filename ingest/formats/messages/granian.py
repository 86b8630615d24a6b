"""granian: the processes are named at the start only, and an access line's stamp is the request's beginning."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.said import LEVELS, METHODS, Said, pid_of, split_target
from triage.core.records import Life, LifeEvent, Request

NAME = "granian"
TITLE = "granian's output"
STARTS = "["
SAMPLES = (
    "[INFO] Spawning worker-1 with PID: 18935",
    '[2026-11-23 01:35:47 +0000] 127.0.0.1 - "POST /items HTTP/1.1" 200 17.473',
    '[2026-11-23 10:51:03 +0000] 127.0.0.1 - "- /ws/rooms/kitchen HTTP/1.1" 101 0.011',
)

UPGRADED = "101"

# [2026-11-23 01:35:47 +0000] 127.0.0.1 - "POST /items HTTP/1.1" 200 17.473      not uvicorn's, which has no stamp
ACCESS = re.compile(
    r'\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: [+-]\d{4})?)\] (\S{1,100}) - "([A-Z]{3,10}|-) (\S*) '
    r'HTTP/[\d.]{1,3}" ([1-5]\d\d)'
    r"(?: (\d{1,9})\.(\d{1,6}))?"
)
SPAWNING = re.compile(r"\[([A-Z]{3,8})\] (?:Spawning|Respawning) ((?:worker|runtime)-\d{1,5}) with PID: (\d{1,7})")
OTHER = re.compile(
    r"\[([A-Z]{3,8})\] (?:Starting granian|Listening at:|Started (?:old )?worker-|Stopping (?:old )?worker-|"
    r"Stopped (?:old )?worker-|Shutting down granian|Granian shutdown|Unexpected exit from worker-|"
    r"Application callable raised|Respawning worker-|HUP signal received|Workers respawn is configured|"
    r"(?:worker-)\d{1,5} lifetime expired|Changes detected, reloading)"
)
UNEXPECTED = re.compile(r"Unexpected exit from (worker-\d{1,5})")


def understand(text: str) -> Said | None:
    found = ACCESS.match(text)
    if found is not None:
        stamp, client, method, uri, status, whole, digits = found.groups()
        upgraded = method == "-" and status == UPGRADED  # a WebSocket, whose line comes as it opens
        if not upgraded and method not in METHODS:
            return None
        read = stamps.iso(stamp)
        path, query = split_target(uri)
        duration = None if whole is None else int(whole) * 1000 + int((digits + "000")[:3])
        return Said(
            kind=NAME,
            stamp=read[0] if read else None,
            request=Request(
                method="GET" if upgraded else method,
                path=path,
                query=query,
                status=int(status),
                duration_us=duration,
                client=client,
                ended=not upgraded,
            ),
        )
    found = SPAWNING.match(text)
    if found is not None:
        return Said(
            kind=NAME,
            level=LEVELS.get(found[1], ""),
            life=LifeEvent(what=Life.BOOT, subject=pid_of(found[3])),
            slot=found[2],
        )
    found = OTHER.match(text)
    if found is None:
        return None
    event, slot = _life(text[len(found[1]) + 3 :])
    return Said(kind=NAME, level=LEVELS.get(found[1], ""), life=event, slot=slot)


def _life(text: str) -> tuple[LifeEvent | None, str]:
    """(event, the worker's name): its number stands for the PID that was told when it was spawned."""
    if text.startswith("Unexpected exit from "):
        found = UNEXPECTED.match(text)
        return (LifeEvent(what=Life.CRASH, reason=f"{found[1]} exited unexpectedly"), found[1]) if found else (None, "")
    if text.startswith(("HUP signal received", "Changes detected, reloading")):
        return LifeEvent(what=Life.RELOAD, reason="SIGHUP" if text[0] == "H" else "source changed"), ""
    return None, ""
