"""Keeps what the parts of a run said: tests parts as one compressed blob, server parts as their counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec
import zstandard
from django.db import models, transaction

from triage.core.records import Entry, Fact, PartRecords
from triage.models import Part, Reading, Run
from triage.store import entries, partitions
from triage.store.text import clean

BLOB_LIMIT = 256 * 1024 * 1024  # bytes of msgpack that a blob may unfold to; writing keeps far below it
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(PartRecords)


class Unreadable(Exception):
    """A blob that today's records do not fit: its part has to be read again."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What reading a part came to, apart from the records themselves."""

    format: str = ""
    reason: str = ""
    entries: int = 0
    skipped_lines: int = 0
    problem: str = ""
    facts: tuple[Fact, ...] = ()
    window_low_us: int | None = None
    window_high_us: int | None = None
    read_for: str = ""
    reader_version: int = 0
    redacted: dict[str, int] = {}  # secrets taken out, by kind


class PieceOf(msgspec.Struct, frozen=True):
    """One piece of a part that holds several logs."""

    name: str
    side: str
    piece: dict[str, object]  # ingest's Piece, by its fields
    sha256: str  # of the file that it is in: the part's, or one taken out of an archive
    size: int  # bytes that reading it goes through


def begin(part: Part) -> int:
    """Counts a try before it is made, so that a part that kills its reader is known by its count."""
    Part.objects.by_id(part.pk).update(attempts=models.F("attempts") + 1)
    return part.attempts + 1


def not_counted(part: Part) -> None:
    """The try that `begin` counted ended by itself and in order: another task makes it."""
    Part.objects.by_id(part.pk).update(attempts=part.attempts)


def keep_tests(part: Part, read: Read, records: PartRecords) -> None:
    """A tests part was read: its records and what they came to, in one step."""
    blob = zstandard.ZstdCompressor(level=3).compress(_encoder.encode(records))
    with transaction.atomic():
        locked = Part.objects.locked(part.pk)
        if locked.kept:
            entries.remove([part.pk], part.run.received_on)
        Reading.objects.update_or_create(
            part=locked, defaults={"blob": blob, "steps": len(records.steps), "results": len(records.results)}
        )
        _mark(locked, Part.State.READ, read, kept=0)


def keep_server(part: Part, read: Read | Callable[[int], Read], rows: Iterable[Entry]) -> int:
    """A server part was read: its rows replace those that there were, and their number is returned.

    `rows` is consumed as Postgres takes it in; where `read` is a function, it is asked after that, with the number.
    """
    day = part.run.received_on
    partitions.ensure(day)  # before the transaction: attaching a day must not wait for a long load
    with transaction.atomic():
        locked = Part.objects.locked(part.pk)
        kept = entries.write(part.pk, day, rows)
        Reading.objects.of_part(part.pk).delete()
        _mark(locked, Part.State.READ, read if isinstance(read, Read) else read(kept), kept=kept)
    return kept


def split(part: Part, read: Read, pieces: Sequence[PieceOf]) -> None:
    """A part holds several logs: each becomes a part of its own, the same ones on every repeat.

    What was taken for a piece by an earlier version, or with other line formats, goes.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update(no_key=True).get(pk=part.run_id)  # an upload gives out positions too
        locked = Part.objects.locked(part.pk)
        entries.remove([part.pk], part.run.received_on)
        Reading.objects.of_part(part.pk).delete()
        same = {each.name: each for each in pieces}
        known = {piece.name for piece in locked.pieces.all() if _is(piece, same.get(piece.name))}
        _remove_pieces(locked, but=known)
        position = 1 + max(each.position for each in run.parts.identities())
        Part.objects.bulk_create(
            Part(
                run=run, position=position + number, side=each.side, name=each.name, parent=locked, piece=each.piece,
                sha256=each.sha256, size=each.size,
            )
            for number, each in enumerate(one for one in pieces if one.name not in known)
        )  # fmt: skip
        _mark(locked, Part.State.SPLIT, read, kept=0)


def not_split(part: Part) -> None:
    """A part is one log, whatever it was taken for before."""
    with transaction.atomic():
        _remove_pieces(part, but=frozenset())


def keep_window(part: Part, read_for: str) -> None:
    """What was kept of a part serves the new tests side as well."""
    Part.objects.by_id(part.pk).update(read_for=read_for)


def wait_again(run: Run) -> None:
    """All parts of a run are to be read anew from their stored files."""
    Part.objects.of_run_in_order(run.pk).update(state=Part.State.STORED, attempts=0)


def give_up(part: Part, read: Read) -> None:
    """A part cannot be read: `read.problem` says why, and nothing of an earlier reading stays."""
    with transaction.atomic():
        locked = Part.objects.locked(part.pk)
        entries.remove([part.pk], part.run.received_on)
        Reading.objects.of_part(part.pk).delete()
        _remove_pieces(locked, but=frozenset())
        _mark(locked, Part.State.UNREADABLE, read, kept=0)


def load(reading: Reading) -> PartRecords:
    """The records of a tests part. Raises Unreadable where they were written by another version."""
    try:
        packed = zstandard.ZstdDecompressor().decompress(bytes(reading.blob), max_output_size=BLOB_LIMIT)
        return _decoder.decode(packed)
    except (zstandard.ZstdError, msgspec.MsgspecError) as error:
        raise Unreadable(str(error)) from error


def unfolded(reading: Reading) -> int:
    """Bytes that its blob unfolds to, as the blob's own head tells; of a blob without one the most there may be."""
    try:
        told = zstandard.frame_content_size(bytes(reading.blob[:18]))
    except zstandard.ZstdError:
        told = -1
    return told if told >= 0 else BLOB_LIMIT


def _is(piece: Part, found: PieceOf | None) -> bool:
    return found is not None and (piece.piece, piece.sha256) == (found.piece, found.sha256)


def _remove_pieces(part: Part, but: Collection[str]) -> None:
    """With all that was read of them."""
    gone = [piece.pk for piece in part.pieces.all() if piece.name not in but]
    if gone:
        entries.remove(gone, part.run.received_on)
        Part.objects.by_ids(gone).delete()


def _mark(part: Part, state: str, read: Read, *, kept: int) -> None:
    part.state = state
    part.format, part.reason = read.format[:40], clean(read.reason)
    part.entries, part.kept, part.skipped_lines = read.entries, kept, read.skipped_lines
    part.problem = clean(read.problem)
    part.facts = [{"name": clean(fact.name), "value": clean(fact.value), "line": fact.line} for fact in read.facts]
    part.window_low_us, part.window_high_us = read.window_low_us, read.window_high_us
    part.redacted = read.redacted
    part.read_for, part.reader_version, part.attempts = read.read_for, read.reader_version, 0
    part.save()
