"""A part that holds several logs, or is an archive, becomes several parts before anything of it is read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from ingest.formats.archive import Chosen, Damaged, chosen, kind_of, opened_member
from ingest.formats.detect import detect
from ingest.formats.pieces import PIECES, Piece, cut, laid_out, title
from ingest.reading.opened import Gone, source_of, stored
from ingest.reading.own_rules import formats_of
from triage.core.records import Side
from triage.models import Part
from triage.store import readings

log = logging.getLogger(__name__)
NAME_LIMIT = 255  # characters of a part's name
NAMED = 3  # files that are named where several were left out


class Division(msgspec.Struct):
    """What a part is divided into, and what is to be said of the rest."""

    pieces: list[readings.PieceOf]
    said: list[str]
    problem: str = ""


def divide(part: Part) -> None:
    """Splits a stored part where it holds more than one log. Never raises on content."""
    try:
        with stored(part) as file:
            kind = kind_of(file)
            division = _archive(part, chosen(file, part.name)) if kind else _several(part)
    except Gone:
        return  # its reading says so
    if division is None:
        return
    if not division.pieces:
        readings.give_up(part, readings.Read(reason=" ".join(division.said), problem=division.problem))
        return
    logs = "1 log" if len(division.pieces) == 1 else f"{len(division.pieces)} logs"
    reason = " ".join((f"It holds {logs}.", *division.said))
    told = readings.Read(format="archive" if kind else "several", reason=reason, problem=division.problem)
    readings.split(part, told, division.pieces)


def _several(part: Part) -> Division | None:
    """The pieces of a file; None where it is one log."""
    slot = Side(part.side)
    with stored(part) as file, source_of(part.name, file) as source:
        layout = laid_out(source, slot, formats_of(part.run.project, slot))
        if not layout.split:
            return None
        division = Division([], [layout.remark] if layout.remark else [])
        for piece in layout.pieces:
            _add(division, part, piece, _side(part, cut(source, piece), None))
    return division


def _archive(part: Part, choice: Chosen) -> Division:
    """The logs in an archive, each file of it in its own pieces."""
    division = Division([], [choice.left_out] if choice.left_out else [], choice.problem)
    unknown: list[str] = []
    formats = formats_of(part.run.project, Side(part.side))
    for whole in choice.pieces:
        with _member(part, whole.member) as source:
            if source is None:
                unknown.append(whole.member)
                continue
            layout = laid_out(source, Side(part.side), formats)
            for inner in layout.pieces:
                piece = msgspec.structs.replace(inner, member=whole.member)
                side = _side(part, cut(source, inner), None if layout.split else Side(part.side))
                if side is None:
                    unknown.append(whole.member)
                else:
                    _add(division, part, piece, side)
            if layout.split and layout.remark:
                division.said.append(f"{whole.member}: {layout.remark}")
    if unknown:
        names = ", ".join(unknown[:NAMED]) + (" and others" if len(unknown) > NAMED else "")
        division.said.append(f"No known format fits {names}.")
    if not division.pieces and not division.problem:
        division.problem = "Nothing in the archive is a log or a report that Lineup can read."
    return division


@contextmanager
def _member(part: Part, name: str) -> Iterator[object]:
    with stored(part) as file:
        try:
            inner = opened_member(file, name)
        except Damaged:
            yield None
            return
        with source_of(name, inner) as source:
            yield source


def _side(part: Part, source: object, slot: Side | None) -> Side | None:
    """The side that a piece's content tells; None where no format fits it."""
    detection = detect(source, slot, formats_of(part.run.project, slot))  # type: ignore[arg-type]
    return detection.side


def _add(division: Division, part: Part, piece: Piece, side: Side | None) -> None:
    if len(division.pieces) >= PIECES:
        return
    name = title(part.name, piece)
    if len(name) > NAME_LIMIT:
        mark = f"… {len(division.pieces) + 1}: "
        name = mark + name[len(mark) - NAME_LIMIT :]
    told = {key: value for key, value in msgspec.to_builtins(piece).items() if value != getattr(Piece(), key)}
    division.pieces.append(
        readings.PieceOf(
            name=name, side=(side or Side(part.side)).value, piece={"of": part.name, **told}, size=part.size
        )
    )
