"""A part that holds several logs, or is an archive, becomes several parts before anything of it is read."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import BinaryIO

import msgspec
from django.conf import settings

from ingest import storage
from ingest.formats.archive import Damaged, chosen, kind_of, opened_member
from ingest.formats.decompress import Inflow
from ingest.formats.detect import detect
from ingest.formats.pieces import PIECES, Piece, cut, laid_out, title
from ingest.reading.opened import Gone, source_of, stored
from ingest.reading.own_rules import formats_of, redactor_of
from ingest.reading.progress import Unpacking
from ingest.redaction.redactor import Redactor
from triage.core.records import Side
from triage.models import Part
from triage.store import readings

log = logging.getLogger(__name__)
NAME_LIMIT = 255  # characters of a part's name
ROOM = 2 << 30  # bytes that the logs of one archive may unfold to
RUN_PIECES = 2_000  # of all parts of a run: each is read, and shown, as a part of its own
BLOCK = 1 << 20


class Division:
    """What a part is divided into, and what is to be said of the rest."""

    def __init__(self, part: Part, redactor: Redactor) -> None:
        self.pieces: list[readings.PieceOf] = []
        self.said: list[str] = []
        self.problem = ""
        self.outside = 0  # lines that are in no log
        self._part = part
        self._redactor = redactor  # the names of files and containers are a stranger's words too
        there, unfolded = Part.objects.pieces_of_others(part)
        self.room = max(0, min(ROOM, settings.LINEUP_MAX_RUN_BYTES - unfolded))  # bytes that it may take on the disk
        self._limit = max(0, min(PIECES, RUN_PIECES - there))
        self._names: set[str] = set()
        self._known: set[tuple[str, Piece]] = set()
        self._twice = 0
        self.over = 0  # logs beyond the bound

    def add(self, piece: Piece, side: Side | None, sha256: str, size: int) -> None:
        """A log; nothing where it is there already, or one too many."""
        lines = msgspec.structs.replace(piece, member="")
        if (sha256, lines) in self._known:
            self._twice += 1
            return
        if len(self.pieces) >= self._limit:
            self.over += 1
            return
        self._known.add((sha256, lines))
        piece = msgspec.structs.replace(piece, member=self._redactor.text(piece.member))  # it is taken out already
        told = {key: value for key, value in msgspec.to_builtins(piece).items() if value != getattr(Piece(), key)}
        self.pieces.append(
            readings.PieceOf(
                name=self._name(piece),
                side=(side or Side(self._part.side)).value,
                piece={"of": self._part.name, **told},
                sha256=sha256,
                size=size,
            )
        )

    def _name(self, piece: Piece) -> str:
        """Redacted before it is cut, for half a secret is recognised by nothing; unique, for it is the piece's key."""
        name = self._redactor.text(title(self._part.name, piece))
        if len(name) > NAME_LIMIT or name in self._names:
            mark = f"… {len(self.pieces) + 1}: "
            name = mark + name[max(0, len(name) + len(mark) - NAME_LIMIT) :]
        self._names.add(name)
        return name

    def told(self, **of_part: str) -> readings.Read:
        said, wrong = list(self.said), [self.problem] if self.problem else []
        if self._twice:
            said.append(f"{_logs(self._twice)} more of the same content {_are(self._twice)} not read again.")
        if self.over:
            many = f"{PIECES} of one file" if self._limit == PIECES else f"{RUN_PIECES:,} of one run"
            wrong.append(f"{_logs(self.over)} more {_are(self.over)} left out: at most {many} are read.")
        if not self.pieces and not wrong:
            wrong.append("Nothing in the archive is a log or a report that Lineup can read.")
        reason, problem = self._redactor.text(" ".join(said)), self._redactor.text(" ".join(wrong))
        if self.pieces:
            reason = f"It holds {_logs(len(self.pieces))}. {reason}".strip()
        return readings.Read(reason=reason, problem=problem, skipped_lines=self.outside, **of_part)


