"""One corpus file through the doors that an upload goes through: unpacked, recognised, read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import msgspec

from ingest.formats.base import Context, Source
from ingest.formats.detect import Detection, detect
from ingest.formats.gather import Offered, in_pieces
from ingest.formats.pieces import laid_out
from ingest.formats.read import read
from ingest.given_files import offered
from triage.core.records import Entry, Fact, Record, Side, Step, TestResult, Unparsed


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A file, or one piece of it, and all that was read of it."""

    where: str = ""  # which piece; "" for the whole file
    lines: int  # that are not blank
    detection: Detection
    records: tuple[Record, ...]
    problem: str = ""  # of the bytes

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
    def facts(self) -> list[Fact]:
        return [each for each in self.records if isinstance(each, Fact)]

    @property
    def not_understood(self) -> list[int]:
        """Numbers of the lines that fitted nothing; all of a file that no format fits."""
        if self.detection.format is None:
            return list(range(1, self.lines + 1))
        return [
            each.line + more
            for each in self.records
            if isinstance(each, Unparsed)
            for more in range(each.raw.rstrip("\n").count("\n") + 1)
        ]

    @property
    def text_only(self) -> int:
        """Entries kept as the text that they are: nothing tells when, how grave, or by whom they were written."""
        return sum(
            each.stamp is None and each.request is None and each.life is None and not each.level and each.pid is None
            for each in self.entries
        )


def read_file(path: Path, slot: Side | None, context: Context) -> list[Stretch]:
    """Every piece of a file, in its order; of an archive, those of its members."""
    with path.open("rb") as file, ExitStack() as stack:
        parts, _ = in_pieces(_offers(path, file, slot, stack))
        return [_stretch(_where(path, part), part.source, part.slot, context) for part in parts]


def lines_outside(path: Path, slot: Side | None) -> int:
    """Of a file in pieces: how many lines belong to none."""
    with path.open("rb") as file, ExitStack() as stack:
        return sum(laid_out(offer.source, offer.slot).outside for offer in _offers(path, file, slot, stack))


def _offers(path: Path, file: BinaryIO, slot: Side | None, stack: ExitStack) -> list[Offered]:
    return [msgspec.structs.replace(offer, slot=slot) for offer in offered(path.name, file, stack, [])]


def _where(path: Path, part: Offered) -> str:
    return part.title.removeprefix(path.name).removeprefix(", ")


def _stretch(where: str, source: Source, slot: Side | None, context: Context) -> Stretch:
    detection = detect(source, slot)
    records = tuple(_records(source, detection, context))
    problem = source.problem or ""
    lines = sum(1 for _, text in source.lines() if text.strip())
    return Stretch(where=where, lines=lines, detection=detection, records=records, problem=problem)


def _records(source: Source, detection: Detection, context: Context) -> Iterator[Record]:
    if detection.format is not None:
        yield from read(source, detection.format, context)
