"""A part into records: the one door to every parser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.formats.base import Context, Format, Source
from ingest.formats.detect import detect
from ingest.formats.outer_times import with_outer
from ingest.formats.registry import FORMATS
from ingest.formats.wrapping.unwrap import unwrapped, wrappers_of
from triage.core.records import Fact, Record, Side


def read(
    source: Source, what: Format | Side | str | None, context: Context, formats: Sequence[Format] = FORMATS
) -> Iterator[Record]:
    """Every line of the part as a record, in file order: understood, or Unparsed.

    `what` is the format that detection found, its name, or only the side, from which the format is then detected. A
    part that no format fits gives one Fact("problem", sentence).
    """
    found, problem = _format(source, what, formats)
    if found is None:
        yield Fact(name="problem", value=problem)
        return
    inner = unwrapped(source)
    if not wrappers_of(inner):
        yield from found.parse(source, context)
    else:
        yield from with_outer(found, inner, context)


def named(name: str, formats: Sequence[Format] = FORMATS) -> Format | None:
    """The format of that name."""
    for each in formats:
        if name == each.NAME:
            return each
    return None


def _format(source: Source, what: Format | Side | str | None, formats: Sequence[Format]) -> tuple[Format | None, str]:
    if what is None or isinstance(what, Side):
        detection = detect(source, what, formats)
        return detection.format, detection.problem
    if isinstance(what, str):
        return named(what, formats), f"There is no format {what}."
    return what, ""
