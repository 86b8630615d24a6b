"""Inputs that can be made as large as wanted, from each format's own lines: what a reader may be slow on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ingest.formats.base import Format

Growing = Callable[[int], bytes]  # about so many bytes of it

NUMBER = re.compile(r"\d{3,7}(?![\d.:,+-])")
WORD = re.compile(r"[a-z_]{4,}")
UNITS = (
    " ",
    "a",
    "1",
    '"',
    "[",
    "{",
    "(",
    "=",
    "a=",
    "/",
    ":",
    "a ",
    "::",
    " - ",
    "\\",
    "\x1b[",
    "GET /a ",
    "<a ",
    "&lt;",
)
LINE = 60_000  # characters; a line is cut at 65,536


def growing(format: Format) -> Iterator[tuple[str, Growing]]:
    """(what it is, how to make it), for the samples of a format."""
    for number, sample in enumerate(dict.fromkeys(format.SAMPLES)):
        where = f"sample {number + 1}"
        yield f"{where} again and again", _again(sample)
        yield f"{where} with new numbers each time", counted(sample, NUMBER)
        yield f"{where} with new words each time", counted(sample, WORD)
        lines = sample.split("\n")
        for at in {0, len(lines) // 2, len(lines) - 1}:
            yield f"{where}, its line {at + 1} again and again in its place", _line_again(lines, at)
        for unit in UNITS:
            yield f"{where}, {unit!r} behind its last line", _line_with(lines, len(lines[-1]), unit)
            yield f"{where}, {unit!r} within its last line", _line_with(lines, len(lines[-1]) * 2 // 3, unit)
    for unit in ("\n", "\r", " \n", "\t\n", "}\n", "{\n", "E \n", "  File \n", "Traceback (most recent call last):\n"):
        yield f"{unit!r} again and again", _again(unit, "")


def _again(text: str, end: str = "\n") -> Growing:
    once = (text + end).encode()
    return lambda size: once * (size // len(once) + 1)


def counted(text: str, pattern: re.Pattern[str]) -> Growing:
    """Every turn with names or numbers of its own: what a reader remembers grows."""

    def made(size: int) -> bytes:
        turns = size // (len(text) + 1) + 1
        return "\n".join(
            pattern.sub(lambda found, new=1000 + turn: _new(found[0], new), text) for turn in range(turns)
        ).encode()

    return made


def _new(text: str, number: int) -> str:
    return f"{number}" if text.isdigit() else f"{text[0]}{number}"


def _line_again(lines: list[str], at: int) -> Growing:
    def made(size: int) -> bytes:
        turns = size // (len(lines[at]) + 1) + 1
        return "\n".join([*lines[:at], *[lines[at]] * turns, *lines[at + 1 :]]).encode()

    return made


def _line_with(lines: list[str], at: int, unit: str) -> Growing:
    """One line is long: up to LINE characters; where more is wanted, several such lines."""

    def made(size: int) -> bytes:
        long = lines[-1][:at] + unit * (min(size, LINE) // len(unit)) + lines[-1][at:]
        return "\n".join([*lines[:-1], *[long] * max(1, size // LINE)]).encode()

    return made
