"""PHP-FPM's error log, which its master writes: what a child said carries the child's PID in its words.

Also PHP's own error log, whose stamp has the same shape.
"""

from __future__ import annotations

import re

from ingest.formats.messages.gunicorn_error import ended_by_signal
from ingest.formats.messages.said import LEVELS, METHODS, Said, pid_of, split_target
from ingest.formats.stamps import MONTHS, moment, zone_us
from triage.core.records import SECOND, Life, LifeEvent, Request, Stamp

NAME = "php-fpm"
TITLE = "PHP-FPM's log"
STARTS = "[NP"
SAMPLES = (
    "[23-Nov-2026 06:44:43] NOTICE: [pool www] child 26544 started",
    "[23-Nov-2026 06:44:47] WARNING: [pool www] child 26544 exited on signal 9 (SIGKILL) after 4.175141 seconds from "
    "start",
    '[23-Nov-2026 06:44:42] WARNING: [pool www] child 26444 said into stderr: "NOTICE: PHP message: added figo"',
    "[23-Nov-2026 06:44:42 UTC] PHP Warning:  Undefined variable $x in /srv/cars/index.php on line 6",
)

# [23-Nov-2026 06:44:43] NOTICE: …      [23-Nov-2026 06:44:42 UTC] PHP Warning:  …
PREFIX = re.compile(
    r"\[(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{6}))?(?: ([A-Za-z_/+-]{1,40}))?\] {1,2}"
    r"(?:(ALERT|ERROR|WARNING|NOTICE|DEBUG): )?(?:\[pool [^\]]{1,100}\] )?"
)
CHILD = re.compile(r"child (\d{1,7})(,| started$| said into | exited )")
EXITED = re.compile(r"exited (?:with code (\d{1,5})|on signal \d{1,3} \((SIG[A-Z0-9]{2,8})[^)]{0,40}\))")
SCRIPT = re.compile(
    r'child \d{1,7}, script \'[^\']{0,1000}\' \(request: "([A-Z]{3,10}) ([^"\s]{1,4000})"\) (execution timed out)?'
)
SPOKE = re.compile(r'child \d{1,7} said into (?:stderr|stdout): "(?:NOTICE: PHP message: )?')
RUNNING = re.compile(r"fpm is running, pid (\d{1,7})$")
PHP_LEVEL = re.compile(r"PHP (Fatal error|Parse error|Warning|Notice|Deprecated)")
PHP_LEVELS = {
    "Fatal error": "critical",
    "Parse error": "critical",
    "Warning": "warning",
    "Notice": "info",
    "Deprecated": "info",
}


def understand(text: str) -> Said | None:
    if text[3:4] != "-":
        return _undecorated(text) if "PHP " in text[:20] else None
    found = PREFIX.match(text)
    if found is None:
        return None
    stamp = _stamp(*found.groups()[:8])
    if stamp is None:
        return None
    message = text[found.end() :]
    level = LEVELS.get(found[9] or "", "")
    if message.startswith("child "):
        return _child(message, stamp, level)
    if found[9] is None:
        grave = PHP_LEVEL.match(message)
        return Said(kind=NAME, stamp=stamp, level=PHP_LEVELS[grave[1]] if grave else "", rest=message)
    running = RUNNING.match(message)
    if running:
        return Said(kind=NAME, stamp=stamp, level=level, life=LifeEvent(what=Life.BOOT, subject=pid_of(running[1])))
    event = None
    if message.startswith("Reloading in progress"):
        event = LifeEvent(what=Life.RELOAD, reason="SIGUSR2")
    elif message.startswith("exiting, bye-bye!"):
        event = LifeEvent(what=Life.EXIT)
    return Said(kind=NAME, stamp=stamp, level=level, life=event)


def _undecorated(text: str) -> Said | None:
    """What a child said where decorate_workers_output is off: `NOTICE: PHP message: PHP Warning:  …`."""
    words = text.removeprefix("NOTICE: PHP message: ")
    grave = PHP_LEVEL.match(words)
    if grave is None and len(words) == len(text):
        return None
    return Said(kind=NAME, level=PHP_LEVELS[grave[1]] if grave else "", rest=words if grave is None else "")


def _child(text: str, stamp: Stamp, level: str) -> Said:
    found = CHILD.match(text)
    if found is None:
        return Said(kind=NAME, stamp=stamp, level=level)
    subject = pid_of(found[1])
    if found[2] == " started":
        return Said(kind=NAME, stamp=stamp, level=level, life=LifeEvent(what=Life.BOOT, subject=subject))
    if found[2] == " said into ":
        spoke = SPOKE.match(text)
        said = text[spoke.end() :].removesuffix('"') if spoke else ""
        grave = PHP_LEVEL.match(said)
        # FPM calls every line of a child a warning; what the child said is what counts.
        return Said(kind=NAME, stamp=stamp, pid=subject, level=PHP_LEVELS[grave[1]] if grave else "", rest=said)
    if found[2] == ",":
        script = SCRIPT.match(text)
        if script is None or script[1] not in METHODS:
            return Said(kind=NAME, stamp=stamp, level=level)
        path, query = split_target(script[2])
        event = LifeEvent(what=Life.TIMEOUT, subject=subject, reason="request_terminate_timeout") if script[3] else None
        request = Request(method=script[1], path=path, query=query)
        return Said(kind=NAME, stamp=stamp, pid=subject, level=level, request=request, life=event)
    return Said(kind=NAME, stamp=stamp, level=level, life=_exited(text, subject))


def _exited(text: str, subject: int | None) -> LifeEvent | None:
    found = EXITED.search(text[:120])
    if found is None:
        return None
    if found[2]:
        return ended_by_signal(subject, found[2])
    return LifeEvent(what=Life.CRASH if int(found[1]) else Life.EXIT, subject=subject, reason=f"exit code {found[1]}")


def _stamp(
    day: str, month: str, year: str, hour: str, minute: str, second: str, digits: str | None, zone: str | None
) -> Stamp | None:
    number = MONTHS.get(month.lower())
    at = None if number is None else moment(int(year), number, int(day), int(hour), int(minute), int(second))
    if at is None:
        return None
    shift = zone_us(zone) if zone else None
    return Stamp(at + int(digits or 0) - (shift or 0), shift is not None, 1 if digits else SECOND)
