"""Files given by name, as what they hold: a log, the logs of an archive, a journal's own binary file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

from ingest import native_journal
from ingest.formats.archive import Damaged, chosen, kind_of, opened_member
from ingest.formats.decompress import TOTAL_LIMIT
from ingest.formats.gather import Offered
from ingest.formats.pieces import title
from ingest.formats.source import PartSource


def offered(name: str, file: BinaryIO, stack: ExitStack, said: list[str]) -> Iterator[Offered]:
    """What there is to read in one file; what is left out of an archive goes to `said`, in sentences."""
    if not kind_of(file):
        yield Offered(_source(name, file, stack))
        return
    choice = chosen(file, name)
    said += [f"{name}: {sentence}" for sentence in (choice.problem, choice.left_out) if sentence]
    for piece in choice.pieces:
        try:
            member = opened_member(file, piece.member)
        except Damaged as fault:
            said.append(f"{name}, {piece.member}: it could not be read: {fault.strerror}.")
            continue
        yield Offered(_source(piece.member, member, stack), name=title(name, piece))


def _source(name: str, file: BinaryIO, stack: ExitStack) -> PartSource:
    plain = PartSource(name, file)
    if native_journal.is_native(next(plain.blocks(), b"")):
        return stack.enter_context(native_journal.exported(file, TOTAL_LIMIT, name))
    return plain
