"""What a wrapper said of each line, put into the records that were read from it.

A container runtime's time is that of the line: it goes before the program's own, as a journal's does. A CI's time is
that of the printing: a log that was printed at the end of the job was written long before. It is only used where the
lines show that they were printed as they were written.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec

from ingest.formats.base import Context, Format, Outer, Source
from triage.core.records import SECOND, Entry, Fact, Record, Side, Stamp, Step

LOOKED_AT = 500  # records from which it is told whether a log was printed as it was written
LATE = 5 * SECOND  # a program's buffer and a runner may take so long
QUARTER = 15 * 60 * SECOND  # zones differ by whole ones
SHARE = 0.8
DUMPED = 200  # lines a second that no server under test writes, and every `cat` does
LEAST_SPAN = SECOND
LATER = "Its lines were printed later than they were written, so the times of the console are not used for them."


def with_outer(format: Format, source: Source, context: Context) -> Iterator[Record]:
    """The records of `format.parse`, each with what the wrapper said of its first line. `source` is unwrapped."""
    live = format.SIDE is not Side.SERVER or _printed_at_once(format, source, context)
    told = False
    for record in format.parse(source, context):
        if isinstance(record, Entry):
            outer = source.outer(record.line)
            if outer is not None:
                if outer.printed and not live:
                    if not told and record.stamp is None and outer.stamp is not None:
                        told = True
                        yield Fact(name="printed_later", value=LATER, line=record.line)
                    outer = msgspec.structs.replace(outer, stamp=None)
                record = _entry(record, outer)
        elif isinstance(record, Step) and record.after is None:
            outer = source.outer(record.line)
            if outer is not None and outer.stamp is not None:
                record = msgspec.structs.replace(record, after=outer.stamp)
        yield record


def _entry(entry: Entry, outer: Outer) -> Entry:
    stamp, inner = entry.stamp, entry.inner
    if outer.stamp is not None:
        if stamp is None:
            stamp = outer.stamp
        elif inner is None and outer.stamp.dated and not outer.printed:
            stamp, inner = outer.stamp, stamp
    unit, host = entry.unit or outer.unit, outer.host or entry.host
    if stamp is entry.stamp and inner is entry.inner and unit == entry.unit and host == entry.host:
        return entry
    return msgspec.structs.replace(entry, stamp=stamp, inner=inner, unit=unit, host=host)


def _printed_at_once(format: Format, source: Source, context: Context) -> bool:
    """Whether the entries' own times are those of their printing; without own times, whether they came in a trickle."""
    lags: list[bool] = []
    without: list[int] = []
    for record in islice(format.parse(source, context), LOOKED_AT):
        if not isinstance(record, Entry):
            continue
        outer = source.outer(record.line)
        if outer is None or outer.stamp is None or not outer.printed:
            continue
        if record.stamp is not None:
            lags.append(_in_time(record.stamp, outer.stamp))
        else:
            without.append(outer.stamp.us)
    if lags:
        return sum(lags) >= SHARE * len(lags)
    span = max(without) - min(without) if without else 0
    return span >= LEAST_SPAN and len(without) * SECOND <= DUMPED * span


def _in_time(own: Stamp, printed: Stamp) -> bool:
    late = printed.us - own.us
    if not (own.zoned and printed.zoned and own.dated and printed.dated):
        late = (late + SECOND) % QUARTER - SECOND
    return -SECOND - own.tick_us <= late <= LATE + own.tick_us
