"""Pasted lines: which format they are of, why, and what Lineup understands of each."""

from __future__ import annotations

import io
from collections.abc import Sequence

import msgspec

from ingest.formats import ansi
from ingest.formats.base import Context, Format, Source
from ingest.formats.detect import detect
from ingest.formats.line_format import Custom
from ingest.formats.line_format.shape import Shape
from ingest.formats.pieces import Piece, cut, pieces_of
from ingest.formats.read import read
from ingest.formats.source import PartSource
from ingest.pages.telling import PROCESSES_NAMED, REFERENCE_US, Tally, Telling, year_told
from ingest.pages.understood import SHOWN, Bit, Row, Understood, understood
from ingest.pages.words import counted
from triage.core.records import Fact, PidTrust, Record

PASTE_LIMIT = 65_536  # bytes of pasted lines that are looked at
NUMBERS_NAMED = 6
AROUND = 100  # lines around the sections that are shown


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of one format."""

    place: str  # which lines, where there are several stretches
    title: str = ""
    name: str = ""
    side: str = ""
    own: bool = False
    reason: str = ""
    problem: str = ""
    sentence: str = ""  # how much was understood
    sentences: tuple[str, ...] = ()
    telling: Telling | None = None
    understood: Understood | None = None


class Tried(msgspec.Struct, frozen=True):
    """What became of a paste."""

    sections: tuple[Section, ...]
    cut: bool  # it was longer than what is looked at
    around: int = 0  # lines that stand around the sections and are of none
    around_rows: tuple[Row, ...] = ()

    @property
    def understood_all(self) -> bool:
        return all(each.understood is not None and not each.understood.lost for each in self.sections)


def bounded(text: str) -> tuple[str, bool]:
    """What of a paste is looked at, and whether that is not all of it; no line is torn apart."""
    data = text.encode("utf-8", "replace")
    if len(data) <= PASTE_LIMIT:
        return data.decode("utf-8", "replace"), False
    kept = data[:PASTE_LIMIT]
    end = kept.rfind(b"\n")
    return kept[: end if end > 0 else PASTE_LIMIT].decode("utf-8", "ignore"), True


def tried(text: str, formats: Sequence[Format]) -> Tried:
    """Never raises on content."""
    kept, short = bounded(text)
    source = PartSource("pasted lines", io.BytesIO(kept.encode()))
    pieces = pieces_of(source, None, formats) or (Piece(),)
    sections = tuple(_section(cut(source, piece), piece, formats, len(pieces) > 1) for piece in pieces)
    if len(pieces) == 1:
        return Tried(sections, short)
    inside = {number for piece in pieces for number, _ in cut(source, piece).lines()}
    outside = [(number, raw) for number, raw in source.lines() if number not in inside and raw.strip()]
    rows = tuple(
        Row(number=number, state="joined", bits=(Bit(ansi.strip(raw)[:SHOWN]),)) for number, raw in outside[:AROUND]
    )
    return Tried(sections, short, len(outside), rows)


def _section(source: Source, piece: Piece, formats: Sequence[Format], several: bool) -> Section:
    place = _place(piece) if several else ""
    detection = detect(source, None, formats)
    found = detection.format
    if found is None:
        return Section(place=place, problem=detection.problem)
    return read_as(source, found, place=place, reason=detection.reason, problem=detection.problem)


def read_as(source: Source, found: Format, *, place: str = "", reason: str = "", problem: str = "") -> Section:
    """What that format makes of a source."""
    shape: Shape | None = found.shape if isinstance(found, Custom) else None
    records = list(_records(source, found, REFERENCE_US))
    made = understood(source.lines(), records, shape)
    text = "\n".join(raw for _, raw in source.lines())
    dated = year_told(found, text)
    return Section(
        place=place,
        title=found.TITLE,
        name=found.NAME,
        side=found.SIDE.value,
        own=shape is not None,
        reason=reason,
        problem=problem,
        sentence=_sentence(made),
        sentences=tuple(_sentences(made.tally, records, dated)),
        telling=made.tally.told(dated),
        understood=made,
    )


def _records(source: Source, found: Format, reference_us: int) -> list[Record]:
    return list(read(source, found, Context(reference_us=reference_us)))


def _place(piece: Piece) -> str:
    lines = f"lines {piece.first} to {piece.last}" if piece.last else f"line {piece.first} and on"
    return f"{piece.label}, {lines}" if piece.label else lines


def _sentence(made: Understood) -> str:
    if not made.lines:
        return "There is nothing but blank lines."
    if not made.lost:
        return "The one line is understood." if made.lines == 1 else f"All {made.lines:,} lines are understood."
    numbers = [row.number for row in (*made.rows, *made.besides) if row.state == "lost"]
    named = [str(number) for number in numbers[:NUMBERS_NAMED]]
    if made.lost > len(named):
        named.append(f"{made.lost - len(named):,} more")
    which = f"line {named[0]}" if made.lost == 1 else f"lines {', '.join(named[:-1])} and {named[-1]}"
    verb = "is" if made.lost == 1 else "are"
    return f"{made.lines - made.lost:,} of {counted(made.lines, 'line')} are understood; {which} {verb} not."


def _sentences(tally: Tally, records: list[Record], dated: bool) -> list[str]:
    said = []
    if tally.pids:
        named = [f"{pid} ({count:,})" for pid, count in tally.pids.most_common(PROCESSES_NAMED)]
        more = len(tally.pids) - len(named)
        said.append(
            f"{counted(len(tally.pids), 'process', 'processes')}, with entries: {', '.join(named)}"
            + (f" and {more:,} more." if more > 0 else ".")
        )
    elif tally.entries:
        said.append("No line names its process: Lineup cannot tell which worker served a request.")
    if tally.trusts[PidTrust.UNKNOWN]:
        said.append("Some PIDs are not the speaker's own, or may not be: they prove nothing.")
    for fact in records:
        if isinstance(fact, Fact) and fact.name == "pid_is_parents":
            said.append(f"PID {fact.value[:10]} is a parent's: other processes wrote under it.")
            break
    if tally.stamps["local"]:
        zone = next((f.value for f in records if isinstance(f, Fact) and f.name == "zone_abbreviation"), "")
        which = "Some" if tally.stamps["zoned"] else "The"
        said.append(
            f"The lines name the zone only as {zone[:10]}, which is several."
            if zone
            else f"{which} times carry no zone: declare it with the run, or Lineup finds the offset from matched "
            "requests."
        )
    if tally.stamps["undated"]:
        said.append("The times carry no day: it is taken from the run.")
    elif not dated:
        said.append("The times carry no year: it is taken from the run.")
    if not tally.ticks and (tally.entries or tally.steps):
        said.append("No line tells a time: only their order is known.")
    return said
