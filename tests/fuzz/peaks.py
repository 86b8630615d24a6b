"""How much memory each reader takes for hostile parts: `python -m tests.fuzz.peaks KIND` prints it as JSON.

A process of its own, because one that has lived for a while has memory to reuse, and hides what is taken anew. The
parts are made as they are read, so that they cost nothing themselves.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from ingest.formats.base import Context, Source
from ingest.formats.journal import short as journal_short
from ingest.formats.source import PartSource
from tests.fuzz.parsers import PARSERS
from tests.fuzz.promises import CONTEXT
from triage.core.records import Record

MIB = 1 << 20
BLOCK = 1 << 16  # bytes given at once: what a reader takes apart of one block at a time is small beside what it keeps


TRACEBACK = b"[2026-11-23 01:33:57 +0000] [7] [ERROR] Error\nTraceback (most recent call last):\n"
FAILURE = b"=" * 35 + b" FAILURES " + b"=" * 35 + b"\n" + b"_" * 36 + b" test_a " + b"_" * 36 + b"\n"


class Repeated(io.RawIOBase):
    """A file that begins and ends as told, with a unit repeated between, and is nowhere in memory."""

    def __init__(self, begin: bytes, unit: bytes, length: int, end: bytes = b"") -> None:
        self._begin, self._end = begin, end
        self._unit = unit * (MIB // len(unit) + 2)
        self._turn = len(unit)
        self._length = length // len(unit) * len(unit)
        self._at = 0

    def seek(self, at: int, whence: int = 0) -> int:
        self._at = at if whence == 0 else self._at + at if whence == 1 else self._size + at
        return self._at

    def tell(self) -> int:
        return self._at

    @property
    def _size(self) -> int:
        return len(self._begin) + self._length + len(self._end)

    def read(self, size: int = -1) -> bytes:
        size = BLOCK if size < 0 else min(size, BLOCK)
        at, begun = self._at, len(self._begin)
        if at < begun:
            piece = self._begin[at : at + size]
        elif at < begun + self._length:
            offset = (at - begun) % self._turn
            piece = self._unit[offset : offset + min(size, begun + self._length - at)]
        else:
            piece = self._end[at - begun - self._length :][:size]
        self._at += len(piece)
        return piece


LONG = {
    "a line of 50 MB": lambda: Repeated(b"Nov 23 01:30:00 vm gunicorn[1]: ", b"x", 50 * MIB),
    "a JSON text of 50 MB": lambda: Repeated(b'{"__REALTIME_TIMESTAMP":"1795397400053850","MESSAGE":"', b"x", 50 * MIB),
    "JSON as deep as 2 MB can be": lambda: Repeated(b'{"a":', b'{"a":[', 2 * MIB),
    "a JSON object of 200,000 fields": lambda: Repeated(b'{"$report_type":1', b',"a":1', 1_200_000, b"}\n"),
    "an XML attribute of 20 MB": lambda: Repeated(
        b'<testsuite><testcase classname="a" name="', b"x", 20 * MIB, b'"/></testsuite>'
    ),
    "an XML element of many attributes": lambda: Repeated(b"<testsuite><testcase ", b'a="" ', MIB, b"/></testsuite>"),
    "XML as deep as 2 MB can be": lambda: Repeated(b"<testsuite>", b"<testcase>", 2 * MIB),
    "a journal's field of 50 MB": lambda: Repeated(b"__REALTIME_TIMESTAMP=1\nMESSAGE=", b"x", 50 * MIB, b"\n\n"),
    "a million carriage returns in a line": lambda: Repeated(b"a\n", b"\r", MIB),
}
MANY = {
    "empty lines": lambda: Repeated(b"", b"\n", 100_000),
    "lines of nothing known": lambda: Repeated(b"", b"word word\n", 1_500_000),
    "fields of one journal entry": lambda: Repeated(b"__REALTIME_TIMESTAMP=1\n", b"A=1\n", 300_000),
    "lines of a traceback": lambda: Repeated(TRACEBACK, b'  File "a.py"\n', 1_000_000),
    "lines of a failure": lambda: Repeated(FAILURE, b"E   x\n", 500_000),
    "JSON lines": lambda: Repeated(b"", b'{"event":"x","level":"info"}\n', 1_500_000),
    "cases of a report": lambda: Repeated(b"<testsuite>", b'<testcase name="a"/>', 500_000, b"</testsuite>"),
}


def peak_of(format: Any, part: Callable[[], Repeated]) -> int:
    """Bytes by which reading lets a process grow; in a child, so that what was there before does not count."""
    theirs, ours = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            for _ in format.parse(PartSource("web1.log", part()), CONTEXT):  # type: ignore[arg-type]
                pass
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            os.write(ours, str(grown * 1024).encode())
        finally:
            os._exit(0)
    os.close(ours)
    with os.fdopen(theirs) as told:
        answer = told.read()
    os.waitpid(child, 0)
    assert answer, f"{format.NAME} did not come to an end"
    return int(answer)


def greedy(source: Source, context: Context) -> Iterator[Record]:
    """What no reader may do."""
    return iter(list(journal_short.parse(source, context)))


def main(kind: str) -> None:
    part = (LONG | MANY)[kind]
    readers = [*PARSERS, SimpleNamespace(NAME="greedy", parse=greedy)]
    print(json.dumps({reader.NAME: peak_of(reader, part) for reader in readers}))


if __name__ == "__main__":
    main(sys.argv[1])
