"""How a line writes its time: in any form that Lineup knows, in one of them, or as the team spells it out."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import msgspec

from ingest.formats import stamps
from ingest.formats.line_format import engine
from ingest.formats.line_format.record import BadPattern
from triage.core.records import Stamp

Read = Callable[[str, stamps.Calendar], Stamp | None]

LONGEST = 80  # characters of a time
ISO = (
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r"(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d))?"
)  # 2026-11-23T01:30:00.053+00:00
KNOWN = (
    ISO,
    r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?",  # 2026/11/23 01:38:16
    r"\d\d/[A-Za-z]{3}/\d{4}[: ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: [+-]\d{4})?",  # 23/Nov/2026:01:30:00 +0000
    r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4}",  # Mon Nov 23 01:36:44 2026
    r"[^\s\d]{3,5}\.? {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})?",  # Nov 23 01:30:00
    r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?",  # 01:42:50,053
)
EPOCH = r"\d{9,19}(?:\.\d{1,9})?"  # 1795397400.053850, 1795397400053
FORMS = "iso, epoch, or a pattern such as %Y-%m-%d %H:%M:%S,%f"


class Times(msgspec.Struct, frozen=True):
    """One way to write times."""

    looks: str  # an expression that finds it in a line
    read: Read  # what was found as a Stamp; None where it is no time


def times(form: str, written: str) -> Times:
    """`form` is what stands behind the colon of {time:…}. Raises BadPattern, naming what was `written`."""
    if not form:
        return Times(f"{'|'.join(KNOWN)}|{EPOCH}", _remembered(_any))
    if form == "iso":
        return Times(ISO, _remembered(_iso))
    if form == "epoch":
        return Times(EPOCH, _remembered(_epoch))
    if "%" not in form:
        raise BadPattern(f"{written}: a time is written as {FORMS}.")
    return _spelled(form, written)


def _remembered(read: Read) -> Read:
    """A log has many lines of one second; the calendar of one reading does not change."""
    kept = lru_cache(maxsize=4096)(read)

    def again(text: str, calendar: stamps.Calendar) -> Stamp | None:
        return kept(text, calendar) if len(text) <= LONGEST else None

    return again


def _any(text: str, calendar: stamps.Calendar) -> Stamp | None:
    for read in (stamps.iso, stamps.slashed, stamps.clf, stamps.asctime, stamps.clock, calendar.syslog):
        found = read(text)
        if found is not None and found[1] == len(text):
            return found[0]
    return stamps.number(text)


def _iso(text: str, calendar: stamps.Calendar) -> Stamp | None:
    found = stamps.iso(text)
    return found[0] if found is not None and found[1] == len(text) else None


def _epoch(text: str, calendar: stamps.Calendar) -> Stamp | None:
    return stamps.number(text)


# What a directive of strptime looks like, and which part of the time it tells.
DIRECTIVES = {
    "Y": (r"\d{4}", "year"),
    "y": (r"\d\d", "short year"),
    "m": (r"\d{1,2}", "month"),
    "b": (r"[^\s\d]{3,9}\.?", "month"),
    "B": (r"[^\s\d]{3,9}", "month"),
    "d": (r"\d{1,2}| \d", "day"),
    "e": (r"\d{1,2}| \d", "day"),
    "j": (r"\d{3}", "day of the year"),
    "H": (r"\d{1,2}| \d", "hour"),
    "I": (r"\d{1,2}| \d", "half-day hour"),
    "p": (r"[AaPp]\.?[Mm]\.?", "half of the day"),
    "M": (r"\d\d", "minute"),
    "S": (r"\d\d", "second"),
    "f": (r"\d{1,9}", "fraction"),
    "L": (r"\d{3}", "fraction"),
    "z": (r"Z|[+-]\d\d:?\d\d", "zone"),
    "Z": (r"[A-Za-z]{1,5}", "zone"),
    "a": (r"[^\s\d]{2,12}\.?", "weekday"),
    "A": (r"[^\s\d]{2,12}", "weekday"),
}
SHORTHANDS = {"%T": "%H:%M:%S", "%F": "%Y-%m-%d", "%D": "%m/%d/%y", "%R": "%H:%M"}


def _spelled(form: str, written: str) -> Times:
    pieces = _directives(form, written)
    parts = [part for _, part in pieces if part]
    pattern = engine.compiled("".join(f"({looks})" if part else looks for looks, part in pieces))

    def read(text: str, calendar: stamps.Calendar) -> Stamp | None:
        found = engine.groups(pattern, text)
        if found is None:
            return None
        return _stamp({part: value or "" for part, value in zip(parts, found, strict=True)}, calendar)

    return Times("".join(f"(?:{looks})" for looks, _ in pieces), _remembered(read))


def _directives(form: str, written: str) -> list[tuple[str, str]]:
    """(expression, which part of a time it finds, "" for text) of each piece, in order."""
    for short, long in SHORTHANDS.items():
        form = form.replace(short, long)
    pieces: list[tuple[str, str]] = []
    parts: set[str] = set()
    at = 0
    while at < len(form):
        if form[at] != "%":
            pieces.append((engine.literal(form[at]), ""))
            at += 1
            continue
        letter = form[at + 1 : at + 2]
        at += 2
        if letter == "%":
            pieces.append(("%", ""))
            continue
        if letter not in DIRECTIVES:
            known = " ".join(f"%{each}" for each in DIRECTIVES)
            raise BadPattern(f"{written}: %{letter} is no part of a time that Lineup reads; there are {known} %%.")
        looks, part = DIRECTIVES[letter]
        if part in parts:
            raise BadPattern(f"{written}: it tells the {part} twice, the second time with %{letter}.")
        pieces.append((looks, part))
        parts.add(part)
    _sensible(parts, written)
    return pieces


def _sensible(parts: set[str], written: str) -> None:
    """Raises BadPattern for what tells no moment."""
    if not parts & {"hour", "half-day hour"}:
        raise BadPattern(f"{written}: a time needs its hour: add %H.")
    if "minute" not in parts:
        raise BadPattern(f"{written}: a time needs its minute: add %M.")
    if "half-day hour" in parts and "half of the day" not in parts:
        raise BadPattern(f"{written}: %I counts to twelve and needs %p, or write %H.")
    if "fraction" in parts and "second" not in parts:
        raise BadPattern(f"{written}: a fraction needs its second: add %S.")
    if ("month" in parts) != ("day" in parts):
        raise BadPattern(f"{written}: a date needs month and day: %m or %b, and %d.")
    if "day of the year" in parts and (not parts & {"year", "short year"} or "day" in parts):
        raise BadPattern(f"{written}: %j needs %Y, and neither month nor day beside it.")
    if parts & {"year", "short year"} and not parts & {"day", "day of the year"}:
        raise BadPattern(f"{written}: a year alone dates nothing: add %m and %d.")


def _stamp(told: dict[str, str], calendar: stamps.Calendar) -> Stamp | None:
    hour = _hour(told)
    minute, second = int(told["minute"]), int(told.get("second", "0"))
    if hour is None or hour > 23 or minute > 59 or second > 60:
        return None
    more, tick = stamps.fraction(told.get("fraction"))
    tick = tick if "second" in told else stamps.MINUTE
    if "day" not in told and "day of the year" not in told:
        return Stamp(hour * stamps.HOUR + minute * stamps.MINUTE + second * stamps.SECOND + more, False, tick, False)
    day = _midnight(told, calendar)
    if day is None:
        return None
    at = day + hour * stamps.HOUR + minute * stamps.MINUTE + second * stamps.SECOND + more
    shift = stamps.zone_us(told.get("zone", "").upper())
    return Stamp(at, False, tick) if shift is None else Stamp(at - shift, True, tick)


def _hour(told: dict[str, str]) -> int | None:
    if "hour" in told:
        return int(told["hour"])
    hour = int(told["half-day hour"])
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if told["half of the day"][0] in "Pp" else 0)


def _midnight(told: dict[str, str], calendar: stamps.Calendar) -> int | None:
    """Microseconds of the day's beginning; None for no such day."""
    year = int(told["year"]) if "year" in told else _century(told.get("short year"))
    if "day of the year" in told:
        count = int(told["day of the year"])
        first = stamps.moment(year or 0, 1, 1, 0, 0, 0)
        leap = stamps.moment(year or 0, 2, 29, 0, 0, 0) is not None
        return None if first is None or not 1 <= count <= 365 + leap else first + (count - 1) * stamps.DAY
    name = told["month"]
    month = int(name) if name.isdigit() else _month(name)
    day = int(told["day"])
    if month is None:
        return None
    if year is None:
        year = calendar.year(month, day)
    return None if year is None else stamps.moment(year, month, day, 0, 0, 0)


def _month(name: str) -> int | None:
    name = name.lower().rstrip(".")
    return stamps.MONTHS.get(name) or stamps.MONTHS.get(name[:3])


def _century(digits: str | None) -> int | None:
    """The year of two digits, as POSIX reads %y: 69 is 1969, 68 is 2068."""
    if digits is None:
        return None
    year = int(digits)
    return year + (1900 if year >= 69 else 2000)
