"""Described lines of the tests' side as steps."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.base import Outer
from ingest.formats.client_logs.client_steps import Place, StepReader
from ingest.formats.client_logs.log_line import LogLine
from ingest.formats.line_format.lines import Line, Lines, level_of
from ingest.formats.messages.said import pid_of
from triage.core.records import Record, Unparsed

PLACES = 10_000  # tests that are told apart; a run has thousands
NOTHING = Outer()


def steps(lines: Lines) -> Iterator[Record]:
    """Steps in file order; requests in their messages are found, each once."""
    read: list[LogLine | None] = [None]  # what the line that is fed now tells: it has been read already
    reader = StepReader(columns=lambda _: read[0])
    places: dict[tuple[str, str], Place] = {}
    says = "message" in lines.shape.fields
    place = Place(log=True)
    for line in lines:
        if line.told is None and not line.joins:
            yield from reader.flush()
            yield Unparsed(line.number, line.raw)
            continue
        read[0] = None
        if line.told is not None:
            read[0] = _columns(line, line.told, says)
            where = (line.told.get("test", ""), line.told.get("worker", ""))
            found = places.get(where)
            if found is None:
                found = Place(test=where[0] or None, worker=where[1], log=True)
                if len(places) < PLACES:
                    places[where] = found
            place = found
        yield from reader.feed(line.number, line.raw, place)
    yield from reader.flush()


def _columns(line: Line, told: dict[str, str], says: bool) -> LogLine:
    return LogLine(
        message=told.get("message", "") if says else line.text,
        stamp=line.stamp or (line.outer or NOTHING).stamp,
        level=level_of(told.get("level", "")),
        logger=told.get("logger", "").strip(),
        pid=pid_of(told.get("pid")),
    )
