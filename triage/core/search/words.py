"""How text falls into words, the same for a line that is kept and for a word that is asked for.

A word is a stretch of letters and digits; every other sign parts words. So `/cars/add` is `cars` followed by `add`, and
a UUID five words in a row. What is kept of lines is kept by block: the words of all entries whose lines lie in the same
64. Asking Postgres for a block and then reading its lines costs less than an index of every line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.core.records import Entry

BLOCK = 64  # lines
TEXT = 3_000  # characters of an entry whose words are kept: with 64 of them no block outgrows what Postgres takes
WORD = 64  # characters: of a longer word its beginning is kept
_PARTED = bytes(c if chr(c) in "0123456789abcdefghijklmnopqrstuvwxyz" else 32 for c in range(256))
_WORDS = re.compile(r"[^\W_]+")


def words_in(text: str) -> list[str]:
    """The words of a text in their order, in lower case."""
    text = text.lower()
    if text.isascii():
        return text.encode().translate(_PARTED).decode().split()
    return _WORDS.findall(text)


def kept_words(texts: Iterable[str]) -> set[str]:
    """Each word once, long ones cut."""
    words = set(words_in(" ".join(texts)))
    return {word[:WORD] for word in words} if any(len(word) > WORD for word in words) else words


def block_of(line: int) -> int:
    return (line - 1) // BLOCK


class Block:
    """Gathers the words of one block after the other: of each entry the line as logged, and who wrote it.

    Of a JSON line only what the program said is kept: the rest is the journal's own.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._whose: set[tuple[str, str, int | None, int | None, str]] = set()  # few, whatever the lines say

    def add(self, entry: Entry) -> None:
        raw, request = entry.raw, entry.request
        self._texts.append((entry.message if raw.startswith("{") else raw)[:TEXT])
        status = request.status if request is not None else None
        self._whose.add((entry.host, entry.unit, entry.pid, status, entry.level))

    def taken(self) -> str:
        """The words of what was added, as Postgres reads a tsvector; begins anew."""
        marks: set[str] = set()
        for host, unit, pid, status, level in self._whose:
            self._texts += (host[:WORD], unit[:WORD])
            if pid is not None:
                self._texts.append(str(pid))
                marks.add(f"pid={pid}")
            if status is not None:
                marks.add(f"status={status}")
            if level.isascii() and level.isalpha():
                marks.add(f"level={level}")
        told = " ".join(kept_words(self._texts) | marks)
        self._texts.clear()
        self._whose.clear()
        return told
