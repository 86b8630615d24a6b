"""A JSON document of any size as its parts, one after the other: the tests of a report, the entries of a HAR file.

A report of 500 MB is one object; what is decoded at once is one test of it. Linear in the document: each byte is passed
once, by patterns that never go back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import msgspec

Path = tuple[str, ...]  # keys from the top; "*" for any place in an array

VALUE_LIMIT = 32 << 20  # bytes of one part; what is longer comes without its bytes
KEY_LIMIT = 10_000
DEPTH = 8  # levels that are taken apart
DEEPEST = 500  # brackets within brackets of one value, which no decoder would take either
CUT_OFF = "The report ends in the middle: it was cut off or is still being written; what was read until then is used."
NOT_JSON = "The report is no JSON from here on; what was read until then is used."

# Whole strings and all that is no bracket, as far as the bytes reach. Nothing that was passed is ever given back.
_BETWEEN = re.compile(rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_IN_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n\xef\xbb\xbf]*+")
_SCALAR = re.compile(rb"[^,\]}\s]*+")


class Value(msgspec.Struct, frozen=True):
    """One part of the document."""

    path: Path
    line: int  # 1-based, where it begins
    data: bytes  # its JSON text; b"" where it was longer than VALUE_LIMIT
    whole: bool = True  # False: the document ended inside of it


class Faulty(msgspec.Struct, frozen=True):
    """Why the document ended early, as the last thing."""

    problem: str
    line: int


def values(blocks: Iterator[bytes], into: Collection[Path]) -> Iterator[Value | Faulty]:
    """Every value directly inside the objects and arrays whose paths are in `into`; () is the document itself."""
    reader = _Reader(blocks)
    try:
        yield from _inside(reader, (), frozenset(into))
    except _End:
        yield Faulty(CUT_OFF, reader.line())
    except _Fault:
        yield Faulty(NOT_JSON, reader.line())


class _End(Exception):
    """The document ended where more must come."""


class _Fault(Exception):
    """This is no JSON."""


class _Reader:
    """The bytes of the document from the current place on."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self.held = b""
        self.at = 0
        self._line = 1
        self._counted = 0  # bytes of `held` whose line ends are in `_line`

    def more(self) -> bool:
        """Holds further bytes behind those not yet passed."""
        block = next(self._blocks, b"")
        if not block:
            return False
        self.line()
        self.held = self.held[self.at :] + block if self.at < len(self.held) else block
        self.at = self._counted = 0
        return True

    def line(self) -> int:
        self._line += self.held.count(b"\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def look(self) -> int:
        """The next byte that is no space, still ahead."""
        while True:
            found = _SPACE.match(self.held, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.held):
                return self.held[self.at]
            if not self.more():
                raise _End

    def take(self, limit: int, kept: bytearray) -> None:
        """Passes one value; `kept` gets its bytes up to `limit` and one over."""
        first = self.look()
        if first == 0x22:
            self.at += 1
            kept += b'"'
            self._string(limit, kept)
        elif first in b"{[":
            self._nested(limit, kept)
        else:
            self._scalar(kept)

    def _pass(self, end: int, limit: int, kept: bytearray) -> None:
        room = limit + 1 - len(kept)
        if room > 0:
            kept += self.held[self.at : min(end, self.at + room)]
        self.at = end

    def _string(self, limit: int, kept: bytearray) -> None:
        while True:
            found = _IN_STRING.match(self.held, self.at)
            end = found.end() if found else self.at
            if end < len(self.held) and self.held[end] == 0x22:
                self._pass(end + 1, limit, kept)
                return
            self._pass(end, limit, kept)  # at the end of what is held, perhaps before a lone backslash
            if not self.more():
                raise _End

    def _nested(self, limit: int, kept: bytearray) -> None:
        depth = 0
        while True:
            found = _BETWEEN.match(self.held, self.at)
            self._pass(found.end() if found else self.at, limit, kept)
            if self.at >= len(self.held):
                if not self.more():
                    raise _End
                continue
            sign = self.held[self.at]
            self._pass(self.at + 1, limit, kept)
            if sign == 0x22:  # a string that goes on behind what is held
                self._string(limit, kept)
                continue
            depth += 1 if sign in b"{[" else -1
            if depth == 0:
                return
            if depth > DEEPEST:
                raise _Fault

    def _scalar(self, kept: bytearray) -> None:
        while True:
            found = _SCALAR.match(self.held, self.at)
            end = found.end() if found else self.at
            self._pass(end, KEY_LIMIT, kept)
            if end < len(self.held) or not self.more():
                break
        if not kept:
            raise _Fault


def _inside(reader: _Reader, path: Path, into: frozenset[Path]) -> Iterator[Value]:
    opening = reader.look()
    if opening not in b"{[" or len(path) > DEPTH:
        raise _Fault
    reader.at += 1
    is_object = opening == 0x7B
    closing = 0x7D if is_object else 0x5D
    while reader.look() != closing:
        here = (*path, _key(reader) if is_object else "*")
        first = reader.look()
        if here in into and first in b"{[":
            yield from _inside(reader, here, into)
        else:
            line = reader.line()
            kept = bytearray()
            try:
                reader.take(VALUE_LIMIT, kept)
            except _End:
                yield Value(here, line, bytes(kept[:VALUE_LIMIT]), whole=False)
                raise
            yield Value(here, line, bytes(kept) if len(kept) <= VALUE_LIMIT else b"")
        sign = reader.look()
        if sign == 0x2C:
            reader.at += 1
        elif sign != closing:
            raise _Fault
    reader.at += 1


def _key(reader: _Reader) -> str:
    if reader.look() != 0x22:
        raise _Fault
    kept = bytearray()
    reader.take(KEY_LIMIT, kept)
    if reader.look() != 0x3A:
        raise _Fault
    reader.at += 1
    return bytes(kept[1:-1]).decode("utf-8", "replace")
