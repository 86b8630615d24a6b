"""Wrapped samples and corpus files, read as their pieces."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import msgspec

from ingest.formats.base import Context
from ingest.formats.detect import Detection, detect
from ingest.formats.pieces import cut, laid_out, title
from ingest.formats.read import read
from ingest.formats.source import PartSource
from triage.core.records import Entry, Record, Stamp, Step, TestResult, Unparsed, instant

CORPUS = Path(__file__).parent.parent / "formats"
CONTEXT = Context(reference_us=1_795_403_400_000_000)  # 2026-11-23


class Part(msgspec.Struct):
    """One piece, read."""

    name: str
    detection: Detection
    records: list[Record]

    @property
    def entries(self) -> list[Entry]:
        return [each for each in self.records if isinstance(each, Entry)]

    @property
    def steps(self) -> list[Step]:
        return [each for each in self.records if isinstance(each, Step)]

    @property
    def results(self) -> list[TestResult]:
        return [each for each in self.records if isinstance(each, TestResult)]

    @property
    def unparsed(self) -> list[Unparsed]:
        return [each for each in self.records if isinstance(each, Unparsed)]

    @property
    def format(self) -> str:
        return self.detection.format.NAME if self.detection.format else ""


def source(content: str | bytes, name: str = "part.log") -> PartSource:
    return PartSource(name, BytesIO(content if isinstance(content, bytes) else content.encode()))


def parts_of(content: str | bytes, name: str = "part.log") -> list[Part]:
    """All pieces of a part."""
    whole = source(content, name)
    parts = []
    for piece in laid_out(whole).pieces:
        view = cut(whole, piece)
        detection = detect(view)
        records = list(read(view, detection.format, CONTEXT)) if detection.format else []
        parts.append(Part(title(name, piece), detection, records))
    return parts


def only(content: str | bytes) -> Part:
    (part,) = parts_of(content)
    return part


def corpus(path: str) -> bytes:
    return (CORPUS / path).read_bytes()


def clock(stamp: Stamp | None) -> str:
    """06:54:03.738824, or nothing."""
    return f"{instant(stamp.us):%H:%M:%S.%f}" if stamp is not None else ""
