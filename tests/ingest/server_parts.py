"""Parts of bytes or of the kept samples, and what reading makes of them."""

from __future__ import annotations

import io
from pathlib import Path

from ingest.formats.base import Context
from ingest.formats.detect import detect
from ingest.formats.read import read
from ingest.formats.source import PartSource
from triage.core.records import Entry, Fact, Record, Unparsed

SAMPLES = Path(__file__).parent.parent / "formats"
NOVEMBER_2026 = 1_795_397_400_000_000  # 2026-11-23T01:30:00Z


def part(content: bytes | str, name: str = "server.log") -> PartSource:
    return PartSource(name, io.BytesIO(content if isinstance(content, bytes) else content.encode()))


def sample(path: str) -> PartSource:
    return part((SAMPLES / path).read_bytes(), path.rsplit("/", 1)[-1])


def records(source: PartSource, what: object = None, reference_us: int = NOVEMBER_2026) -> list[Record]:
    found = what or detect(source).format
    return list(read(source, found, Context(reference_us=reference_us, host_hint=source.name)))  # type: ignore[arg-type]


def entries(source: PartSource, reference_us: int = NOVEMBER_2026) -> list[Entry]:
    return [record for record in records(source, reference_us=reference_us) if isinstance(record, Entry)]


def facts(source: PartSource) -> list[tuple[str, str]]:
    return [(record.name, record.value) for record in records(source) if isinstance(record, Fact)]


def lives(found: list[Entry]) -> list[tuple[str, int | None, str]]:
    return [(e.life.what.value, e.life.subject, e.life.reason) for e in found if e.life]


def requests(found: list[Entry]) -> list[tuple[int | None, str | None, str | None, int | None]]:
    return [(e.pid, e.request.method, e.request.path, e.request.status) for e in found if e.request]


def every_line_is_told(content: bytes, made: list[Record], *, joins: bool) -> bool:
    """Lines are told once each, in order; with `joins` an entry also covers the lines behind it."""
    numbers = [record.line for record in made if isinstance(record, Entry | Unparsed)]
    if numbers != sorted(set(numbers)):
        return False
    told = set(numbers) | {record.line for record in made if isinstance(record, Fact)}
    written = {number for number, text in part(content).lines() if text.strip()}
    if joins:
        return not written or min(written) in told
    return written <= told
