"""Text of logs and people made fit for a message: one line, nothing invisible, cut."""

from __future__ import annotations

import unicodedata

JOINER = "\u2060"  # takes no room: breaks a word that a chat would act on, and leaves it readable
JOINERS = "\u200c\u200d"  # needed by several scripts


def line(text: str, limit: int = 300) -> str:
    """One line of at most `limit` characters, with control, format and bidirectional characters left out."""
    words = " ".join("".join(map(_seen, text[: 4 * limit])).split())
    return cut(words, limit)


def lines(text: str, limit: int) -> str:
    """The same for a text of several lines, which stay lines."""
    kept = text[: limit + 1].replace("\r\n", "\n")
    shown = "\n".join("".join(map(_seen, each)) for each in kept.split("\n"))
    return cut(shown, limit)


def unmentioned(text: str) -> str:
    """The text without a name that a chat or GitHub would call: `@channel`, `@here`, `@anna`."""
    return text.replace("@", "@" + JOINER)


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _seen(char: str) -> str:
    if char.isprintable() or char in JOINERS:
        return char
    return " " if char.isspace() or unicodedata.category(char) in ("Cc", "Zl", "Zp") else ""
