"""Apache's error log, and what mod_wsgi's daemons write into it: there the PID is the Python process's own."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.gunicorn_error import SIGNALS, ended_by_signal
from ingest.formats.messages.said import LEVELS, Said, pid_of
from triage.core.records import Life, LifeEvent

NAME = "apache-error"
TITLE = "Apache error log (mod_wsgi)"
STARTS = "["
SAMPLES = (
    "[Mon Nov 23 06:46:00.180383 2026] [wsgi:info] [pid 28056:tid 28056] mod_wsgi (pid=28056): Starting process 'cars' "
    "with uid=33, gid=33 and threads=2.",
    "[Mon Nov 23 06:46:10.258504 2026] [mpm_event:notice] [pid 28054:tid 28054] AH00493: SIGUSR1 received.  Doing "
    "graceful restart",
    "[Mon Nov 23 01:39:19.920438 2026] [wsgi:error] [pid 21165:tid 21174] [remote 127.0.0.1:37848] to stderr",
    "[Mon Nov 23 06:46:20 2026] [notice] child pid 28059 exit signal Segmentation fault (11)",
)

DAYS = frozenset(stamps.WEEKDAYS)
# [Mon Nov 23 01:39:19.920438 2026] [wsgi:error] [pid 21165:tid 21174] [remote 127.0.0.1:37848] …
PREFIX = re.compile(
    r"\[([^\]]{24,31})\] \[(?:(\w{0,40}):)?(\w{4,8})\](?: \[pid (\d{1,7})(?::tid \d{1,20})?\])? ?"
    r"(?:\[(?:client|remote) ([^\]\s]{1,100})\] )?"
)
WSGI = re.compile(r"mod_wsgi \(pid=(\d{1,7})(?:, [^)]{0,300})?\): (.{0,200})")
SIGNALLED = re.compile(r"(?:AH00051: |AH00052: )?child pid (\d{1,7}) exit signal .{0,60}\((\d{1,3})\)")
PORT = re.compile(r".{1,94}:(\d{1,5})$")
RECEIVED = re.compile(r"(?:AH00493|AH00494|AH00491): (?:caught )?(SIG[A-Z0-9]{3,6})")


def understand(text: str) -> Said | None:
    if text[1:4] not in DAYS:
        return None
    found = PREFIX.match(text)
    if found is None:
        return None
    read = stamps.asctime(found[1])
    if read is None:
        return None
    pid = pid_of(found[4])
    message = text[found.end() :]
    event = _life(message, pid)
    # The connection is the browser's to Apache, whose port the application's own lines may name as well.
    port = PORT.match(found[5]) if found[5] and found[2] == "wsgi" else None
    return Said(
        kind=NAME,
        stamp=read[0],
        pid=pid,
        level=LEVELS.get(found[3], "debug" if found[3].startswith("trace") else ""),
        life=event,
        keys=(("client_port", port[1]),) if port else (),
        rest="" if event or message.startswith("mod_wsgi (") else message,
    )


def _life(text: str, writer: int | None) -> LifeEvent | None:
    if text.startswith("mod_wsgi (pid="):
        found = WSGI.match(text)
        return None if found is None else _daemon(pid_of(found[1]), found[2])
    if text.startswith(("AH00489: ", "AH00163: ")):
        # Told at the start and again after every reload, by one and the same parent.
        return LifeEvent(what=Life.BOOT, reason="Apache") if "resuming normal operations" in text[:400] else None
    if text.startswith(("AH00493: ", "AH00494: ", "AH00491: ")):
        found = RECEIVED.match(text)
        if found is None:
            return None
        if text[6] == "1":
            return LifeEvent(what=Life.EXIT, subject=writer, reason=found[1])
        return LifeEvent(what=Life.RELOAD, reason=found[1])
    found = SIGNALLED.match(text) if "exit signal" in text[:60] else None
    return (
        None if found is None else ended_by_signal(pid_of(found[1]), SIGNALS.get(int(found[2]), f"signal {found[2]}"))
    )


def _daemon(subject: int | None, text: str) -> LifeEvent | None:
    """What mod_wsgi says of the daemon process in its bracket, whoever says it."""
    if text.startswith("Starting process "):
        return LifeEvent(what=Life.BOOT, subject=subject)
    if text.startswith("Exiting process "):
        return LifeEvent(what=Life.EXIT, subject=subject)
    if text.startswith("Process ") and " has died" in text:
        return LifeEvent(what=Life.CRASH, subject=subject, reason="died")
    if text.startswith(("Daemon process request time limit exceeded", "Daemon process deadlock timer expired")):
        return LifeEvent(
            what=Life.TIMEOUT,
            subject=subject,
            reason="request-timeout" if "request" in text[:30] else "deadlock-timeout",
        )
    if text.startswith("Maximum requests reached"):
        return LifeEvent(what=Life.RECYCLE, subject=subject, reason="maximum-requests")
    if text.startswith("Aborting process "):
        return LifeEvent(what=Life.KILL, subject=subject, reason="aborted: its shutdown took too long")
    return None
