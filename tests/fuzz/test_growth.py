"""Four times the input takes four times the work, counted in lines of ours that are executed and not in seconds.

What the interpreter does inside of one line is measured by `python -m tests.fuzz.growth`.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ingest.formats.base import Context, Format, Source
from tests.fuzz.growing import NUMBER, WORD, counted
from tests.fuzz.parsers import PARSERS
from tests.fuzz.promises import CONTEXT, part
from triage.core.records import Record

SMALL, LARGE = 50_000, 200_000  # bytes
MOST = 5.0  # times the work for four times the input
SAMPLES = 2  # of a format


def lines_executed(format: Format, content: bytes) -> int:
    """Of the project's own code, while a part is read."""
    count = 0

    def within(frame: types.FrameType, event: str, argument: object) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return within

    def entered(frame: types.FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        return within if "/ingest/" in frame.f_code.co_filename or frame.f_code.co_name == "square" else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        for _ in format.parse(part(content), CONTEXT):
            pass
    finally:
        sys.settrace(before)
    return count


def times_the_work(format: Format, sample: str) -> float:
    """With new numbers each time, and with new words: what a reader remembers grows in one way or the other."""
    grown = (counted(sample, pattern) for pattern in (NUMBER, WORD))
    return max(lines_executed(format, made(LARGE)) / lines_executed(format, made(SMALL)) for made in grown)


@pytest.mark.parametrize("format", PARSERS, ids=lambda format: format.NAME)
def test_the_work_of_reading_grows_with_the_input(format: Format):
    for sample in format.SAMPLES[:SAMPLES]:
        assert times_the_work(format, sample) < MOST, sample


def test_a_reader_that_looks_at_all_before_each_would_be_seen():
    def square(source: Source, context: Context) -> Iterator[Record]:
        seen: list[str] = []
        for _, text in source.lines():
            for each in seen:
                if each == text:
                    break
            seen.append(text)
        return iter(())

    assert times_the_work(types.SimpleNamespace(NAME="square", parse=square), "a line of 50 characters " * 2) > MOST  # type: ignore[arg-type]
