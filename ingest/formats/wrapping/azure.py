"""Azure Pipelines: the same stamps as GitHub's runner, other markers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.formats.base import Source
from ingest.formats.wrapping.runner_stamp import take
from ingest.formats.wrapping.wrapper import MOST, Line, each, share

NAME = "azure-pipelines"
TITLE = "Azure Pipelines' log"
SAMPLES = (
    "2026-11-23T01:30:00.1234567Z ##[section]Starting: Run the tests\n"
    "2026-11-23T01:30:00.2345678Z ==============================================================================\n"
    "2026-11-23T01:30:00.2345678Z Task         : Command line",
)


def fits(lines: Sequence[str]) -> bool:
    return share(lines, take) >= MOST and any(" ##[section]" in text[:60] for text in lines)


def lines(source: Source, limit: int) -> Iterator[Line]:
    return each(source, limit, take, carry=True)
