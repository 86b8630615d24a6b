"""Lines of Python's logging in the formats that people write: a stamp, a level, perhaps a PID and a logger.

`2026-11-23 01:35:55,507 INFO …`, `… - cars - INFO - …`, `… [INFO] [51463] cars: …`, `… | INFO | cars:add:12 - …`,
`INFO:cars:…`, `[INFO] …`.
"""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.said import LEVELS, Said, pid_of
from triage.core.records import Stamp

NAME = "python-logging"
TITLE = "Python log lines"
STARTS = "0123456789[DIWECTdiwe("
SAMPLES = (
    "2026-11-23 01:35:55,507 INFO     added car 5",
    "2026-11-23 01:35:55,507 - cars - INFO - added car 5",
    "2026-11-23 01:35:55,507 [51463] INFO cars: POST /cars/add done",
    "INFO:cars:added car 5",
    "2026-11-23 01:35:55.507 | INFO     | cars:add:12 - added car 5",
)

NAMES = "TRACE|DEBUG|INFO|NOTICE|SUCCESS|WARNING|WARN|ERROR|EXCEPTION|CRITICAL|FATAL"
# … INFO …, [info    ], |INFO|      not INFORMATION
LEVEL = re.compile(rf"(?:^|[\s\[|(<:-])({NAMES}|{NAMES.lower()})(?=$|[\s\]|):>,/-])")
LEVEL_FIRST = re.compile(rf"\[?({NAMES})(?:\] ?|:([\w.]{{1,100}}):| {{1,8}}(?=\S))")
PID = re.compile(
    r"(?:\[|\(| )(?:pid|process|proc)[:= ] ?(\d{1,7})\b|[\[(<#](\d{2,7})[\])>]|#(\d{2,7})\b| (\d{3,7})(?= )", re.I
)
# INFO [51463] · INFO [cars] [51463] · INFO pid=51463 · nginx's [error] 20789#20789:      not INFO added (51463)
PID_AFTER = re.compile(
    r"[ :|\-\]]{0,8}(?:\[[A-Za-z_][\w.-]{0,60}\] ?){0,2}(?:\[(\d{2,7})\]|[\[(]?(?:pid|process)[:= ] ?(\d{1,7})\b[\])]?"
    r"|(\d{1,7})#\d{1,7}: |(?<=[A-Z]) \((?:[\w.@-]{1,60}/)?(\d{1,7})(?: on [\w.-]{1,100})?\): )",
    re.IGNORECASE,
)  # also pino-pretty's INFO (12345): · INFO (cars/12345):
VERBOSE = re.compile(r" [\w.]{1,80} (\d{1,7}) \d{6,20} ")  # Django's own example: module, process, thread
LOGGER = re.compile(r"[A-Za-z_][\w.]{0,80}: ")  # uvicorn.error: Started server process …
LOOK = 160  # characters behind the stamp in which level and PID are looked for
SEPARATORS = " |:-]"
# … - INFO - 30008 - Started … · INFO 19846 cars: … · INFO 7622 shop.add[…]: …: a PID, or the number of a source line
NUMBER = re.compile(r"(\d{2,7}) (?:[-|] |(?=([A-Za-z_][\w.]{0,80})(?:\[[\w.-]{1,60}\])?: ))")
WORDS = re.compile(r"[^\d\W]{1,40}(?: [^\d\W]{1,40})?")  # how a text begins, without what differs each time


def understand(text: str) -> Said | None:
    first = text[:1]
    if first.isdigit():
        read = stamps.iso(text) or stamps.slashed(text) or stamps.dotted(text) or stamps.clock(text)
        return None if read is None else _stamped(text, *read)
    if first in ("[", "(") and text[1:2].isdigit():
        read = stamps.iso(text, 1) or stamps.clf(text, 1) or stamps.dotted(text, 1) or stamps.clock(text, 1)
        if read is None or text[read[1] : read[1] + 1] not in ("]", ")", " ", ",", ":"):
            return None
        return _stamped(text, *read)
    found = LEVEL_FIRST.match(text)
    if found is None:
        return None
    return Said(kind=NAME, level=LEVELS[found[1]], rest=_message(text[found.end() :]))


def _stamped(text: str, stamp: Stamp, end: int) -> Said | None:
    window = text[end : end + LOOK]
    found = LEVEL.search(window)
    if found is None:
        if not stamp.dated:
            return None
        verbose = VERBOSE.match(window)
        pid = pid_of(verbose[1]) if verbose else None
        return Said(kind=NAME, stamp=stamp, pid=pid, rest=_message(text[end + verbose.end() if verbose else end :]))
    pid, rest_at = _pid(text, window[: found.start() + 1], end + found.end())
    rest = text[rest_at:].lstrip(SEPARATORS)
    maybe = None
    if rest[:1].isdigit() and (number := NUMBER.match(rest)):
        before = window[: found.start()].strip(SEPARATORS) if number[2] is None else ""
        rest = rest[number.end() :]
        maybe = _maybe(number[1], number[2] or before, rest) if pid is None else None
    return Said(kind=NAME, stamp=stamp, pid=pid, maybe_pid=maybe, level=LEVELS[found[1]], rest=_message(rest))


def _maybe(digits: str, logger: str, text: str) -> tuple[int, str, str] | None:
    number = pid_of(digits)
    if number is None:
        return None
    logged = LOGGER.match(text)
    words = WORDS.search(text, logged.end() if logged else 0, LOOK)
    return number, logger, words[0] if words else ""


def _pid(text: str, before: str, rest_at: int) -> tuple[int | None, int]:
    """The PID left of the level, or right behind it, and where the message may begin."""
    found = PID.search(before)
    if found:
        return pid_of(found[1] or found[2] or found[3] or found[4]), rest_at
    after = PID_AFTER.match(text, rest_at)
    if after:
        return pid_of(after[1] or after[2] or after[3] or after[4]), after.end()
    return None, rest_at


def _message(text: str) -> str:
    """What was logged, without separators and the logger's name."""
    text = text.lstrip(SEPARATORS)
    logger = LOGGER.match(text)
    return text[logger.end() :] if logger else text
