"""Texts with what was searched for marked."""

from __future__ import annotations

import re

from dashboard.pages.words import Piece
from dashboard.timeline.text import visible

CUT, BEFORE = 420, 120  # characters of a text that are shown, and of them before the first mark
MARKS = 60


def marked(text: str, pattern: re.Pattern[str] | None) -> tuple[Piece, ...]:
    """The whole text in stretches."""
    if pattern is None:
        return (Piece(visible(text)),)
    done: list[Piece] = []
    at = 0
    for number, found in enumerate(pattern.finditer(text)):
        if number == MARKS:
            break
        if found.start() > at:
            done.append(Piece(visible(text[at : found.start()])))
        done.append(Piece(visible(found.group()), True))
        at = found.end()
    if at < len(text) or not done:
        done.append(Piece(visible(text[at:])))
    return tuple(done)


def excerpt(text: str, pattern: re.Pattern[str] | None) -> tuple[Piece, ...]:
    """The part of a long text in which the first mark stands."""
    text = text.rstrip("\n").replace("\n", " ⏎ ")
    if len(text) <= CUT:
        return marked(text, pattern)
    found = pattern.search(text) if pattern is not None else None
    begin = max(0, min(found.start() - BEFORE, len(text) - CUT)) if found is not None else 0
    told = marked(text[begin : begin + CUT], pattern)
    head = (Piece("… "),) if begin else ()
    return (*head, *told, *((Piece(" …"),) if begin + CUT < len(text) else ()))
