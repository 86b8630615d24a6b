"""A described line as a Format: detected, read and named like the built-in ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.formats import ansi, bare
from ingest.formats.base import Context, Format, Head, Recognition, Source
from ingest.formats.line_format import expression, template
from ingest.formats.line_format.lines import Lines, continues
from ingest.formats.line_format.record import PATTERN_LIMIT, BadPattern, Kind, LineFormat, name_of
from ingest.formats.line_format.server import entries
from ingest.formats.line_format.shape import Shape, of_pieces
from ingest.formats.line_format.tests import steps
from ingest.formats.registry import FORMATS
from triage.core.records import Record, Side

WELL = 0.6  # a share of lines that fit, from which on the team's word goes before Lineup's own guess


class Custom:
    """Keeps the Format protocol."""

    def __init__(self, described: LineFormat, shape: Shape) -> None:
        self.NAME = name_of(described.name)
        self.TITLE = described.name
        self.SIDE = described.side
        self.SAMPLES: tuple[str, ...] = (described.sample,) if described.sample.strip() else ()
        self.shape = shape

    def recognises(self, head: Head) -> Recognition | None:
        """Its score is over 1 where it fits well: what the team said of its own lines goes before any guess."""
        fits, tried = fitting(self.shape, head.lines)
        if not fits:
            return None
        share = fits / tried
        said = f"{fits} of {tried} lines fit this project's own line format “{self.TITLE}”."
        if self.shape.thin:
            return Recognition(0.5 * share, said)
        return Recognition(1 + share if share >= WELL else 0.5 * share, said)

    def parse(self, source: Source, context: Context) -> Iterator[Record]:
        """Entries or steps in file order; a line that neither fits nor goes on with the one before is Unparsed."""
        lines = Lines(self.shape, source, context)
        return entries(lines, context) if self.SIDE is Side.SERVER else steps(lines)


def compiled(described: LineFormat) -> Custom:
    """The format of such lines. Raises BadPattern with a sentence on what is wrong and where."""
    return Custom(described, shape_of(described))


def shape_of(described: LineFormat) -> Shape:
    """Raises BadPattern."""
    pattern = described.pattern
    if not pattern.strip():
        raise BadPattern("Write a pattern, such as {time} [{pid}] {level} {message}.")
    if len(pattern) > PATTERN_LIMIT:
        raise BadPattern(f"The pattern has {len(pattern):,} characters; {PATTERN_LIMIT:,} is the most.")
    if "\n" in pattern or "\r" in pattern:
        raise BadPattern("The pattern describes one line, so it has to be one line itself.")
    if described.kind is Kind.TEMPLATE:
        return of_pieces(template.pieces(pattern.strip(), described.side))
    pattern = pattern.strip()
    groups = expression.groups(pattern, described.side, described.time.strip())
    return Shape(pattern, groups, expression.pieces(pattern))


def fitting(shape: Shape, lines: Sequence[str]) -> tuple[int, int]:
    """(lines that fit, lines tried); blank lines and those that go on with the one before are not tried."""
    fits = tried = 0
    traceback = False
    for raw in lines:
        if not raw.strip():
            continue
        text = ansi.strip(raw) if "\x1b" in raw else raw
        if shape.told(text) is not None:
            fits, tried, traceback = fits + 1, tried + 1, False
        else:
            joins, traceback = continues(text, traceback)
            tried += not joins
        if tried >= bare.HEAD_SAMPLE:
            break
    return fits, tried


def preferred(own: Sequence[LineFormat], slot: Side | None) -> tuple[Format, ...]:
    """What a part that was sent in that slot may be: the project's own formats of that side, then all built-in ones.

    A team's pattern speaks of one side; it never turns a part of the other side into one of its own.
    """
    made: list[Format] = []
    for described in own:
        if slot is None or described.side is slot:
            try:
                made.append(compiled(described))
            except BadPattern:
                continue  # it was good when it was saved: the settings page shows what is wrong with it now
    return (*made, *FORMATS)
