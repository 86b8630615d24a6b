"""Values of strangers' JSON taken as what they should be, or not at all: what the readers of reports share."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ingest.formats import ansi, stamps
from ingest.formats.base import LINE_LIMIT
from ingest.formats.pytest_terminal.failure import Failure
from triage.core.records import SECOND, Stamp

MILLI = 1000  # microseconds
LATEST = 1 << 53  # microseconds: the year 2255
TEXT = 4096
TEST_NAME = 4000

Object = Mapping[str, object]
NOTHING: Object = {}


def an_object(value: object) -> Object:
    return value if isinstance(value, dict) else NOTHING


def objects(value: object, limit: int = 100_000) -> list[Object]:
    """The objects of an array."""
    return [each for each in value[:limit] if isinstance(each, dict)] if isinstance(value, list) else []


def text(value: object, limit: int = TEXT) -> str:
    """A string without NUL; "" for anything else."""
    return value[:limit].replace("\0", "\u2400") if isinstance(value, str) else ""


def texts(value: object, limit: int = 10_000) -> list[str]:
    """A string's lines, or those of an array of strings, as producers write output in either form."""
    if isinstance(value, str):
        return value[: 64 * LINE_LIMIT].replace("\0", "\u2400").split("\n")[:limit]
    if isinstance(value, list):
        return [line for each in value[:limit] if isinstance(each, str) for line in texts(each.removesuffix("\n"))][
            :limit
        ]
    return []


def whole(value: object, most: int = 1 << 31) -> int | None:
    """A count: not negative, not absurd."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if 0 <= value <= most else None


def span(value: object, unit_us: int) -> int | None:
    """Microseconds of a duration that is told in units of `unit_us`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return round(value * unit_us) if 0 <= value * unit_us < LATEST else None


def epoch_seconds(value: object) -> Stamp | None:
    """An instant told as 1795415301.6038952 seconds, exact to its digits: the product would be rounded."""
    if not span(value, SECOND):
        return None
    seconds, _, digits = repr(value).partition(".")
    return Stamp(int(seconds) * SECOND + stamps.fraction(digits)[0])


def epoch(value: object) -> Stamp | None:
    """An instant told as a whole number since 1970, of seconds, milli-, micro- or nanoseconds by its size."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    stamp = stamps.number(repr(value))
    return stamp if stamp is not None and stamp.us < LATEST else None


def instant_of(value: object) -> Stamp | None:
    """An instant told as a number or as ISO text."""
    if isinstance(value, str):
        read = stamps.iso(value)
        return read[0] if read else None
    return epoch(value)


def later(stamp: Stamp | None, us: int | None) -> Stamp | None:
    """That instant so many microseconds later, as precise as it was."""
    if stamp is None or us is None:
        return None
    return Stamp(stamp.us + us, stamp.zoned, stamp.tick_us, stamp.dated)


def within(first: Stamp | None, last: Stamp | None) -> Stamp | None:
    """Some instant from the first to the last of two: as one stamp with the room between them as its precision."""
    if first is None or last is None or last.us < first.us:
        return first
    return Stamp(first.us, first.zoned, last.us - first.us + last.tick_us, first.dated)


def failure_of(trace: str) -> Failure:
    """A traceback read line by line."""
    failure = Failure()
    for line in trace[: 64 * LINE_LIMIT].split("\n"):
        failure.add(0, ansi.strip(line))
    return failure


def first_line(message: str) -> str:
    return ansi.strip(message.strip().split("\n", 1)[0])[:TEXT]


def detail_of(message: str, trace: str) -> str:
    """The whole of an error's text: its message first where the traceback does not hold it."""
    message, trace = ansi.strip(message).strip("\n"), ansi.strip(trace).strip("\n")
    if not message or message.split("\n", 1)[0] in trace:
        return trace[:LINE_LIMIT]
    return f"{message}\n\n{trace}".strip("\n")[:LINE_LIMIT]