def divide(part: Part, unpacking: Unpacking) -> None:
    """Splits a stored part where it holds more than one log. Never raises on content; Large as `unpacking` does."""
    try:
        with stored(part) as file:
            kind = kind_of(file)
            division = _archive(part, file, kind, unpacking) if kind else _several(part)
    except Gone:
        return  # its reading says so
    if division is None:
        readings.not_split(part)
    elif not division.pieces:
        readings.give_up(part, division.told())
    else:
        readings.split(part, division.told(format="archive" if kind else "several"), division.pieces)


def _several(part: Part) -> Division | None:
    """The pieces of a file; None where it is one log."""
    slot = Side(part.side)
    with stored(part) as file, source_of(part.name, file) as source:
        layout = laid_out(source, slot, formats_of(part.run.project, slot))
        if not layout.split:
            return None
        division = Division(part, redactor_of(part.run.project))
        division.said += [layout.remark] if layout.remark else []
        division.outside, division.over = layout.outside, layout.more
        for piece in layout.pieces:
            division.add(piece, _side(part, cut(source, piece), None), part.sha256, part.size)
    return division


def _archive(part: Part, file: BinaryIO, kind: str, unpacking: Unpacking) -> Division:
    """The logs in an archive, each taken out of it once and kept as a file of its own."""
    slot = Side(part.side)
    formats = formats_of(part.run.project, slot)
    with ExitStack() as stack:
        problem = ""
        if kind == "tar-packed":  # nothing in it has a place that could be gone to
            file, problem = _unpacked(file, stack, unpacking)
        choice = chosen(file, part.name, formats)
        division = Division(part, redactor_of(part.run.project))
        division.said += [choice.left_out] if choice.left_out else []
        division.problem = " ".join(filter(None, (problem, choice.problem)))
        for whole in unpacking.each(choice.pieces):
            sha256, size, fault = _taken_out(file, whole.member, division.room, unpacking)
            if fault:
                division.said.append(f"{whole.member}: {fault}")
            if not sha256:
                continue
            division.room -= size
            with storage.open_part(sha256) as own, source_of(whole.member, own) as source:
                layout = laid_out(source, slot, formats)
                for inner in layout.pieces:
                    piece = msgspec.structs.replace(inner, member=whole.member)
                    side = _side(part, cut(source, inner), None if layout.split else slot)
                    division.add(piece, side, sha256, size)
                division.outside += layout.outside
                division.over += layout.more
                if layout.split and layout.remark:
                    division.said.append(f"{whole.member}: {layout.remark}")
    return division


def _unpacked(file: BinaryIO, stack: ExitStack, unpacking: Unpacking) -> tuple[BinaryIO, str]:
    """The tar itself, in a file without a name; a sentence where it is not all of it."""
    plain = stack.enter_context(storage.nameless())
    inflow = Inflow(file, ROOM)
    for block in inflow.blocks():
        plain.write(block)
        unpacking.gained(0)
    return plain, inflow.problem or ""


def _taken_out(file: BinaryIO, member: str, room: int, unpacking: Unpacking) -> tuple[str, int, str]:
    """One file of the archive: (name in the store, or "" where it is not read; its size; what is missing, in words)."""
    with storage.Incoming() as incoming:
        fault = ""
        try:
            inner = opened_member(file, member)
            while block := inner.read(BLOCK):
                if incoming.size + len(block) > room:
                    return "", 0, f"the logs of one archive may have {ROOM >> 20:,} MiB, and it is beyond them."
                incoming.write(block)
                unpacking.gained(len(block))
        except Damaged as damaged:
            if not incoming.size:
                return "", 0, f"it could not be read: {damaged.strerror}."
            fault = f"{damaged.strerror}; what could be read before that is used."
        incoming.finish()
        return incoming.keep(), incoming.size, fault


def _side(part: Part, source: object, slot: Side | None) -> Side | None:
    """The side that a piece's content tells; None where no format fits it."""
    detection = detect(source, slot, formats_of(part.run.project, slot))  # type: ignore[arg-type]
    return detection.side


def _logs(count: int) -> str:
    return "1 log" if count == 1 else f"{count:,} logs"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
