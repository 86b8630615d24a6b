"""puma: the bracket holds the master's PID on every line of a cluster, also where the line is about a worker."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.said import Said, pid_of
from triage.core.records import Life, LifeEvent

NAME = "puma"
TITLE = "puma's output"
STARTS = "[*-=!P+U"
SAMPLES = (
    "[29078] - Worker 0 (PID: 29087) booted in 0.84s, phase: 0",
    "[29078] - Starting phased worker restart, phase: 1",
    "[29078] ! Terminating timed out worker (Worker 0 failed to check in within 60 seconds): 29486",
    "* Listening on http://127.0.0.1:7185",
    "=== puma shutdown: 2026-11-23 06:43:28 +0000 ===",
)

MASTER = re.compile(r"\[(\d{1,7})\] (?=[*+!=P-]|Use Ctrl-C)")  # [29078] - Worker 0 …      not [20967] [INFO] …
BOOTED = re.compile(r"- Worker \d{1,5} \(PID: (\d{1,7})\) booted")
ENDING = re.compile(r"- Worker \d{1,5} \(PID: (\d{1,7})\) terminating")
TIMED_OUT = re.compile(r"! Terminating timed out worker(?: \([^)]{0,200}\))?: (\d{1,7})$")
SENT = re.compile(r"- (TERM|KILL|INT) sent to (\d{1,7})\.\.\.")
SHUTDOWN = re.compile(r"=== puma (shutdown|startup): (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}) ===")
OWN_PID = re.compile(r"\* {1,12}(?:Master )?PID: (\d{1,7})$")
WORDS = (
    "Puma starting in ", "* Puma version: ", "* Version ", "*  Min threads: ", "*  Max threads: ", "*  Environment: ",
    "*      Workers: ", "*     Restarts: ", "* Listening on ", "* Preloading application", "* Inherited ",
    "* Restarting...", "* Process workers: ", "* Min threads: ", "* Environment: ", "* Daemonizing", "- Gracefully ",
    "- Goodbye!", "- Stopping ", "+ Changing to ", "Use Ctrl-C to stop", "! Unable to ", "- Starting phased ",
    "* Activated ", "* Starting control server",
)  # fmt: skip


def understand(text: str) -> Said | None:
    pid = None
    if text[:1] == "[":
        found = MASTER.match(text)
        if found is None:
            return None
        pid, text = pid_of(found[1]), text[found.end() :]
    first = text[:1]
    if first == "=":
        found = SHUTDOWN.match(text)
        if found is None:
            return None
        read = stamps.iso(found[2])
        what = Life.EXIT if found[1] == "shutdown" else Life.BOOT
        return Said(kind=NAME, stamp=read[0] if read else None, pid=pid, life=LifeEvent(what=what, subject=pid))
    if first in ("-", "!"):
        event = _life(text)
        if event is not None:
            return Said(kind=NAME, pid=pid, life=event, level="error" if event.what is Life.TIMEOUT else "")
    if first == "*":
        found = OWN_PID.match(text)
        if found:
            # The lines around it are this process's; in a cluster it is the master.
            return Said(kind=NAME, pid=pid_of(found[1]))
        if text.startswith("* Restarting..."):
            return Said(kind=NAME, pid=pid, life=LifeEvent(what=Life.RELOAD, reason="restarted"))
    return Said(kind=NAME, pid=pid) if pid is not None or text.startswith(WORDS) else None


def _life(text: str) -> LifeEvent | None:
    found = BOOTED.match(text)
    if found:
        return LifeEvent(what=Life.BOOT, subject=pid_of(found[1]))
    found = ENDING.match(text)
    if found:
        return LifeEvent(what=Life.EXIT, subject=pid_of(found[1]))
    found = TIMED_OUT.match(text)
    if found:
        return LifeEvent(what=Life.TIMEOUT, subject=pid_of(found[1]), reason="worker_timeout")
    found = SENT.match(text)
    if found and found[1] == "KILL":
        return LifeEvent(what=Life.KILL, subject=pid_of(found[2]), reason="SIGKILL")
    if text.startswith("- Starting phased worker restart"):
        return LifeEvent(what=Life.RELOAD, reason="phased restart")
    return None
