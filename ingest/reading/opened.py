"""A stored part, opened and recognised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec
from django.conf import settings

from ingest import storage
from ingest.formats.base import Context, Format
from ingest.formats.detect import detect, resolve
from ingest.formats.source import PartSource
from triage.core.records import Fact, Side, micros
from triage.models import Part, Run
from triage.store import readings

READER_VERSION = 1  # grows when today's formats would read a stored part differently
FACT_LIMIT, FACT_LENGTH = 1_000, 4_000
PROBLEMS_LIMIT = 5  # sentences that one part shows


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
def opened(part: Part) -> Iterator[PartSource]:
    """Raises Gone where the file is missing or may not be opened."""
    try:
        file = storage.open_part(part.sha256)
    except (OSError, ValueError) as error:
        raise Gone("Its stored file is missing on this server, so it could not be read; send it again.") from error
    with file:
        yield PartSource(part.name, file, settings.LINEUP_MAX_UNPACKED_BYTES)


def recognise(part: Part) -> Found:
    """Looks at the beginning of a part only. Never raises on content."""
    try:
        with opened(part) as source:
            detection = detect(source, Side(part.side))
    except Gone as gone:
        return Found(part, None, None, problem=str(gone))
    sided = resolve(Side(part.side), detection)
    problem = " ".join(filter(None, (sided.remark, detection.problem)))
    if detection.format is None or sided.side is None:
        return Found(part, None, None, detection.reason, problem or "No known format fits this file.")
    return Found(part, sided.side, detection.format, detection.reason, problem)


def reference_us(run: Run) -> int:
    """An instant near the run, for stamps that lack a year or a day."""
    at: datetime = run.started_at or run.finished_at or run.received_at
    return micros(at)


def context(part: Part, reference: int) -> Context:
    return Context(reference_us=reference, host_hint=part.name)


def come_to(found: Found, source: PartSource, facts: list[Fact], notes: list[str], **counts: object) -> readings.Read:
    """What reading came to, with everything that was wrong in one text."""
    said = [found.problem, source.problem or "", *(fact.value for fact in facts if fact.name == "problem"), *notes]
    problems = list(dict.fromkeys(filter(None, said)))[:PROBLEMS_LIMIT]
    return readings.Read(
        format=found.format.NAME if found.format else "",
        reason=found.reason,
        problem=" ".join(problems),
        facts=tuple(fact for fact in facts if fact.name != "problem"),
        reader_version=READER_VERSION,
        **counts,  # type: ignore[arg-type]
    )
