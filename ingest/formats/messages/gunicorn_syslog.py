"""gunicorn's own lines as it sends them to syslog (`--log-syslog`): the writer's PID in a bracket, and no stamp."""

from __future__ import annotations

import re

from ingest.formats.messages import gunicorn_error
from ingest.formats.messages.said import Said, pid_of

NAME = "gunicorn-syslog"
TITLE = "gunicorn's lines for syslog"
STARTS = "["
SAMPLES = (
    "[36] Booting worker with pid: 36",
    "[34] Starting gunicorn 27.0.1",
)

# [36] Booting worker with pid: 36 · [36] 127.0.0.1 - - [23/Nov/2026:      not [36] items left
PREFIX = re.compile(
    r"\[(\d{1,7})\] (?=Starting gunicorn |Listening at: |Using worker: |Booting worker with pid: |Worker exiting \(pid|"
    r"Handling signal: |Shutting down: |WORKER TIMEOUT \(|Worker \(pid|Worker with pid |Autorestarting worker |"
    r"Hang up: |Reason: |Control socket listening |Error handling request |Exception in worker process|"
    r"\S{1,64} - \S{1,64} \[\d\d/[A-Z][a-z]{2}/\d{4}:)"
)


def understand(text: str) -> Said | None:
    found = PREFIX.match(text)
    if found is None:
        return None
    pid, rest = pid_of(found[1]), text[found.end() :]
    event = gunicorn_error.life(rest, pid)
    return Said(kind=NAME, pid=pid, life=event, rest="" if event else rest)
