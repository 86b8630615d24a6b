"""Times as logs write them, read into exact `Stamp`s: whole microseconds, never a float, never a guessed zone.

Each reader takes a text and the index where the time should begin, and gives (Stamp, index after it) or None. A log has
many lines of one second, so what is costly, the date arithmetic, is remembered by its text.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from triage.core.records import SECOND as SECOND
from triage.core.records import Stamp, instant

Read = tuple[Stamp, int]

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH_DAY = date(1970, 1, 1).toordinal()
UTC_NAMES = ("UTC", "GMT", "Z")

# English, and what journalctl prints under LC_TIME of Lineup's likely neighbours; a trailing dot is dropped first.
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv ene gen jän sty led янв",
            "feb févr fev feb. lut úno фев",
            "mar mär märz mrz mars mrt březen мар",
            "apr avr abr avril kwi dub апр",
            "may mai mag mei maj kvě мая май",
            "jun juin giu jun cze čvn июн",
            "jul juil lug jul lip čvc июл",
            "aug août ago aou sie srp авг",
            "sep sept set wrz zář сен",
            "oct okt out ott paź říj окт",
            "nov lis lis nov. ноя",
            "dec dez déc dic dez. gru pro дек",
        ),
        start=1,
    )
    for name in names.replace(".", "").split()
}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

DATE_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)")  # 2026-11-23T01:30:00; not 2026-11-23
BEHIND_SECONDS = re.compile(
    r"(?:[.,](\d{1,9}))?(?: ?(Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b)|([+-]\d\d)(?![\d:-]))?"
)  # .053850+0530, ,053, Z, " +0000"
SECONDS_WIDTH = len("2026-11-23T01:30:00")
SLASHED = re.compile(r"(\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?")  # 2026/11/23 01:38:16
DOTTED = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?")  # 23.11.2026 03:04:21,161
CLF = re.compile(
    r"(\d\d)/([A-Za-z]{3})/(\d{4})[: ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ([+-]\d{4}))?"
)  # 23/Nov/2026:01:30:00 +0000, 23/Nov/2026 01:36:50
SYSLOG = re.compile(
    r"([^\W\d_]{3,5})\.? {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?"
)  # Nov 23 01:30:00, Nov  3 01:30:00.053850, Mai 03 01:02:03
ASCTIME = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? (\d{4})"
)  # Mon Nov 23 01:36:44 2026
CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?![\d:])")  # 01:42:50, 01:42:50,053
EPOCH = re.compile(r"(\d{9,10})(?:[.,](\d{1,9}))?(?![\d.])")  # 1795397400.053850


@lru_cache(maxsize=8192)
def moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int | None:
    """Microseconds since the epoch of a wall clock read as UTC; None for no such day. Second 60 is a leap second."""
    if hour > 23 or minute > 59 or second > 60:
        return None
    try:
        days = date(year, month, day).toordinal() - EPOCH_DAY
    except ValueError:
        return None
    return ((days * 24 + hour) * 60 + minute) * MINUTE + second * SECOND


def fraction(digits: str | None) -> tuple[int, int]:
    """(microseconds, worth of the last digit in microseconds) of the digits behind the point."""
    if not digits:
        return 0, SECOND
    size = len(digits)
    if size >= 6:
        return int(digits[:6]), 1
    tick: int = 10 ** (6 - size)
    return int(digits) * tick, tick


@lru_cache(maxsize=512)
def zone_us(text: str) -> int | None:
    """What to take from a wall clock to get UTC: of `Z`, `UTC`, `GMT`, `+05:30`, `+0530`, `+05`; None for other names.

    Abbreviations stay unread on purpose: IST is India, Israel and Ireland.
    """
    if text in UTC_NAMES:
        return 0
    if text[:1] not in ("+", "-"):
        return None
    digits = text[1:].replace(":", "")
    if len(digits) not in (2, 4) or not digits.isascii() or not digits.isdigit():
        return None
    hours, minutes = int(digits[:2]), int(digits[2:] or "0")
    if hours > 18 or minutes > 59:
        return None
    shift = hours * HOUR + minutes * MINUTE
    return -shift if text[0] == "-" else shift


def _stamp(second: int | None, digits: str | None, zone: str | None) -> Stamp | None:
    if second is None:
        return None
    more, tick = fraction(digits)
    if zone is None:
        return Stamp(second + more, False, tick)
    shift = zone_us(zone)
    if shift is None:
        return Stamp(second + more, False, tick)
    return Stamp(second + more - shift, True, tick)


@lru_cache(maxsize=4096)
def _second_at(text: str) -> int | None:
    found = DATE_TIME.match(text)
    return None if found is None else moment(*map(int, found.groups()))


def iso(text: str, start: int = 0) -> Read | None:
    """`2026-11-23T01:30:00[.053850][Z|+00:00|+0000| UTC]`, with T or a space, point or comma."""
    end = start + SECONDS_WIDTH
    second = _second_at(text[start:end])
    if second is None:
        return None
    found = BEHIND_SECONDS.match(text, end)
    if found is None or found.end() == end:
        return Stamp(second, False, SECOND), end
    digits, zone, short_zone = found.groups()
    stamp = _stamp(second, digits, zone or short_zone)
    return None if stamp is None else (stamp, found.end())


def slashed(text: str, start: int = 0) -> Read | None:
    """`2026/11/23 01:38:16`, as nginx writes its error log."""
    found = SLASHED.match(text, start)
    if found is None:
        return None
    *parts, digits = found.groups()
    stamp = _stamp(moment(*map(int, parts)), digits, None)
    return None if stamp is None else (stamp, found.end())


def dotted(text: str, start: int = 0) -> Read | None:
    """`23.11.2026 03:04:21,161`: with dots the day comes first wherever it is written."""
    if text[start + 2 : start + 3] != ".":
        return None
    found = DOTTED.match(text, start)
    if found is None:
        return None
    day, month, year, hour, minute, second, digits = found.groups()
    stamp = _stamp(moment(int(year), int(month), int(day), int(hour), int(minute), int(second)), digits, None)
    return None if stamp is None else (stamp, found.end())


@lru_cache(maxsize=4096)
def _clf_at(text: str) -> Read | None:
    found = CLF.match(text)
    if found is None:
        return None
    day, month, year, hour, minute, second, digits, zone = found.groups()
    number = MONTHS.get(month.lower())
    if number is None:
        return None
    stamp = _stamp(moment(int(year), number, int(day), int(hour), int(minute), int(second)), digits, zone)
    return None if stamp is None else (stamp, found.end())


def clf(text: str, start: int = 0) -> Read | None:
    """`23/Nov/2026:01:30:00 +0000`, and werkzeug's `23/Nov/2026 01:36:50` without a zone."""
    read = _clf_at(text[start : start + 37])
    return None if read is None else (read[0], start + read[1])


