"""Takes off all wrappers that a part's first lines show, the outermost first."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.formats.base import Source
from ingest.formats.wrapping.registry import WRAPPERS
from ingest.formats.wrapping.view import Unwrapped, View
from ingest.formats.wrapping.wrapper import Wrapper

DEPTH = 4  # GitHub's stamp, compose's label, docker's stamp, and one more
LOOKED_AT = 400  # lines, blank ones not counted
LOOKED_AT_TEXT = 262_144  # characters of them


def unwrapped(source: Source) -> Source:
    """The source without its wrappers; the same object where it has none. No wrapper is taken off twice."""
    taken = source.wrappers if isinstance(source, View) else ()
    while len(taken) < DEPTH:
        first = beginning(source)
        wrapper = next((each for each in WRAPPERS if each not in taken and first and each.fits(first)), None)
        if wrapper is None:
            break
        source = Unwrapped(source, wrapper, taken)
        taken = source.wrappers
    return source


def wrappers_of(source: Source) -> tuple[Wrapper, ...]:
    """What was taken off, the outermost first."""
    return source.wrappers if isinstance(source, View) else ()


def beginning(source: Source) -> Sequence[str]:
    """The first lines that are not blank, with their escapes."""
    lines: list[str] = []
    size = 0
    for seen, (_, text) in enumerate(source.lines()):
        size += len(text) + 1
        if text and not text.isspace():
            lines.append(text)
        if len(lines) >= LOOKED_AT or size > LOOKED_AT_TEXT or seen > 4 * LOOKED_AT:
            break
    return lines
