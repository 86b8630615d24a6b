"""A text as people read it: without colours, and with the characters that its escapes stand for.

A green `password`, `\\x22password\\x22` in a log of nginx and `%22password%22` in an address are all the same name.
"""

from __future__ import annotations

import re
from bisect import bisect_right

ESCAPE = re.compile(
    r"(?:\x1b|\\x1b|\\u001b|\\033)\[[0-9;:]{0,24}[A-Za-z]"  # a colour
    r"|\\(?:(?P<blank>[nrt])|x(?P<hex>2[0-9a-fA-F]|3[a-fA-F]))"  # \n, \x22
    r"|%(?P<percent>[2-7][0-9a-fA-F])"
    r"|&(?:(?P<named>quot|apos|amp)|#(?P<number>3[0-9])|#x(?P<number16>2[0-9a-fA-F]));"
)
NAMED = {"quot": '"', "apos": "'", "amp": "&"}
# How escapes begin: looked for before the expression, which takes ten times as long.
BACKSLASHED = ("\\n", "\\x", "\\t", "\\r", "\\u001b", "\\033")
ENTITIES = ("&#", "&quot;", "&amp;", "&apos;")


class View:
    """The text, and where in the original it stood."""

    def __init__(self, text: str, pieces: list[tuple[int, int, int, int]]) -> None:
        self.text = text
        self._pieces = pieces  # (begin, end) here and (begin, end) there, in order and without a gap here
        self._begins = [piece[0] for piece in pieces]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original behind one that is not empty."""
        return self._there(start)[0], self._there(end - 1)[1]

    def _there(self, at: int) -> tuple[int, int]:
        """Where that character begins and ends in the original."""
        begin, end, there, after = self._pieces[bisect_right(self._begins, at) - 1]
        if end - begin == after - there:  # as it was
            return there + at - begin, there + at - begin + 1
        return there, after


def view_of(text: str) -> View | None:
    """None where nothing is escaped."""
    if not _may_be_escaped(text):
        return None
    here = there = 0
    said: list[str] = []
    pieces: list[tuple[int, int, int, int]] = []
    for found in ESCAPE.finditer(text):
        start = found.start()
        if start > there:
            said.append(text[there:start])
            pieces.append((here, here + start - there, there, start))
            here += start - there
        there = found.end()
        character = _character(found)
        if character:
            said.append(character)
            pieces.append((here, here + 1, start, there))
            here += 1
    if there == 0:
        return None
    if there < len(text):
        said.append(text[there:])
        pieces.append((here, here + len(text) - there, there, len(text)))
    return View("".join(said), pieces)


def _may_be_escaped(text: str) -> bool:
    return (
        "\x1b" in text
        or "%" in text
        or ("\\" in text and any(sign in text for sign in BACKSLASHED))
        or ("&" in text and any(sign in text for sign in ENTITIES))
    )


def _character(found: re.Match[str]) -> str:
    """What an escape stands for; "" for a colour."""
    if found["blank"]:
        return " "
    if found["named"]:
        return NAMED[found["named"]]
    if found["number"]:
        return chr(int(found["number"]))
    code = found["hex"] or found["percent"] or found["number16"]
    return chr(int(code, 16)) if code else ""
