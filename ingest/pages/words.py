"""How these pages write down times, requests and lives."""

from __future__ import annotations

from datetime import datetime

from triage.core.records import SECOND, LifeEvent, PidTrust, Request, Stamp, instant

MINUTE = 60 * SECOND
TRUST = {
    PidTrust.PROVEN: "proven",
    PidTrust.INFERRED: "inferred",
    PidTrust.UNKNOWN: "cannot tell whose",
}
LIVES = {
    "boot": "begins",
    "exit": "ends",
    "recycle": "ends after this request",
    "timeout": "is given up on",
    "kill": "is killed",
    "crash": "crashes",
    "reload": "the service reloads",
}


def stamp_words(stamp: Stamp | None) -> str:
    """`2026-11-23 01:30:00.053 UTC`, with exactly the digits that the log had; no zone where the log told none."""
    if stamp is None:
        return ""
    try:
        at = instant(stamp.us)
    except OverflowError:
        return "outside of years 1 to 9999"
    clock = f"{at:%H:%M}" if stamp.tick_us >= MINUTE else f"{at:%H:%M:%S}"
    if stamp.tick_us < SECOND:
        clock += "." + f"{at.microsecond:06d}"[: 7 - len(str(stamp.tick_us))]
    day = f"{_day(at)} " if stamp.dated else ""
    return f"{day}{clock}{' UTC' if stamp.zoned else ''}"


def _day(at: datetime) -> str:
    return f"{at.year:04d}-{at.month:02d}-{at.day:02d}"


def precision_words(tick_us: int) -> str:
    """How exact times are: `to the second`, `to 1 ms`."""
    if tick_us >= MINUTE:
        return "to the minute"
    if tick_us >= SECOND:
        return "to the second"
    return f"to {tick_us // 1000} ms" if tick_us >= 1000 else f"to {tick_us} µs"


def request_words(request: Request | None) -> str:
    """`POST /cars/add → 200 in 12 ms`, or what of it is known."""
    if request is None:
        return ""
    path = f"{request.path or ''}{'?' + request.query if request.query else ''}"
    said = " ".join(filter(None, (request.method, path)))
    if request.status is not None:
        said += f" → {request.status}"
    if request.duration_us is not None:
        said += f" in {_span(request.duration_us)}"
    if not said and request.target:
        return f"connects to {request.target}"
    return said.strip()


def _span(us: int) -> str:
    if us >= SECOND:
        return f"{us / SECOND:.3g} s"
    return f"{us / 1000:.3g} ms" if us >= 1000 else f"{us} µs"


def life_words(life: LifeEvent | None) -> str:
    """`51463 begins`, `51463 is killed (SIGKILL)`."""
    if life is None:
        return ""
    who = f"{life.subject} " if life.subject is not None else ""
    why = f" ({life.reason})" if life.reason else ""
    return f"{who}{LIVES[life.what.value]}{why}"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 line`, `3 lines`, `4,100 lines`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
