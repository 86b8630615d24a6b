"""What systemd and the kernel say about the service: restarts, kills, and the out-of-memory killer."""

from __future__ import annotations

import re

from ingest.formats.messages.said import Said, pid_of
from triage.core.records import Life, LifeEvent

NAME = "systemd"
TITLE = "systemd's messages on a unit"
STARTS = "OMabcdefghijklmnopqrstuvwxyz"
SAMPLES = (
    "carsapi.service: Scheduled restart job, restart counter is at 1.",
    "Out of memory: Killed process 17896 (gunicorn) total-vm:123456kB, anon-rss:1234kB",
)

UNIT = re.compile(
    r"[\w@.\\:-]{1,200}\.service: (Scheduled restart job|Main process exited, code=(\w{1,10}), status=(\S{1,20}))"
)
OOM = re.compile(r"(?:Memory cgroup out of memory|Out of memory)(?:: |.{0,80}?)Killed process (\d{1,7}) ")


def understand(text: str) -> Said | None:
    if text.startswith(("Out of memory", "Memory cgroup out of memory")):
        found = OOM.match(text)
        if found is None:
            return None
        return Said(
            kind=NAME,
            level="error",
            life=LifeEvent(what=Life.KILL, subject=pid_of(found[1]), reason="SIGKILL (out of memory)"),
        )
    if ".service: " not in text[:220]:
        return None
    found = UNIT.match(text)
    if found is None:
        return None
    if found[2] is None:
        return Said(kind=NAME, life=LifeEvent(what=Life.RELOAD, reason="restarted by systemd"))
    return Said(kind=NAME, level="warning")
