"""A file of log records as steps: the shape is learned from its beginning, messages of several lines are joined."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ingest.formats import ansi
from ingest.formats.base import Source
from ingest.formats.client_logs import log_line, log_record, rich_lines
from ingest.formats.client_logs.client_steps import Place, StepReader
from triage.core.records import Record, Unparsed

LEARN_LINES = 1_000


def read(source: Source) -> Iterator[Record]:
    """Steps of no particular test: such a file does not say which test ran."""
    sample = [ansi.strip(raw) for _, raw in islice(source.lines(), LEARN_LINES)]
    shape = log_line.learn(sample)
    steps = StepReader(shape)
    place = Place(log=True)
    begun = False
    for line, raw, text in _lines(source, rich_lines.is_rich(sample)):
        if not begun:
            begun = log_record.read(text, shape) is not None
            if not begun:
                if text.strip():
                    yield Unparsed(line, raw)
                continue
        yield from steps.feed(line, raw, place, text)
    yield from steps.flush()


def _lines(source: Source, rich: bool) -> Iterator[tuple[int, str, str]]:
    if rich:
        yield from rich_lines.joined(source.lines())
        return
    for line, raw in source.lines():
        yield line, raw, ansi.strip(raw)
