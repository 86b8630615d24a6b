"""What was found where, and the placeholder that is put in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b

import msgspec

# [redacted bearer-token 3f9a1c]
PLACEHOLDER = re.compile(r"\[redacted [a-z0-9-]{1,40} [0-9a-f]{6}\]")


class Found(msgspec.Struct, frozen=True, gc=False):
    """A secret in a text, from `start` to before `end`."""

    start: int
    end: int
    kind: str  # lower case with hyphens, as the placeholder says it
    more: bool = False  # a further line of the secret before it: not counted again


class Placeholders:
    """Makes placeholders that nobody without the key can go back from."""

    def __init__(self, key: bytes) -> None:
        self._key = key if len(key) <= 64 else blake2b(key).digest()

    def of(self, kind: str, secret: str) -> str:
        """The same secret has the same last six characters, whatever kind it was taken for."""
        digest = blake2b(secret.encode("utf-8", "surrogatepass"), key=self._key, digest_size=3)
        return f"[redacted {kind} {digest.hexdigest()}]"


def apart(found: Iterable[Found], text: str) -> list[Found]:
    """In order and without overlap: the one that begins first stays, the longest of those; no placeholder is touched.

    Of two over the same stretch the first given stays.
    """
    ordered = sorted(found, key=lambda each: (each.start, -each.end))
    kept: list[Found] = []
    taken = [match.span() for match in PLACEHOLDER.finditer(text)] if "[redacted " in text else []
    next_taken = 0
    for each in ordered:
        start, end = each.start, each.end
        if kept and start < kept[-1].end:
            if end <= kept[-1].end:
                continue
            start = kept[-1].end
        while next_taken < len(taken) and taken[next_taken][1] <= start:
            next_taken += 1
        if next_taken < len(taken) and taken[next_taken][0] < end:
            continue
        if start < end:
            kept.append(each if start == each.start else Found(start, end, each.kind, each.more))
    return kept


def replaced(text: str, found: list[Found], placeholders: Placeholders) -> str:
    """`found` in order and apart."""
    pieces: list[str] = []
    at = 0
    for each in found:
        pieces.append(text[at : each.start])
        pieces.append(placeholders.of(each.kind, text[each.start : each.end]))
        at = each.end
    pieces.append(text[at:])
    return "".join(pieces)
