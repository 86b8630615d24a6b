"""The words of a line that can tie a test's text to a server's: lower case, without the ones that everybody says."""

from __future__ import annotations

import re
from collections.abc import Iterable

TEXT_LIMIT = 2_000  # characters of a line that are looked at
WORD_LIMIT = 48  # words kept of one line

# matches `figo`, `car_type`, `7f3c1a`, `51463`; must not match `a`, `5-8`
_WORD = re.compile(r"[A-Za-z0-9_]{3,64}")
_SAID_BY_ALL = """
    the and for with that this from was were are has have not but can did does get got put post patch delete head
    options http https www com request requests response against processing info debug warning error critical test
    tests assert asserting expected actual status code result pass passed fail failed success successful successfully
    true false none null new old all any one two api app main line file user agent python curl mozilla gzip json
    application text html utf connection starting default 127 localhost details detail data list item items value
    values name names when while trying run running
"""
_COMMON = frozenset(_SAID_BY_ALL.split())


def words(text: str) -> tuple[str, ...]:
    """The distinct telling words of `text` without their endings, in order, at most WORD_LIMIT."""
    return tuple(dict.fromkeys(stem(word) for word in names(text)))


def names(text: str) -> tuple[str, ...]:
    """The distinct telling words of `text` as they stand, in lower case, at most WORD_LIMIT."""
    found: dict[str, None] = {}
    for match in _WORD.finditer(text[:TEXT_LIMIT]):
        word = match.group().lower().strip("_")
        if len(word) > 2 and word not in _COMMON:
            found[word] = None
            if len(found) >= WORD_LIMIT:
                break
    return tuple(found)


def stem(word: str) -> str:
    """A word without the endings that singular and plural, or verb forms, differ by."""
    for ending in ("ies", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


def shares_any(text: str, wanted: Iterable[str]) -> bool:
    """Whether one of `wanted` (lower case) occurs in `text`."""
    lowered = text.lower()
    return any(word in lowered for word in wanted)
