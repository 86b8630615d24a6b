"""gunicorn's error log, which is where its workers' lives are told: versions 19 to 27; hypercorn shares the prefix."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.said import LEVELS, Said, pid_of
from triage.core.records import Life, LifeEvent

NAME = "gunicorn-error"
TITLE = "gunicorn's output"
STARTS = "[BWAH"  # the letters: the same words behind another logger's prefix
SAMPLES = (
    "[2026-11-23 01:33:55 +0000] [17895] [INFO] Booting worker with pid: 17895",
    "[2026-11-23 01:34:31 +0000] [18115] [CRITICAL] WORKER TIMEOUT (pid:18117)",
    "[2026-11-23 01:33:57 +0000] [17893] [ERROR] Worker (pid:17896) was sent SIGKILL! Perhaps out of memory?",
    "[2026-11-23 01:33:57 +0000] [17893] [WARNING] Worker with pid 17896 was terminated due to signal 9",
    "[2026-11-23 01:33:57 +0000] [17895] [INFO] Autorestarting worker after current request.",
)

# [2026-11-23 01:33:55 +0000] [17893] [INFO] Listening at: …     not [2026-11-23 01:30:00,053] INFO in cars_app: …
PREFIX = re.compile(
    r"\[(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?: ?[+-]\d{4}| ?Z)?)\] \[(\d{1,10})\] \[([A-Za-z]{3,10})\] ?"
)

# Booting worker with pid: 17895 · Worker exiting (pid: 17895) · WORKER TIMEOUT (pid:18117)
ABOUT = re.compile(r"(Booting worker with pid: |Worker exiting \(pid: ?|WORKER TIMEOUT \(pid: ?)(\d{1,7})\)?")
SENT = re.compile(r"Worker \(pid: ?(\d{1,7})\) was sent (SIG[A-Z0-9]{2,8}|code \d{1,5})!")
EXITED = re.compile(r"Worker \(pid: ?(\d{1,7})\) exited with code:? (-?\d{1,5})")
TERMINATED = re.compile(r"Worker with pid (\d{1,7}) was terminated due to signal (\d{1,3})")

SIGNALS = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    13: "SIGPIPE",
    15: "SIGTERM",
    31: "SIGSYS",
}
ORDERLY = frozenset(("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"))  # what a master sends when it stops a worker


def understand(text: str) -> Said | None:
    if not text.startswith("["):
        event = life(text, None)
        return None if event is None else Said(kind=NAME, life=event)
    found = PREFIX.match(text)
    if found is None:
        return None
    read = stamps.iso(found[1])
    if read is None:
        return None
    pid = pid_of(found[2])
    rest = text[found.end() :]
    event = life(rest, pid)
    return Said(
        kind=NAME,
        stamp=read[0],
        pid=pid,
        level=LEVELS.get(found[3].upper(), ""),
        life=event,
        rest="" if event else rest,
    )


def life(text: str, writer: int | None) -> LifeEvent | None:
    """What the message behind the prefix says about a worker's life; most messages say nothing."""
    first = text[:1]
    if first not in ("B", "W", "A", "H"):
        return None
    found = ABOUT.match(text)
    if found:
        subject = pid_of(found[2])
        if first == "B":
            return LifeEvent(what=Life.BOOT, subject=subject)
        if text[1] == "o":
            return LifeEvent(what=Life.EXIT, subject=subject)
        return LifeEvent(what=Life.TIMEOUT, subject=subject, reason="worker timeout")
    if first == "A":
        if text.startswith("Autorestarting worker after current request"):
            return LifeEvent(what=Life.RECYCLE, subject=writer, reason="max_requests")
        return None
    if first == "H":
        if text.startswith(("Handling signal: hup", "Handling signal: usr2")):
            return LifeEvent(what=Life.RELOAD, reason="SIG" + text[17:21].strip().upper())
        return None
    found = SENT.match(text)
    if found:
        return ended_by_signal(pid_of(found[1]), found[2])
    found = TERMINATED.match(text)
    if found:
        return ended_by_signal(pid_of(found[1]), SIGNALS.get(int(found[2]), f"signal {found[2]}"))
    found = EXITED.match(text)
    if found:
        code = int(found[2])
        what = Life.CRASH if code else Life.EXIT
        return LifeEvent(what=what, subject=pid_of(found[1]), reason=f"exit code {code}")
    return None


def ended_by_signal(subject: int | None, signal: str) -> LifeEvent:
    """An orderly stop is one that a master asks for; every other signal took the process away."""
    return LifeEvent(what=Life.EXIT if signal in ORDERLY else Life.KILL, subject=subject, reason=signal)
