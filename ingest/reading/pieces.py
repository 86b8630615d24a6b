"""A part that holds several logs, or is an archive, becomes several parts before anything of it is read."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import BinaryIO

import msgspec

from ingest import storage
from ingest.formats.archive import Damaged, chosen, kind_of, opened_member
from ingest.formats.decompress import Inflow
from ingest.formats.detect import detect
from ingest.formats.pieces import PIECES, Piece, cut, laid_out, title
from ingest.reading.opened import Gone, source_of, stored
from ingest.reading.own_rules import formats_of, redactor_of
from triage.core.records import Side
from triage.models import Part
from triage.store import readings

log = logging.getLogger(__name__)
NAME_LIMIT = 255  # characters of a part's name
ROOM = 2 << 30  # bytes that the logs of one archive may unfold to
BLOCK = 1 << 20


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
            division = _archive(part, file, kind) if kind else _several(part)
    except Gone:
        return  # its reading says so
    if division is None:
        return
    redactor = redactor_of(part.run.project)  # the names of files and containers are a stranger's words too
    said, problem = redactor.text(" ".join(division.said)), redactor.text(division.problem)
    if not division.pieces:
        readings.give_up(part, readings.Read(reason=said, problem=problem))
        return
    logs = "1 log" if len(division.pieces) == 1 else f"{len(division.pieces)} logs"
    form = "archive" if kind else "several"
    reason = f"It holds {logs}. {said}".strip()
    pieces = [msgspec.structs.replace(piece, name=redactor.text(piece.name)) for piece in division.pieces]
    readings.split(part, readings.Read(format=form, reason=reason, problem=problem), pieces)


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


def _archive(part: Part, file: BinaryIO, kind: str) -> Division:
    """The logs in an archive, each taken out of it once and kept as a file of its own."""
    slot = Side(part.side)
    formats = formats_of(part.run.project, slot)
    with ExitStack() as stack:
        problem = ""
        if kind == "tar-packed":  # nothing in it has a place that could be gone to
            file, problem = _unpacked(file, stack)
        choice = chosen(file, part.name, formats)
        said = [choice.left_out] if choice.left_out else []
        division = Division([], said, " ".join(filter(None, (problem, choice.problem))))
        room = ROOM
        for whole in choice.pieces:
            taken = _taken_out(file, whole.member, room)
            if isinstance(taken, str):
                division.said.append(f"{whole.member}: {taken}")
                continue
            sha256, size = taken
            room -= size
            with storage.open_part(sha256) as own, source_of(whole.member, own) as source:
                layout = laid_out(source, slot, formats)
                for inner in layout.pieces:
                    piece = msgspec.structs.replace(inner, member=whole.member)
                    side = _side(part, cut(source, inner), None if layout.split else slot)
                    _add(division, part, piece, side, sha256, size)
                if layout.split and layout.remark:
                    division.said.append(f"{whole.member}: {layout.remark}")
    if not division.pieces and not division.problem:
        division.problem = "Nothing in the archive is a log or a report that Lineup can read."
    return division


def _unpacked(file: BinaryIO, stack: ExitStack) -> tuple[BinaryIO, str]:
    """The tar itself, in a file without a name; a sentence where it is not all of it."""
    plain = stack.enter_context(storage.nameless())
    inflow = Inflow(file, ROOM)
    for block in inflow.blocks():
        plain.write(block)
    return plain, inflow.problem or ""


def _taken_out(file: BinaryIO, member: str, room: int) -> tuple[str, int] | str:
    """(name in the store, size) of one file of the archive; or a sentence on why it is not read."""
    with storage.Incoming() as incoming:
        try:
            inner = opened_member(file, member)
            while block := inner.read(BLOCK):
                if incoming.size + len(block) > room:
                    return f"the logs of one archive may have {ROOM >> 20:,} MiB, and it is beyond them."
                incoming.write(block)
        except Damaged as fault:
            if not incoming.size:
                return f"it could not be read: {fault.strerror}."
        incoming.finish()
        return incoming.keep(), incoming.size


def _side(part: Part, source: object, slot: Side | None) -> Side | None:
    """The side that a piece's content tells; None where no format fits it."""
    detection = detect(source, slot, formats_of(part.run.project, slot))  # type: ignore[arg-type]
    return detection.side


def _add(
    division: Division, part: Part, piece: Piece, side: Side | None, sha256: str = "", size: int | None = None
) -> None:
    if len(division.pieces) >= PIECES:
        return
    name = title(part.name, piece)
    if len(name) > NAME_LIMIT:
        mark = f"… {len(division.pieces) + 1}: "
        name = mark + name[len(mark) - NAME_LIMIT :]
    told = {key: value for key, value in msgspec.to_builtins(piece).items() if value != getattr(Piece(), key)}
    division.pieces.append(
        readings.PieceOf(
            name=name,
            side=(side or Side(part.side)).value,
            piece={"of": part.name, **told},
            sha256=sha256 or part.sha256,
            size=part.size if size is None else size,
        )
    )
