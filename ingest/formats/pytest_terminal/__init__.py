"""pytest's terminal output: what a CI console shows of a test run, in every verbosity and traceback style."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import ansi
from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.pytest_terminal import grammar, progress, samples, sugar
from ingest.formats.pytest_terminal.outline import outline
from ingest.formats.pytest_terminal.reading import Reading
from ingest.formats.pytest_terminal.tokens import Kind, tokens
from triage.core.records import Record, Side, Stamp

NAME = "pytest-terminal"
TITLE = "pytest terminal output"
SIDE = Side.TESTS
SAMPLES = samples.SAMPLES

SURE = 0.97  # pytest's own bars are in it: nothing else writes them
LIKELY = 0.8


def recognises(head: Head) -> Recognition | None:
    """By pytest's own bars and progress lines; how much noise stands around them does not matter."""
    found: dict[str, int] = {}
    for text in head.lines:
        name = telltale(text)
        if name:
            found[name] = found.get(name, 0) + 1
    if not found:
        return None
    told = ", ".join(f"{count} {name}" for name, count in found.items())
    bars = sum(found.get(name, 0) for name in ("title bars", "session starts", "summary lines", "last lines"))
    if "session starts" in found or bars >= 2 or ("title bars" in found and len(found) > 1):
        return Recognition(SURE, f"pytest's own lines: {told}")
    if "title bars" in found or "last lines" in found or found.get("verbose lines", 0) >= 2 or "live sections" in found:
        return Recognition(LIKELY, f"looks like pytest's output: {told}")
    if "verbose lines" in found or "progress lines" in found or "block titles" in found:
        return Recognition(0.5, f"may be a piece of pytest's output: {told}")
    return None


def parse(source: Source, context: Context) -> Iterator[Record]:
    """Two passes: an outline, then the records. Never raises on content."""
    whole = outline(tokens((line, ansi.strip(raw)) for line, raw in source.lines()))
    reading = Reading(whole)
    told = _Told(source)
    for token in tokens(told):
        yield from reading.feed(token, told.after)
    yield from reading.finish()


class _Told:
    """The lines; `after` is the time at which a wrapper says that the newest was printed."""

    def __init__(self, source: Source) -> None:
        self.after: Stamp | None = None
        self._source = source

    def __iter__(self) -> Iterator[tuple[int, str]]:
        for line, raw in self._source.lines():
            outer = self._source.outer(line)
            self.after = outer.stamp if outer is not None else None
            yield line, ansi.strip(raw)


def telltale(text: str) -> str | None:
    """What the line is, in words, where only pytest writes such a line."""
    if text.startswith("Test session starts (") and sugar.session(text):
        return "session starts"
    if text.startswith("="):
        area = grammar.area(text)
        if area == "session":
            return "session starts"
        if area is not None and area != "other":
            return "title bars"
    if grammar.final(text) is not None:
        return "last lines"
    if "::" in text:
        told = progress.progress(text)
        if told is not None and (told.word or told.worker):
            return "verbose lines"
        if text.startswith(("FAILED ", "ERROR ", "PASSED ")) and grammar.summary(text) is not None:
            return "summary lines"
    if text.startswith("-") and (grammar.live(text) or grammar.section(text)):
        return "live sections"
    if "%]" in text and progress.is_dots(text):
        return "progress lines"
    if text.startswith("_") and len(text) >= 79 and grammar.bar(text, "_") and "_ _" not in text:
        return "block titles"
    return None


__all__ = ["NAME", "SAMPLES", "SIDE", "TITLE", "Kind", "parse", "recognises", "telltale"]
