"""Reads one message through the grammars: the prefix of a server or logger, then what is behind it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ingest.formats import ansi
from ingest.formats.messages import combined, mention
from ingest.formats.messages.registry import GRAMMARS
from ingest.formats.messages.said import Said

DEPTH = 3  # gunicorn's prefix, a logger's prefix, a message
LONGEST = 65_536

Understand = Callable[[str], Said | None]
_ANY: tuple[Understand, ...] = tuple(g.understand for g in GRAMMARS if not g.STARTS)
_BY_FIRST: dict[str, tuple[Understand, ...]] = {
    first: tuple(g.understand for g in GRAMMARS if not g.STARTS or first in g.STARTS)
    for first in {character for g in GRAMMARS for character in g.STARTS}
}
TRACEBACK = Said(kind="traceback", level="error")


def understand(text: str, depth: int = DEPTH) -> Said | None:
    """What `text` says; None for free text that tells no request, PID, level or life event."""
    if "\x1b" in text:
        text = ansi.strip(text)
    if text[:1] == " ":
        text = text.lstrip()
    common = combined.understand(text)
    if common is not None:
        return common
    for grammar in _BY_FIRST.get(text[:1], _ANY):
        said = grammar(text)
        if said is not None:
            break
    else:
        if text.startswith("Traceback (most recent call last)"):
            return TRACEBACK
        return mention.understand(text)
    rest = said.rest
    if not rest:
        return said
    inner = understand(rest, depth - 1) if depth > 1 else mention.understand(rest)
    return said if inner is None else _merged(said, inner)


def _merged(outer: Said, inner: Said) -> Said:
    """One Said of a prefix and of what came behind it: the program's own words win, except for the first stamp."""
    hearsay = inner.hearsay and outer.pid is None
    return msgspec.structs.replace(
        outer,
        kind=outer.kind if inner.kind in ("mention", "traceback") else inner.kind,
        stamp=outer.stamp or inner.stamp,
        pid=outer.pid if inner.pid is None or (inner.hearsay and not hearsay) else inner.pid,
        hearsay=hearsay,
        relayed=outer.relayed or inner.relayed,
        slot=inner.slot or outer.slot,
        level=outer.level or inner.level,
        request=outer.request or inner.request,
        life=outer.life or inner.life,
        keys=outer.keys + inner.keys if inner.keys else outer.keys,
    )
