"""Samples of the client formats, read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from ingest.formats.base import Context, Format
from ingest.formats.read import read as read_part
from ingest.formats.source import PartSource
from triage.core.records import Fact, Record, Step, TestResult, Unparsed

FORMATS = Path(__file__).parent.parent / "formats"
CONTEXT = Context(reference_us=1_795_403_400_000_000)


class Read:
    """All records of one part, by kind."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records
        self.steps = [each for each in records if isinstance(each, Step)]
        self.results = [each for each in records if isinstance(each, TestResult)]
        self.unparsed = [each for each in records if isinstance(each, Unparsed)]
        self.facts = {each.name: each.value for each in records if isinstance(each, Fact)}

    def result(self, test: str) -> TestResult:
        """The only result of a test, or of its last attempt."""
        return [each for each in self.results if each.test == test][-1]

    def of(self, test: str) -> list[Step]:
        return [each for each in self.steps if each.test == test]

    def requests(self, test: str | None = None) -> list[tuple[str | None, str | None, int | None]]:
        """(method, path, status) of every request, in order."""
        return [
            (each.request.method, each.request.path, each.request.status)
            for each in self.steps
            if each.request is not None and each.request.path and (test is None or each.test == test)
        ]


def source(content: str | bytes, name: str = "part") -> PartSource:
    return PartSource(name, BytesIO(content if isinstance(content, bytes) else content.encode()))


def read(what: Format, content: str | bytes, name: str = "part") -> Read:
    return Read(list(read_part(source(content, name), what, CONTEXT)))


def sample(path: str) -> bytes:
    """The bytes of a file under tests/formats."""
    return (FORMATS / path).read_bytes()
