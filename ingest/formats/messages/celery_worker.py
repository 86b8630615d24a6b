"""Celery workers: the log in its default format, the lives of pool processes, and the banner of a start.

The default format names the pool process (`ForkPoolWorker-2`) but not its PID; the PID is told only where a process
ended badly, or by a format with `%(process)d`. The task's id is an exact key over all processes that touch the task.
"""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.gunicorn_error import SIGNALS, ended_by_signal
from ingest.formats.messages.said import LEVELS, Said, pid_of
from triage.core.records import Life, LifeEvent

NAME = "celery"
TITLE = "Celery worker's output"
STARTS = "[-.wRTPMFBSHc"
SAMPLES = (
    "[2026-11-23 06:29:51,751: INFO/MainProcess] Task tasks.add[ca398a9e-1676-4090-be9d-e69a15135c2f] received",
    "[2026-11-23 06:29:51,753: INFO/ForkPoolWorker-3] tasks.add[ca398a9e-1676-4090-be9d-e69a15135c2f]: adding figo",
    "[2026-11-23 06:29:57,329: ERROR/MainProcess] Process 'ForkPoolWorker-5' pid:31477 exited with 'signal 9 "
    "(SIGKILL)'",
    "[2026-11-23 06:29:48,968: INFO/MainProcess] celery@vm ready.",
    "-- ******* ---- Linux-6.1.0-x86_64-with-glibc2.36 2026-11-23 06:29:47",
    "worker: Warm shutdown (MainProcess)",
)

# [2026-11-23 06:29:51,751: INFO/MainProcess]      not Flask's [2026-11-23 01:30:00,053] INFO in cars_app: …
PREFIX = re.compile(r"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}): ([A-Z]{3,10})/([^\]\s]{1,80})\] ?")
ID = r"\[([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\]"
TASK = re.compile(rf"(?:Task )?[\w.<>:-]{{1,200}}{ID}(?::? |$)")  # tasks.add[ca398a9e-…]: adding figo
ABOUT_TASK = re.compile(
    rf"(?:Soft|Hard) time limit \((\d{{1,9}}(?:\.\d{{1,6}})?)s\) exceeded for [\w.<>:-]{{1,200}}{ID}"
)
EXITED = re.compile(
    r"Process ['\"]([^'\"]{1,80})['\"] pid:(\d{1,7}) exited with ['\"](?:exitcode (-?\d{1,5})|signal (\d{1,3}))"
)
READY = re.compile(r"[\w.-]{1,100}@\S{1,255} ready\.$")  # celery@vm ready.
PROCESS = re.compile(
    r"(?:MainProcess|Beat|(?:ForkPool|Pool)Worker-\d{1,6}) [\w.]{1,100}: "
)  # %(processName)s %(name)s:
# --- ***** -----      - ** ---------- .> app:         cars:0x7fc84340fd10      not --- and not - a list's item
BANNER = re.compile(
    r"-{1,3} (?:\*{1,7} ){1,2}-{1,10}(?: |$)|-------------- (?:\S{1,300}@\S{1,255} v\d|\[queues\])|\.> [a-z]"
)
BANNER_TIME = re.compile(r" (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$")
OPENINGS = (
    "Task ", "worker: ", "Restarting celery", "Process ", "PoolWorker-", "ForkPoolWorker-", "MainProcess ", "Beat ",
    "Soft time limit", "Hard time limit",
)  # fmt: skip
HEADINGS = ("[config]", "[queues]", "[tasks]")


def understand(text: str) -> Said | None:
    first = text[:1]
    if first == "[":
        if not text[1:2].isdigit():
            return Said(kind=NAME) if text.rstrip() in HEADINGS else None
        found = PREFIX.match(text)
        if found is None:
            return None
        read = stamps.iso(found[1])
        if read is None:
            return None
        level, rest = LEVELS.get(found[2], ""), text[found.end() :]
        inner = _message(rest)
        if inner is None:
            return Said(kind=NAME, stamp=read[0], level=level, rest=rest)
        return Said(kind=NAME, stamp=read[0], level=level, life=inner.life, keys=inner.keys, rest=inner.rest)
    if first in ("-", "."):
        if not BANNER.match(text):
            return None
        told = BANNER_TIME.search(text[:300])
        read = stamps.iso(told[1]) if told else None
        return Said(kind=NAME, stamp=read[0] if read else None)
    if first == "c":
        return _message(text) if text.endswith(" ready.") else None
    if not text.startswith(OPENINGS):
        return None
    if first in ("M", "F", "P", "B"):
        process = PROCESS.match(text)
        if process:
            rest = text[process.end() :]
            return _message(rest) or Said(kind=NAME, rest=rest)
    return _message(text)


def _message(text: str) -> Said | None:
    """What a message says behind any prefix; None where it is not one of the worker's own."""
    found = TASK.match(text) if "[" in text[:210] else None
    if found:
        own = text.startswith("Task ")
        return Said(kind=NAME, keys=(("task_id", found[1]),), rest="" if own else text[found.end() :])
    if text.startswith("Process "):
        found = EXITED.match(text)
        return None if found is None else Said(kind=NAME, life=_exited(found[1], found[2], found[3], found[4]))
    if text.startswith(("Soft time limit", "Hard time limit")):
        found = ABOUT_TASK.match(text)
        if found is None:
            return None
        # Which process it was is told by the line on its exit; a soft limit only raises inside the task.
        event = LifeEvent(what=Life.TIMEOUT, reason=f"hard time limit of {found[1]} s") if text[0] == "H" else None
        return Said(kind=NAME, life=event, keys=(("task_id", found[2]),))
    event = _service(text)
    return None if event is None else Said(kind=NAME, life=event)


def _exited(name: str, pid: str, code: str | None, signal: str | None) -> LifeEvent:
    subject = pid_of(pid)
    if signal is not None:
        return ended_by_signal(subject, SIGNALS.get(int(signal), f"signal {signal}"))
    what = Life.CRASH if code and int(code) else Life.EXIT
    return LifeEvent(what=what, subject=subject, reason=f"{name}, exit code {code or 0}")


def _service(text: str) -> LifeEvent | None:
    """The worker as a whole: its master and all of its pool."""
    if text.endswith(" ready.") and READY.match(text):
        return LifeEvent(what=Life.BOOT, reason=text.removesuffix(" ready."))
    if text.startswith("worker: "):
        if text.startswith("worker: Warm shutdown"):
            return LifeEvent(what=Life.EXIT, reason="warm shutdown")
        if text.startswith("worker: Cold shutdown"):
            return LifeEvent(what=Life.EXIT, reason="cold shutdown")
        return None
    if text.startswith("Restarting celery worker ("):
        return LifeEvent(what=Life.RELOAD, reason="restarted")
    return None
