"""GitHub Actions: the log of a job as its API and its zip files give it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.formats.base import Source
from ingest.formats.wrapping.runner_stamp import take
from ingest.formats.wrapping.wrapper import MOST, Line, each, share

NAME = "github-actions"
TITLE = "GitHub Actions' job log"
SAMPLES = (
    "\ufeff2026-11-23T01:30:00.1234567Z ##[group]Run pytest -v\n2026-11-23T01:30:00.2345678Z ##[endgroup]\n"
    "2026-11-23T01:30:01.3456789Z ============================= test session starts =============================",
)


def fits(lines: Sequence[str]) -> bool:
    return share(lines, take) >= MOST


def lines(source: Source, limit: int) -> Iterator[Line]:
    """A message of several lines has a stamp on its first one only."""
    return each(source, limit, take, carry=True)
