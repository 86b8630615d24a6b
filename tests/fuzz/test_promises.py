"""A format that breaks a promise would be seen."""

from __future__ import annotations

import types
from collections.abc import Iterator

import pytest

from ingest.formats import plain
from ingest.formats.base import Context, Source
from tests.fuzz.promises import broken
from triage.core.records import Entry, Outcome, Record, Stamp, TestResult, Unparsed

CONTENT = b"one\ntwo\nthree\n"
BAD: dict[str, list[Record]] = {
    "is told nowhere": [Unparsed(1, "one"), Unparsed(3, "three")],
    "told twice": [Unparsed(1, "one"), Unparsed(1, "one"), Unparsed(2, "two"), Unparsed(3, "three")],
    "out of order": [Unparsed(2, "two"), Unparsed(1, "one"), Unparsed(3, "three")],
    "has a NUL": [Entry(line=1, raw="one\ntwo\nthree", message="\0")],
    "no text that can be stored": [Entry(line=1, raw="one\ntwo\nthree", message="\ud800")],
    "outside the years": [Entry(line=1, raw="one\ntwo\nthree", stamp=Stamp(1 << 60))],
    "no level": [Entry(line=1, raw="one\ntwo\nthree", level="LOUD")],
    "none that a kernel gives out": [Entry(line=1, raw="one\ntwo\nthree", pid=0)],
    "without a name": [Unparsed(1, "one\ntwo\nthree"), TestResult(test=" ", outcome=Outcome.PASSED)],
    "several lines": [Unparsed(1, "one\ntwo\nthree"), TestResult(test="a", outcome=Outcome.PASSED, message="a\nb")],
}


@pytest.mark.parametrize("promise", BAD)
def test_a_broken_promise_is_seen(promise: str):
    def parse(source: Source, context: Context) -> Iterator[Record]:
        return iter(BAD[promise])

    said = broken(types.SimpleNamespace(NAME="new", SIDE=plain.SIDE, parse=parse), CONTENT)  # type: ignore[arg-type]
    assert any(promise in sentence for sentence in said), said


def test_a_kept_promise_is_not_doubted():
    assert broken(plain, CONTENT) == []
