"""What every format promises of whatever bytes it is given; `broken` says which promise some bytes break.

No exception, no record that Postgres or a page could not take, no line that is told nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from typing import Any

from ingest.formats.base import LINE_LIMIT, Context, Format
from ingest.formats.messages.said import LEVELS, PID_LIMIT
from ingest.formats.source import PartSource
from triage.core.records import Entry, Fact, Record, Request, Side, Stamp, Step, TestResult, Unparsed, instant

CONTEXT = Context(reference_us=1_795_397_400_000_000, host_hint="web1.log")  # 2026-11-23T01:30:00Z
# Tests-side formats that tell every line; reports and terminal output leave out what only decorates.
LINE_BY_LINE = ("loguru", "python-log", "pytest-log-file")
# Server formats whose records are no lines.
NOT_BY_LINE = ("journal-export",)
DECORATION = ("-- ", "--", "░░")  # of journalctl: notes, and what its catalogue says of an entry
FRAME = re.compile(rb"[1-9]\d{0,6} <")  # syslog with octet counting
KNOWN_LEVELS = frozenset(LEVELS.values()) | {""}
CUT = "…"  # the mark of a line that was cut
LARGEST = 1 << 62  # of numbers that a column of eight bytes is to hold


def part(content: bytes, name: str = "web1.log") -> PartSource:
    return PartSource(name, BytesIO(content))


def by_line(format: Format) -> bool:
    """Whether the format tells every line that is not blank."""
    if format.SIDE is Side.SERVER:
        return format.NAME not in NOT_BY_LINE
    return format.NAME in LINE_BY_LINE


def broken(format: Format, content: bytes) -> list[str]:
    """The promises that reading `content` breaks, in words; exceptions come through."""
    records = list(format.parse(part(content), CONTEXT))
    said = list(dict.fromkeys(wrong for record in records for wrong in wrong_in(record)))
    if by_line(format):
        said += _lost(format, content, records)
    return said


def _lost(format: Format, content: bytes, records: list[Record]) -> Iterator[str]:
    """A line is told where a record begins, or where a record's text has it."""
    numbers = [record.line for record in records if isinstance(record, Entry | Unparsed)]
    if any(before > after for before, after in pairwise(numbers)):
        yield "lines are told out of order"
    if FRAME.match(content):
        return  # counted frames: a count that lies cuts lines anywhere, and several may stand on one
    if any(before == after for before, after in pairwise(numbers)):
        yield "lines are told twice"
    told = {record.line for record in records}
    texts: set[str] = set()
    for record in records:
        raw = getattr(record, "raw", "")
        if len(raw) >= LINE_LIMIT - 1:
            return  # cut, and marked as such
        texts.update(line.strip() for line in raw.split("\n"))
    decorated = DECORATION if format.NAME.startswith("journal-") else ()
    for number, text in part(content).lines():
        if number in told or not text.removesuffix(CUT).strip() or text.strip() in texts or text.startswith(decorated):
            continue
        yield f"line {number} is told nowhere: {text[:80]!r}"
        return


def wrong_in(record: Record) -> Iterator[str]:
    """What of a record no table or page could take."""
    kind = type(record).__name__
    for name, value in _fields(record):
        if isinstance(value, str):
            if "\0" in value:
                yield f"{kind}.{name} has a NUL"
            if len(value) > LINE_LIMIT:
                yield f"{kind}.{name} is longer than a line may be"
            if not _is_text(value):
                yield f"{kind}.{name} is no text that can be stored"
        elif isinstance(value, Stamp):
            yield from (f"{kind}.{name} {wrong}" for wrong in _wrong_time(value))
        elif isinstance(value, int) and abs(value) > LARGEST:
            yield f"{kind}.{name} is too large a number"
    if isinstance(record, Entry | Step) and record.level not in KNOWN_LEVELS:
        yield f"{kind}.level {record.level!r} is no level"
    if isinstance(record, Entry | Unparsed) and record.line < 1:
        yield f"{kind}.line is before the first"
    if isinstance(record, Entry) and record.pid is not None and not 0 < record.pid <= PID_LIMIT:
        yield "Entry.pid is none that a kernel gives out"
    if isinstance(record, TestResult):
        if not record.test.strip():
            yield "TestResult without a name"
        if "\n" in record.message:
            yield "TestResult.message has several lines"
        if record.attempt < 1:
            yield "TestResult.attempt is before the first"
    if isinstance(record, Fact) and not record.name:
        yield "Fact without a name"


def _fields(record: Any, within: str = "") -> Iterator[tuple[str, Any]]:
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, Request) or type(value).__name__ == "LifeEvent":
            yield from _fields(value, f"{within}{name}.")
        elif isinstance(value, tuple):
            yield from ((f"{within}{name}", item) for pair in value for item in pair)
        else:
            yield f"{within}{name}", value


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wrong_time(stamp: Stamp) -> Iterator[str]:
    try:
        instant(stamp.us)
    except OverflowError:
        yield "is outside the years that there are"
    if stamp.tick_us < 1:
        yield "has no precision"
    if not stamp.dated and not 0 <= stamp.us <= 86_400_000_000:
        yield "is no time of a day"
