"""`gh run view --log`: GitHub's job logs with the job and the step before each line, with tabs between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.formats.base import Outer, Source
from ingest.formats.wrapping import runner_stamp
from ingest.formats.wrapping.wrapper import MOST, Line, each, share

NAME = "github-cli"
TITLE = "the output of gh run view --log"
SAMPLES = (
    "test\tRun pytest\t\ufeff2026-11-23T01:30:00.1234567Z ##[group]Run pytest -v\n"
    "test\tRun pytest\t2026-11-23T01:30:00.2345678Z pytest -v",
)
NAMES_LIMIT = 400  # characters of a job's name and a step's name


def take(text: str) -> tuple[str, Outer] | None:
    step = text.find("\t", 0, NAMES_LIMIT)
    start = text.find("\t", step + 1, step + NAMES_LIMIT) if step > 0 else -1
    return runner_stamp.take(text[start + 1 :]) if start > 0 else None


def fits(lines: Sequence[str]) -> bool:
    return share(lines, take) >= MOST


def lines(source: Source, limit: int) -> Iterator[Line]:
    return each(source, limit, take, carry=True)
