"""unicorn: what master and workers say of each other, behind the prefix of Ruby's Logger."""

from __future__ import annotations

import re

from ingest.formats.messages.gunicorn_error import SIGNALS, ended_by_signal
from ingest.formats.messages.said import Said, pid_of
from triage.core.records import Life, LifeEvent

NAME = "unicorn"
TITLE = "unicorn's output"
STARTS = "wrmf"
SAMPLES = (
    "I, [2026-11-23T06:44:16.291296 #26133]  INFO -- : worker=0 spawned pid=26133",
    "E, [2026-11-23T06:44:20.481420 #26131] ERROR -- : reaped #<Process::Status: pid 26133 SIGKILL (signal 9)> "
    "worker=0",
    "E, [2026-11-23T06:44:26.497221 #26131] ERROR -- : worker=0 PID:26185 timeout (4s > 3s), killing",
)

WORDS = (
    "worker=", "reaped #<Process::Status", "master process ready", "master complete", "master reopening", "master done",
    "Refreshing Gem list", "listening on addr=", "inherited addr=", "executing [", "forked child re-executing",
    "reloading config_file=", "done reloading config_file=",
)  # fmt: skip
SPAWNED = re.compile(r"worker=\d{1,5} spawned pid=(\d{1,7})$")
TIMED_OUT = re.compile(r"worker=\d{1,5} PID:(\d{1,7}) timeout \((\d{1,9})s > (\d{1,9})s\), killing")
REAPED = re.compile(r"reaped #<Process::Status: pid (\d{1,7}) (?:exit (\d{1,3})|SIG[A-Z0-9]{2,8} \(signal (\d{1,3})\))")


def understand(text: str) -> Said | None:
    event = life(text, None) if text.startswith(("worker=", "reaped #", "master", "reloading config_file=")) else None
    return None if event is None else Said(kind=NAME, life=event)


def life(text: str, writer: int | None) -> LifeEvent | None:
    """`writer` is the PID of the prefix, where there was one."""
    first = text[:1]
    if first == "w":
        found = SPAWNED.match(text)
        if found:
            return LifeEvent(what=Life.BOOT, subject=pid_of(found[1]))
        found = TIMED_OUT.match(text)
        return LifeEvent(what=Life.TIMEOUT, subject=pid_of(found[1]), reason=f"over {found[3]} s") if found else None
    if first == "r":
        found = REAPED.match(text)
        if found:
            subject = pid_of(found[1])
            if found[3]:
                return ended_by_signal(subject, SIGNALS.get(int(found[3]), f"signal {found[3]}"))
            what = Life.CRASH if int(found[2]) else Life.EXIT
            return LifeEvent(what=what, subject=subject, reason=f"exit code {found[2]}")
        if text.startswith("reloading config_file="):
            return LifeEvent(what=Life.RELOAD, reason="SIGHUP")
        return None
    if first == "m" and text.startswith("master complete"):
        return LifeEvent(what=Life.EXIT, subject=writer)
    if first == "e" and text.startswith("executing ["):
        return LifeEvent(what=Life.RELOAD, reason="SIGUSR2")
    return None