def asctime(text: str, start: int = 0) -> Read | None:
    """`Mon Nov 23 01:36:44 2026`: C's asctime, local time without a zone."""
    found = ASCTIME.match(text, start)
    if found is None:
        return None
    month, day, hour, minute, second, digits, year = found.groups()
    number = MONTHS.get(month.lower())
    if number is None:
        return None
    stamp = _stamp(moment(int(year), number, int(day), int(hour), int(minute), int(second)), digits, None)
    return None if stamp is None else (stamp, found.end())


def clock(text: str, start: int = 0) -> Read | None:
    """`01:42:50[,053]`: a time of day alone, counted from midnight of an unknown day."""
    found = CLOCK.match(text, start)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3])
    if hour > 23 or minute > 59 or second > 60:
        return None
    more, tick = fraction(found[4])
    at = hour * HOUR + minute * MINUTE + second * SECOND + more
    return Stamp(at, False, tick, False), found.end()


def epoch(text: str, start: int = 0) -> Read | None:
    """`1795397400[.053850]`: seconds since 1970, as short-unix writes them."""
    found = EPOCH.match(text, start)
    if found is None:
        return None
    more, tick = fraction(found[2])
    return Stamp(int(found[1]) * SECOND + more, True, tick), found.end()


def number(text: str) -> Stamp | None:
    """A count since 1970 in seconds, milli-, micro- or nanoseconds, told by its size, as JSON logs carry it."""
    whole, _, digits = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and 9 <= len(whole) <= 19):
        return None
    if digits and not (digits.isascii() and digits.isdigit()):
        return None
    if len(whole) <= 10:
        more, tick = fraction(digits)
        return Stamp(int(whole) * SECOND + more, True, tick)
    if len(whole) <= 13:
        more, tick = fraction(digits)
        return Stamp(int(whole) * 1000 + more // 1000, True, max(1, tick // 1000))
    return Stamp(int(whole) if len(whole) <= 16 else int(whole) // 1000, True, 1)


class Calendar:
    """Fills the year that syslog-like stamps leave out: the one that puts the line nearest to a known instant.

    Nearest, not current: so December 31 and January 1 of one file fall side by side, and February 29 finds its year.
    """

    def __init__(self, reference_us: int) -> None:
        self.reference_us = reference_us
        self._years: dict[tuple[int, int], int | None] = {}

    def year(self, month: int, day: int) -> int | None:
        """The year of that day; None where no year near has it."""
        key = (month, day)
        if key not in self._years:
            self._years[key] = self._nearest(month, day)
        return self._years[key]

    def _nearest(self, month: int, day: int) -> int | None:
        try:
            around = instant(self.reference_us).year
        except OverflowError:
            around = 1970
        best: tuple[int, int] | None = None
        for year in range(max(1, around - 8), min(9999, around + 8) + 1):
            at = moment(year, month, day, 12, 0, 0)
            if at is not None:
                distance = abs(at - self.reference_us)
                best = min(best, (distance, year)) if best else (distance, year)
        return best[1] if best else None

    def syslog(self, text: str, start: int = 0) -> Read | None:
        """`Nov 23 01:30:00[.053850]`: no year, no zone."""
        found = SYSLOG.match(text, start)
        if found is None:
            return None
        name, day, hour, minute, second, digits = found.groups()
        month = MONTHS.get(name.lower())
        if month is None:
            return None
        year = self.year(month, int(day))
        if year is None:
            return None
        stamp = _stamp(moment(year, month, int(day), int(hour), int(minute), int(second)), digits, None)
        return None if stamp is None else (stamp, found.end())
