"""A project's own line formats: the list, and the form with its preview."""

from __future__ import annotations

import io
from collections.abc import Mapping

import msgspec

from ingest.formats.line_format import BadPattern, Kind, LineFormat, compiled, guessed, name_of
from ingest.formats.line_format.fields import FIELDS
from ingest.formats.line_format.record import NAME_LIMIT, PATTERN_LIMIT
from ingest.formats.source import PartSource
from ingest.pages.tried import Section, bounded, read_as
from triage.core.records import Side
from triage.models import LineFormat as Row
from triage.store.text import clean

TIME_LIMIT = 100
START = "{time} [{pid}] {level} {message}"
START_SAMPLE = (
    "2026-11-23 01:30:00,053 [51463] INFO  POST /cars/add -> 200 in 12 ms\n"
    "2026-11-23 01:30:00,921 [51465] INFO  GET /cars -> 200 in 3 ms\n"
    "2026-11-23 01:30:01,007 [51465] ERROR KeyError: 'figo'\n"
    "Traceback (most recent call last):\n"
    '  File "cars.py", line 31, in find\n'
    "KeyError: 'figo'"
)


class FieldLine(msgspec.Struct, frozen=True):
    name: str
    means: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the form."""

    name: str = ""
    side: str = Side.SERVER.value
    kind: str = Kind.TEMPLATE.value
    pattern: str = START
    time: str = ""
    sample: str = START_SAMPLE

    def described(self) -> LineFormat:
        return LineFormat(name=self.name or "this format", pattern=self.pattern, side=Side(self.side),
                          kind=Kind(self.kind), time=self.time, sample=self.sample)  # fmt: skip


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft makes of its sample."""

    wrong: str = ""  # why the pattern cannot be used
    section: Section | None = None
    remarks: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()  # fields of the pattern that no line of the sample filled
    fields: tuple[str, ...] = ()  # those of the pattern
    cut: bool = False

    @property
    def lost(self) -> int:
        return self.section.understood.lost if self.section and self.section.understood else 0


def described(row: Row) -> LineFormat:
    """A row as the pure side knows it."""
    return LineFormat(name=row.name, pattern=row.pattern, side=Side(row.side), kind=Kind(row.kind), time=row.time,
                      sample=row.sample)  # fmt: skip


def draft_of(row: Row) -> Draft:
    return Draft(name=row.name, side=row.side, kind=row.kind, pattern=row.pattern, time=row.time, sample=row.sample)


def draft_from(posted: Mapping[str, str]) -> Draft:
    """What came in a form, bounded; what is no side or kind is the usual one."""

    def text(name: str, limit: int) -> str:
        return clean(posted.get(name, ""), limit).replace("\r\n", "\n")

    side, kind = posted.get("side", ""), posted.get("kind", "")
    return Draft(
        name=" ".join(text("name", 300).split())[: NAME_LIMIT + 1],
        side=side if side in {each.value for each in Side} else Side.SERVER.value,
        kind=kind if kind in {each.value for each in Kind} else Kind.TEMPLATE.value,
        pattern=text("pattern", PATTERN_LIMIT + 1000).strip("\n"),
        time=text("time", TIME_LIMIT).strip(),
        sample=bounded(text("sample", 400_000))[0],
    )


def with_guess(draft: Draft) -> Draft:
    """The same with the pattern that fits its sample best, as far as that can be guessed."""
    guess = guessed(draft.sample.split("\n"), Side(draft.side))
    return msgspec.structs.replace(draft, kind=Kind.TEMPLATE.value, pattern=guess or draft.pattern or START)


def wrong_with(draft: Draft) -> dict[str, str]:
    """Field of the form -> what has to be changed before it can be saved."""
    wrong = {}
    if not draft.name:
        wrong["name"] = "Give it a name: it is how runs show that a file was read this way."
    elif len(draft.name) > NAME_LIMIT:
        wrong["name"] = f"A name has at most {NAME_LIMIT} characters."
    elif name_of(draft.name) == "custom-":
        wrong["name"] = "A name needs a letter from a to z or a digit."
    try:
        compiled(draft.described())
    except BadPattern as bad:
        wrong["pattern"] = bad.sentence
    return wrong


def preview(draft: Draft) -> Preview:
    """Never raises on content."""
    try:
        found = compiled(draft.described())
    except BadPattern as bad:
        return Preview(wrong=bad.sentence)
    kept, cut = bounded(draft.sample)
    fields = tuple(dict.fromkeys(group.field for group in found.shape.groups))
    if not kept.strip():
        return Preview(fields=fields)
    source = PartSource("sample", io.BytesIO(kept.encode()))
    filled: set[str] = set()
    for _, raw in source.lines():
        filled.update(found.shape.told(raw) or ())
    remarks = ["It tells no more than a time and a message, so a built-in format that knows such lines goes before it."
               ] if found.shape.thin else []  # fmt: skip
    return Preview(
        section=read_as(source, found),
        remarks=tuple(remarks),
        unused=tuple(name for name in fields if name not in filled),
        fields=fields,
        cut=cut,
    )


def field_lines(side: Side) -> tuple[FieldLine, ...]:
    """What may stand in braces on that side."""
    return tuple(FieldLine(each.name, each.means) for each in FIELDS if side in each.sides)
