"""PM2: the instance before each line of `pm2 logs`, and its daemon's log, which knows instances but rarely PIDs."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.said import Said, pid_of
from triage.core.records import Life, LifeEvent

NAME = "pm2"
TITLE = "PM2's log"
STARTS = "0123456789P[/┌├└│"
SAMPLES = (
    "2026-11-23T06:45:17: PM2 log: App [srv:0] exited with code [0] via signal [SIGKILL]",
    "PM2        | 2026-11-23T06:45:11: PM2 log: App [mailer:1] online",
    "[PM2] App [mailer] launched (1 instances)",
)

# 0|srv     | …      PM2        | …      not 1|2 of them
INSTANCE = re.compile(r"(?:\d{1,4}\|[\w.@:-]{1,80}|PM2) {1,80}\| ?")
DAEMON = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d: PM2 (?:log|error): ")
EXITED = re.compile(r"App \[([^\]]{1,80})\] exited with code \[(\d{1,5})\](?: via signal \[(SIG[A-Z0-9]{2,8})\])?")
ONLINE = re.compile(r"App \[([^\]]{1,80})\] online$")
STILL = re.compile(r"Process with pid (\d{1,7}) still alive after \d{1,9}ms, sending SIGKILL")
KILLED = re.compile(r"pid=(\d{1,7}) msg=process (?:tree )?killed")
MEMORY = re.compile(r"\[PM2\]\[WORKER\] Process \d{1,5} restarted because it exceeds --max-memory-restart")
ORDERLY = ("SIGINT", "SIGTERM")  # what PM2 itself sends


def understand(text: str) -> Said | None:
    first = text[:1]
    if first == "P" or "|" in text[1:4]:
        found = INSTANCE.match(text)
        return Said(kind=NAME, rest=text[found.end() :]) if found else None
    if first == "[":
        if text.startswith(("[PM2]", "[TAILING] ")):
            return Said(kind=NAME, level="warning" if text.startswith("[PM2][WARN]") else "")
        return None
    if first in ("┌", "├", "└", "│"):  # the tables of `pm2 list`
        return Said(kind=NAME) if len(text) > 30 and text[-1:] in ("┐", "┤", "┘", "│") else None
    if first == "/":
        return Said(kind=NAME) if text.endswith(" lines:") and " last " in text[-16:] else None
    if text[10:11] != "T" or ": PM2 " not in text[:40]:
        return None
    found = DAEMON.match(text)
    read = stamps.iso(text) if found else None
    if found is None or read is None:
        return None
    level = "error" if " error: " in text[19:32] else ""
    return Said(kind=NAME, stamp=read[0], level=level, life=_life(text[found.end() :]))


def _life(text: str) -> LifeEvent | None:
    """An instance's number outlives its process, so most events have no PID; the reason then names the instance."""
    if text.startswith("App ["):
        found = EXITED.match(text)
        if found:
            name, code, signal = found.groups()
            if code != "0":
                return LifeEvent(what=Life.CRASH, reason=f"{name}, exit code {code}")
            what = Life.KILL if signal and signal not in ORDERLY else Life.EXIT
            return LifeEvent(what=what, reason=f"{name}, {signal}" if signal else name)
        found = ONLINE.match(text)
        return LifeEvent(what=Life.BOOT, reason=found[1]) if found else None
    if text.startswith("pid="):
        found = KILLED.match(text)
        return LifeEvent(what=Life.EXIT, subject=pid_of(found[1]), reason="stopped by PM2") if found else None
    if text.startswith("Process with pid "):
        found = STILL.match(text)
        return LifeEvent(what=Life.KILL, subject=pid_of(found[1]), reason="SIGKILL") if found else None
    if text.startswith("-reload- New worker listening"):
        return LifeEvent(what=Life.RELOAD, reason="pm2 reload")
    if text.startswith("[PM2][WORKER] Process "):
        return LifeEvent(what=Life.RECYCLE, reason="max-memory-restart") if MEMORY.match(text) else None
    if text.startswith("PM2 successfully stopped"):
        return LifeEvent(what=Life.EXIT, reason="PM2 stopped")
    return None
