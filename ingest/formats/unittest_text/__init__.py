"""What unittest prints of a run, with -v or without, and Django's `manage.py test`."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import ansi
from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.client_logs import log_line
from ingest.formats.unittest_text import lines
from ingest.formats.unittest_text.reading import Reading
from ingest.formats.unittest_text.samples import SAMPLES
from triage.core.records import Record, Side

NAME = "unittest-text"
TITLE = "unittest's text output"
SIDE = Side.TESTS
SURE = 0.95  # under what pytest's own bars score: a test of pytest's may print a whole run of unittest's
LIKELY = 0.8
PYTEST = " test session starts "


def recognises(head: Head) -> Recognition | None:
    """By the lines that name a test and its outcome, the titles of the failures, and the count at the end."""
    found: dict[str, int] = {}
    for text in head.lines:
        if PYTEST in text:
            return None
        tale = telltale(text)
        if tale:
            found[tale] = found.get(tale, 0) + 1
    if not found:
        return None
    told = ", ".join(f"{count} {name}" for name, count in found.items())
    if "counts at the end" in found or "failure titles" in found:
        return Recognition(SURE, f"unittest's own lines: {told}")
    tests = found.get("test lines", 0)
    if not tests:
        return None
    return Recognition(LIKELY if tests > 1 else 0.5, f"looks like unittest's output: {told}")


def telltale(text: str) -> str | None:
    """What the line is, in words, where only unittest writes such a line."""
    if lines.ran(text) is not None:
        return "counts at the end"
    if lines.title(text) is not None:
        return "failure titles"
    named = lines.named(text)
    return "test lines" if named is not None and lines.is_start(named) and lines.is_alone(named) else None


def parse(source: Source, context: Context) -> Iterator[Record]:
    """One pass that sees one line ahead. Never raises on content."""
    reading = Reading(log_line.learn(source.head().lines))
    held: tuple[int, str] | None = None
    for line, raw in source.lines():
        text = ansi.strip(raw)
        if held is not None:
            yield from reading.feed(held[0], held[1], text)
        held = line, text
    if held is not None:
        yield from reading.feed(held[0], held[1], "")
    yield from reading.finish()


__all__ = ["NAME", "SAMPLES", "SIDE", "TITLE", "parse", "recognises", "telltale"]
