"""A source that shows another one differently: without a wrapper's prefix, or only a piece of it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ingest.formats import ansi
from ingest.formats.base import HEAD_BYTES, LINE_LIMIT, OUTER_KEPT, Head, Outer, Source
from ingest.formats.wrapping.wrapper import Wrapper

BLOCK = 1 << 20  # characters


class View:
    """What is the same for all views. Line numbers stay those of the part."""

    def __init__(self, source: Source, wrappers: tuple[Wrapper, ...]) -> None:
        self._source = source
        self.wrappers = wrappers  # that were taken off, the outermost first

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def problem(self) -> str | None:
        return self._source.problem

    @property
    def bytes_read(self) -> int:
        """As of a part: how far the current pass is."""
        return getattr(self._source, "bytes_read", 0)

    @property
    def bytes_out(self) -> int:
        return getattr(self._source, "bytes_out", 0)

    @property
    def cut_lines(self) -> int:
        return getattr(self._source, "cut_lines", 0)

    def lines(self, limit: int = LINE_LIMIT) -> Iterator[tuple[int, str]]:
        raise NotImplementedError

    def outer(self, number: int) -> Outer | None:
        return self._source.outer(number)

    def head(self) -> Head:
        """As of a part, of the lines that the view shows."""
        lines: list[str] = []
        size = stamped = filled = 0
        for number, text in self.lines():
            size += len(text) + 1
            if size > HEAD_BYTES:
                break
            text = ansi.strip(text)
            lines.append(text)
            if text:
                filled += 1
                outer = self.outer(number)
                stamped += outer is not None and outer.stamp is not None
        data = "\n".join(lines).encode("utf-8", "replace")
        return Head(self.name, data, tuple(lines), stamped / filled if filled else 0.0)

    def blocks(self) -> Iterator[bytes]:
        """The lines that the view shows, as bytes; an empty line for each one that it does not show before them."""
        kept: list[str] = []
        size = at = 0
        for number, text in self.lines():
            if number > at + 1:
                kept.append("\n" * (number - at - 2))
            kept.append(text)
            at = max(at, number)
            size += len(text) + 1
            if size > BLOCK:
                yield ("\n".join(kept) + "\n").encode("utf-8", "replace")
                kept, size = [], 0
        if kept:
            yield ("\n".join(kept) + "\n").encode("utf-8", "replace")


class Unwrapped(View):
    """A source without the prefix that a wrapper puts before each line; `outer` tells what the prefix said."""

    def __init__(self, source: Source, wrapper: Wrapper, before: tuple[Wrapper, ...] = ()) -> None:
        super().__init__(source, (*before, wrapper))
        self._wrapper = wrapper
        self._told: list[tuple[int, Outer | None]] = [(0, None)] * OUTER_KEPT

    def lines(self, limit: int = LINE_LIMIT) -> Iterator[tuple[int, str]]:
        told, nested = self._told, len(self.wrappers) > 1
        for number, text, outer in self._wrapper.lines(self._source, limit):
            if nested:
                outer = merged(self._source.outer(number), outer)
            told[number % OUTER_KEPT] = (number, outer)
            yield number, text

    def outer(self, number: int) -> Outer | None:
        known, outer = self._told[number % OUTER_KEPT]
        return outer if known == number else None


def merged(outside: Outer | None, inside: Outer | None) -> Outer | None:
    """What two wrappers around one line say: the inner one, nearer to the program, where it says something."""
    if outside is None or inside is None:
        return inside or outside
    return msgspec.structs.replace(
        inside,
        stamp=inside.stamp or outside.stamp,
        printed=inside.printed if inside.stamp is not None else outside.printed,
        unit=inside.unit or outside.unit,
        host=inside.host or outside.host,
        label=inside.label or outside.label,
        stream=inside.stream or outside.stream,
    )
