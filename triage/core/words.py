"""The words of a line that can tie a test's text to a server's: lower case, without the ones that everybody says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

TEXT_LIMIT = 2_000  # characters of a line that are looked at
WORD_LIMIT = 48  # words kept of one line

# matches `figo`, `car_type`, `7f3c1a`, `51463`; must not match `a`, `5-8`
_WORD = re.compile(r"[A-Za-z0-9_]{3,64}")
# matches `m-919066`, `51123c12-note.txt`, `pl_f6272e1302`, a uuid; also `urllib3`, which `is_id` sorts out
_WHOLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{3,62}[A-Za-z0-9]")
# matches `2026-11-23`, `04.01.2026`, `127.0.0.1`, `2.34.2`: times, addresses and versions name no object
_NUMBERS = re.compile(r"[0-9]{1,4}(?:[.-][0-9]{1,6}){1,3}")
_DIGITS = re.compile(r"[0-9]")
_HEX = re.compile(r"[0-9a-f]{6,64}")
# the words of a line that stay when it is written again: `stored`, `reading`; must not match `m-919066`, `id=7`
_LASTING = re.compile(
    r"(?<![A-Za-z0-9_.=:'\"-])[A-Za-z_]{3,20}(?![A-Za-z0-9=_-])|\"message\": {0,2}\"[^\"]{1,40}|operation=\w{1,30}"
)
_KIND_TEXT = 240
_KIND_WORDS = 8
_SAID_BY_ALL = """
    the and for with that this from was were are has have not but can did does get got put post patch delete head
    options http https www com request requests response against processing info debug warning error critical test
    tests assert asserting expected actual status code result pass passed fail failed success successful successfully
    true false none null new old all any one two api app main line file user agent python curl mozilla gzip json
    application text html utf connection starting default 127 localhost details detail data list item items value
    values name names when while trying run running
"""
_COMMON = frozenset(_SAID_BY_ALL.split())
_ENDINGS = ("ies", "es", "s")


def words(text: str) -> tuple[str, ...]:
    """The distinct telling words of `text` without their endings, and its ids whole; each at most WORD_LIMIT."""
    return tuple(dict.fromkeys([stem(word) if word[-1] == "s" else word for word in names(text)] + list(ids(text))))


def ids(text: str) -> tuple[str, ...]:
    """The distinct words of `text` that name one object, whole and in lower case, at most WORD_LIMIT."""
    head = text[:TEXT_LIMIT]
    found: dict[str, None] = {}
    if _DIGITS.search(head) is None:
        return ()
    for whole in _WHOLE.findall(head):
        word = whole.lower()
        if not word.isalpha() and is_id(word):
            found[word] = None
            if len(found) >= WORD_LIMIT:
                break
    return tuple(found)


@lru_cache(maxsize=65_536)
def is_id(word: str) -> bool:
    """Whether a word looks like drawn at random or counted: `m-919066`, `eace566116bd`, a uuid; not `urllib3`."""
    digits = len(_DIGITS.findall(word))
    if not digits or _NUMBERS.fullmatch(word) or word.isdigit():
        return False
    plain = word.replace("-", "").replace("_", "")
    if _HEX.fullmatch(plain):
        return True
    return digits >= 3 or (digits >= 2 and len(word) >= 6) or any(_HEX.fullmatch(piece) for piece in _pieces(word))


def _pieces(word: str) -> list[str]:
    return [piece for piece in re.split(r"[_.-]", word) if _DIGITS.search(piece)]


@lru_cache(maxsize=65_536)
def shape(word: str) -> str:
    """What ids of one kind have in common: `m-919066` and `m-af2479` are both `m-0*6`."""
    return "-".join(f"0*{len(piece)}" if _DIGITS.search(piece) else piece for piece in re.split(r"[_.-]", word))


def rival(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two sets of ids name different objects of one kind, and none in common."""
    mine, theirs = set(some), set(others)
    return bool(mine and theirs) and not mine & theirs and bool({shape(w) for w in mine} & {shape(w) for w in theirs})


def names(text: str) -> tuple[str, ...]:
    """The distinct telling words of `text` as they stand, in lower case, at most WORD_LIMIT."""
    found: dict[str, None] = {}
    for whole in _WORD.findall(text[:TEXT_LIMIT]):
        word = whole.lower()
        if "_" in word:
            word = word.strip("_")
        if len(word) > 2 and word not in _COMMON:
            found[word] = None
            if len(found) >= WORD_LIMIT:
                break
    return tuple(found)


def stem(word: str) -> str:
    """A word without the endings that singular and plural, or verb forms, differ by."""
    if word[-1:] != "s":
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


def shares_any(text: str, wanted: Iterable[str]) -> bool:
    """Whether one of `wanted` (lower case) occurs in `text`."""
    lowered = text.lower()
    return any(word in lowered for word in wanted)


def kind_of_line(message: str) -> str:
    """A line without what differs each time."""
    return " ".join(_LASTING.findall(message[:_KIND_TEXT])[:_KIND_WORDS])
