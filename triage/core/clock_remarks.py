"""What a person should know of a clock beside its offset: wrong zones, wrong clocks, and clocks that were set."""

from __future__ import annotations

from datetime import timedelta

from triage.core.findings import Clock
from triage.core.records import SECOND, instant
from triage.core.zones import quarters

REST = 120 * SECOND  # a clock this far from whole quarters of an hour is off for another reason than its zone
FEW = 3  # jumps told of


def remarks_on(clock: Clock, absolute: bool, client_zone: str | None, server_zone: str | None) -> tuple[str, ...]:
    """Sentences for a page. `absolute`: both sides' zones are known; `client_zone`, `server_zone`: as declared."""
    if not clock.decided:
        return ()
    told = []
    zone = quarters(clock.offset_us)
    if absolute and zone and abs(clock.offset_us - zone) <= REST:
        way = "ahead of" if zone > 0 else "behind"
        sides = ((client_zone, "the tests"), (server_zone, "the server"))
        declared = " and ".join(f"{_shown(name)} for {side}" for name, side in sides if name)
        blamed = f"what was declared, {declared}," if declared else "a zone in one of the logs"
        told.append(
            f"With the zones as told, the server's times are {_hours(zone)} {way} the tests', in whole quarters:"
            f" {blamed} is most likely wrong. The offset is what the lines themselves show."
        )
    elif abs(clock.offset_us - zone) > REST:
        told.append(
            f"The two clocks differ by {_span(clock.offset_us)}, which no time zone explains. Either one of them is"
            " wrong: compare `date -u` on both machines. Or the two logs are not of the same run: check that the"
            " server's log covers the time of these tests, and is of the server that they called."
        )
    for jump in clock.jumps[:FEW]:
        way = "ahead of" if jump.by_us > 0 else "behind"
        told.append(
            f"A clock was set while the tests ran: from {_time(jump.at_us)} (tests' time) on, the server's stands"
            f" {abs(jump.by_us) / SECOND:,.1f} s further {way} the tests' clock than before."
        )
    if len(clock.jumps) > FEW:
        told.append(f"It was set {len(clock.jumps)} times in all.")
    return tuple(told)


def _hours(us: int) -> str:
    minutes = abs(us) // (60 * SECOND)
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def _span(us: int) -> str:
    """`3 h 6 min 4 s`, without what is nought in front."""
    minutes, seconds = divmod(abs(us) // SECOND, 60)
    hours = f"{minutes // 60:,} h " if minutes >= 60 else ""
    return f"{hours}{minutes % 60} min {seconds} s"


def _time(us: int) -> str:
    try:
        return f"{instant(us):%H:%M:%S}"
    except OverflowError:
        return str(timedelta(microseconds=us % (86_400 * SECOND)))


def _shown(name: str) -> str:
    return name[:60].encode("ascii", "backslashreplace").decode()
