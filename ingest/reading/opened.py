"""A stored part, or the piece of one, opened and recognised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO, Protocol

import msgspec
from django.conf import settings

from ingest import native_journal, storage
from ingest.formats.base import Context, Format, Source
from ingest.formats.detect import detect, resolve
from ingest.formats.pieces import Piece, cut
from ingest.formats.source import PartSource
from ingest.reading.own_rules import formats_of
from ingest.reading.progress import Gauge
from ingest.redaction.redactor import Redactor
from triage.core.records import Fact, Side, micros
from triage.models import Part, Run
from triage.store import readings

READER_VERSION = 2  # grows when today's formats would read a stored part differently
FACT_LIMIT, FACT_LENGTH = 1_000, 4_000
PROBLEMS_LIMIT = 5  # sentences that one part shows


class Measured(Source, Gauge, Protocol):
    """A source that tells how far its current pass is."""


class Found(msgspec.Struct, frozen=True):
    """What a part turned out to be."""

    part: Part
    side: Side | None
    format: Format | None
    reason: str = ""
    problem: str = ""  # why it cannot be read, or what was odd about it


def worth_keeping(fact: Fact, facts: list[Fact]) -> bool:
    return len(facts) < FACT_LIMIT and len(fact.value) <= FACT_LENGTH


class Gone(Exception):
    """The stored bytes of a part are not there."""


@contextmanager
def opened(part: Part) -> Iterator[Measured]:
    """The part's lines, as its piece tells. Raises Gone where the file is missing or may not be opened."""
    with stored(part) as file, source_of(file_name(part), file) as source:
        yield cut(source, piece_of(part))  # type: ignore[misc]  # every view tells how far it is


@contextmanager
def stored(part: Part) -> Iterator[BinaryIO]:
    """The bytes as they were uploaded. Raises Gone."""
    try:
        file = storage.open_part(part.sha256)
    except (OSError, ValueError) as error:
        raise Gone("Its stored file is missing on this server, so it could not be read; send it again.") from error
    with file:
        yield file


@contextmanager
def source_of(name: str, file: BinaryIO) -> Iterator[PartSource]:
    """The file as a source; a journal's own binary file as what journalctl prints of it."""
    limit = settings.LINEUP_MAX_UNPACKED_BYTES
    plain = PartSource(name, file, limit)
    if native_journal.is_native(next(plain.blocks(), b"")):
        with native_journal.exported(file, limit, name) as journal:
            yield journal
    else:
        yield plain


def piece_of(part: Part) -> Piece:
    told = {name: value for name, value in part.piece.items() if name != "of"}
    return msgspec.convert(told, Piece)


def file_name(part: Part) -> str:
    """The name of the file that its lines are in; it may hint at the host."""
    return str(part.piece.get("member") or part.piece.get("of") or part.name)


def console_of(part: Part) -> str:
    """The file that the part is a stretch of; "" where it is all of one."""
    return file_name(part) if part.piece.keys() & {"first", "last"} else ""


def recognise(part: Part) -> Found:
    """Looks at the beginning of a part only. Never raises on content."""
    slot = Side(part.side)
    try:
        with opened(part) as source:
            detection = detect(source, slot, formats_of(part.run.project, slot))
    except Gone as gone:
        return Found(part, None, None, problem=str(gone))
    sided = resolve(slot, detection)
    problem = " ".join(filter(None, (sided.remark, detection.problem)))
    if detection.format is None or sided.side is None:
        return Found(part, None, None, detection.reason, problem or "No known format fits this file.")
    return Found(part, sided.side, detection.format, detection.reason, problem)


def reference_us(run: Run) -> int:
    """An instant near the run, for stamps that lack a year or a day."""
    at: datetime = run.started_at or run.finished_at or run.received_at
    return micros(at)


def context(part: Part, reference: int) -> Context:
    return Context(reference_us=reference, host_hint=file_name(part))


def come_to(
    found: Found, source: Source, redactor: Redactor, facts: list[Fact], notes: list[str], **counts: object
) -> readings.Read:
    """What reading came to, with everything that was wrong in one text. What lines said in it is redacted as well."""
    said = [found.problem, source.problem or "", *(fact.value for fact in facts if fact.name == "problem"), *notes]
    problems = list(dict.fromkeys(filter(None, said)))[:PROBLEMS_LIMIT]
    kept = redactor.records(fact for fact in facts if fact.name != "problem")
    return readings.Read(
        format=found.format.NAME if found.format else "",
        reason=redactor.text(found.reason),
        problem=redactor.text(" ".join(problems)),
        facts=tuple(kept),  # type: ignore[arg-type]  # facts stay facts
        reader_version=READER_VERSION,
        redacted=dict(redactor.counts),
        **counts,  # type: ignore[arg-type]
    )
