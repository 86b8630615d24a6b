"""honcho and foreman, which run a Procfile, on the processes that they start and end.

The manager speaks of others: the PID in its lines is theirs, never the writer's.
"""

from __future__ import annotations

import re

from ingest.formats.messages.gunicorn_error import ended_by_signal
from ingest.formats.messages.said import Said, pid_of
from triage.core.records import Life, LifeEvent

NAME = "procfile"
TITLE = "honcho's or foreman's own lines"
STARTS = ""
SAMPLES = (
    "web.1 started (pid=7803)",
    "sending SIGTERM to web.1 (pid 7803)",
    "web.1 stopped (rc=0)",
    "web.1 stopped (rc=-9)",
    "started with pid 9041",
)

STARTED = re.compile(r"([\w.-]{1,60}) started \(pid=(\d{1,7})\)$")
STOPPED = re.compile(r"([\w.-]{1,60}) stopped \(rc=(-?\d{1,3})\)$")
SENDING = re.compile(r"sending SIG[A-Z]{3,6} to ([\w.-]{1,60}) \(pid \d{1,7}\)$")
# foreman's, behind the name of the process
FOREMAN = re.compile(r"started with pid (\d{1,7})$|exited with code (\d{1,3})$|terminated by (SIG[A-Z]{3,6})$")
LONGEST = 100
SIGNALS = {-1: "SIGHUP", -2: "SIGINT", -6: "SIGABRT", -9: "SIGKILL", -11: "SIGSEGV", -15: "SIGTERM"}


def understand(text: str) -> Said | None:
    if len(text) > LONGEST:
        return None
    if text[-1:] != ")":
        return _foreman(text) if text.startswith(("started with pid", "exited with", "terminated by")) else None
    if " started (pid=" in text:
        found = STARTED.match(text)
        subject = pid_of(found[2]) if found else None
        if found is None or subject is None:
            return None
        return Said(kind=NAME, life=LifeEvent(what=Life.BOOT, subject=subject), slot=found[1])
    if " stopped (rc=" in text:
        found = STOPPED.match(text)
        if found is None:
            return None
        return Said(kind=NAME, life=_ended(int(found[2])), slot=found[1])
    if text.startswith("sending SIG") and SENDING.match(text):
        return Said(kind=NAME)
    return None


def _foreman(text: str) -> Said | None:
    found = FOREMAN.match(text)
    if found is None:
        return None
    if found[1]:
        life = LifeEvent(what=Life.BOOT, subject=pid_of(found[1]))
    else:
        life = _ended(int(found[2])) if found[2] else ended_by_signal(None, found[3])
    return Said(kind=NAME, life=life, slot=NAME)


def _ended(code: int) -> LifeEvent:
    if code < 0:
        return ended_by_signal(None, SIGNALS.get(code, f"signal {-code}"))
    return LifeEvent(what=Life.CRASH if code else Life.EXIT, reason=f"exit code {code}")


def about(text: str) -> str:
    """The process of which the manager speaks; "" for none."""
    found = STARTED.match(text) or STOPPED.match(text) or SENDING.match(text)
    return found[1] if found else ""
