"""A pattern made ready: what a line that fits it tells, field by field, and where a line that does not leaves it."""

from __future__ import annotations

from functools import cached_property, lru_cache

import msgspec

from ingest.formats.line_format import engine
from ingest.formats.line_format.record import BadPattern, clipped
from ingest.formats.line_format.times import Read

LOOK = 8_192  # characters of a line that the pattern is tried on; a longer line's message takes the rest
FIELDS_LIMIT = 30
# Lines of every kind: a pattern that fits them all describes none.
ANYTHING = ("x", "{", "<testsuite>", "0123 4567", "a b c d e f g", "== 1 passed in 0.1s ==")


class Piece(msgspec.Struct, frozen=True):
    """One part of a pattern, in the order of the line."""

    written: str  # as its author wrote it
    looks: str
    field: str = ""
    form: str = ""  # the unit of a bare number
    pad: str = ""  # blanks that a bracket may hold around it
    greedy: str = ""  # the same, taking as much as it can: for the last part that fits
    read: Read | None = None  # of a time


class Group(msgspec.Struct, frozen=True):
    """Where a field stands among the groups of the whole."""

    field: str
    number: int  # from 1
    form: str = ""
    read: Read | None = None


class Stop(msgspec.Struct, frozen=True):
    """Where a line and a pattern part."""

    at: int  # characters of the line that fit
    wanted: str  # the part of the pattern that came next; "" where the pattern had ended


class Shape:
    """A pattern that was found good. Raises BadPattern from its making."""

    def __init__(self, expression: str, groups: tuple[Group, ...], pieces: tuple[Piece, ...]) -> None:
        if len(groups) > FIELDS_LIMIT:
            raise BadPattern(f"A line has at most {FIELDS_LIMIT} fields; this has {len(groups)}.")
        self.pattern = engine.compiled(expression)
        self.groups = groups
        self.fields = frozenset(group.field for group in groups)
        self._pieces = pieces
        self._last = groups[-1].number if groups and groups[-1].field == "message" else 0
        if not self.fields & {"time", "message"}:
            raise BadPattern("The pattern has neither a time nor a message, so its lines would tell nothing.")
        if engine.groups(self.pattern, "") is not None:
            raise BadPattern("The pattern fits an empty line: it has to name something that every line has.")
        if all(engine.groups(self.pattern, text) is not None for text in ANYTHING):
            raise BadPattern(
                "The pattern fits every line there is; begin it with {time}, or with what its lines share."
            )

    @property
    def thin(self) -> bool:
        """It tells no more than a time and a message: whoever knows such lines better goes first."""
        return self.fields <= {"time", "message", "_"}

    def told(self, text: str) -> dict[str, str] | None:
        """Field by field what a line tells, empty ones left out; None where it does not fit."""
        found = engine.groups(self.pattern, text if len(text) <= LOOK else text[:LOOK])
        if found is None:
            return None
        told = {}
        for group in self.groups:
            value = found[group.number - 1]
            if value and value != "-":
                told[group.field] = value
        if len(text) > LOOK and self._last:
            told["message"] = told.get("message", "") + text[LOOK:]
        return told

    def spans(self, text: str) -> list[tuple[str, int, int]] | None:
        """(field, first character, end) of each field in a line, in the line's order."""
        found = engine.spans(self.pattern, text[:LOOK])
        if found is None:
            return None
        placed = [(group.field, *found[group.number]) for group in self.groups]
        return sorted((each for each in placed if each[1] >= 0 and each[2] > each[1]), key=lambda each: each[1:])

    def stop(self, text: str) -> Stop | None:
        """Where a line that does not fit leaves the pattern; None where that cannot be told."""
        text = text[:LOOK]
        low, high = 0, len(self._beginnings)  # how many pieces fit: fewer always do
        if not high:
            return None
        while low < high:
            middle = (low + high + 1) // 2
            if engine.end_of_beginning(self._beginning(middle), text) is None:
                high = middle - 1
            else:
                low = middle
        at = (engine.end_of_beginning(self._beginning(low), text) or 0) if low else 0
        wanted = self._pieces[low].written if low < len(self._pieces) else ""
        return Stop(at, wanted)

    def why(self, text: str) -> str:
        """Why a line is not understood, in a sentence."""
        if self.told(text) is not None:
            return "It fits, but what stands in the place of the time is no time that Lineup can read."
        stop = self.stop(text)
        if stop is None:
            return "It does not fit the pattern."
        rest = clipped(text[stop.at : stop.at + 60])
        if not stop.wanted:
            return f"The pattern ends before “{rest}”: end it with the message."
        if not rest:
            return f"It ends where {stop.wanted} should follow."
        if not stop.at:
            return f"It does not begin with {stop.wanted}."
        return f"Where {stop.wanted} should follow, it goes on with “{rest}”."

    @cached_property
    def _beginnings(self) -> tuple[str, ...]:
        """The pattern's first piece, its first two, and so on; the last of each takes all that it can."""
        made = []
        whole = ""
        for piece in self._pieces:
            made.append(f"{whole}{piece.pad}(?:{piece.greedy or piece.looks})")
            whole += f"{piece.pad}(?:{piece.looks}){piece.pad}"
        return tuple(made)

    def _beginning(self, count: int) -> engine.Pattern:
        return _compiled(self._beginnings[count - 1])


@lru_cache(maxsize=256)
def _compiled(expression: str) -> engine.Pattern:
    return engine.compiled(expression)


def of_pieces(pieces: tuple[Piece, ...]) -> Shape:
    """The shape of a template."""
    expression = ""
    groups: list[Group] = []
    for piece in pieces:
        if piece.field and piece.field != "_":
            expression += f"{piece.pad}({piece.looks}){piece.pad}"
            groups.append(Group(piece.field, len(groups) + 1, piece.form, piece.read))
        else:
            expression += f"(?:{piece.looks})"
    return Shape(expression, tuple(groups), pieces)
