"""One card for each mechanism, and one for each kind of verdict where no mechanism is known."""

from __future__ import annotations

import msgspec

from triage.core.findings import End, Mechanism, Verdict, VerdictKind
from triage.core.fix_cards import other, split
from triage.core.fix_cards.card import READ, WRITE, FixCard

MECHANISMS: dict[Mechanism, FixCard] = split.CARDS | other.CARDS
KINDS: dict[VerdictKind, FixCard] = other.KINDS
_ACCUSING = (VerdictKind.SPLIT_STATE, VerdictKind.LOST_STATE)
LONGEST = 120  # characters of a path that is put into a question


def card_for(kind: VerdictKind, mechanism: Mechanism | None = None, verdict: Verdict | None = None) -> FixCard:
    """The card of a cause; with the verdict its questions name that verdict's own write and read."""
    card = MECHANISMS[mechanism] if mechanism is not None and kind in _ACCUSING else KINDS[kind]
    write = _named(verdict.write if verdict is not None else None, "the write")
    read = _named(verdict.read if verdict is not None else None, "the read")
    # In one pass over each question: a path is a log's, and may hold what stands for the other.
    look = tuple(read.join(write.join(piece.split(WRITE)) for piece in question.split(READ)) for question in card.look)
    return msgspec.structs.replace(card, look=look)


def _named(end: End | None, otherwise: str) -> str:
    if end is None or (end.method is None and end.path is None):
        return otherwise
    return f"{end.method or ''} {(end.path or '')[:LONGEST]}".strip()
