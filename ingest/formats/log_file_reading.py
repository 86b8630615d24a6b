"""A file of log records as steps: the shape is learned from its beginning, messages of several lines are joined."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ingest.formats import ansi, log_json, log_line
from ingest.formats.base import Source
from ingest.formats.client_steps import Place, StepReader
from triage.core.records import Record, Unparsed

LEARN_LINES = 1_000


def read(source: Source) -> Iterator[Record]:
    """Steps of no particular test: such a file does not say which test ran."""
    shape = log_line.learn(ansi.strip(raw) for _, raw in islice(source.lines(), LEARN_LINES))
    steps = StepReader(shape)
    place = Place(log=True)
    begun = False
    for line, raw in source.lines():
        if not begun:
            text = ansi.strip(raw)
            begun = log_line.read(text, shape) is not None or log_json.read(text) is not None
            if not begun:
                if text.strip():
                    yield Unparsed(line, raw)
                continue
        yield from steps.feed(line, raw, place)
    yield from steps.flush()
