"""RE2 with bounds: every pattern runs in time proportional to the text, in bounded memory, whatever it says.

Python's own `re` would try every way to fit a pattern; a pattern that comes from a web form must not be able to ask
for that.
"""

from __future__ import annotations

from typing import Any

import re2  # type: ignore[import-untyped]

from ingest.formats.line_format.record import BadPattern, clipped

MEMORY = 1 << 20  # bytes that one pattern may take
STEPS = 1_000  # size of its program: what one character of a line may cost, times a few nanoseconds

_OPTIONS = re2.Options()
_OPTIONS.max_mem = MEMORY
_OPTIONS.log_errors = False
_OPTIONS.dot_nl = True

Pattern = Any  # RE2's own class, which has no types

# What RE2 says, and what that means to who wrote the pattern.
TELLS = (
    ("invalid perl operator", "looks ahead or back, which Lineup's engine cannot: it never goes back over a line"),
    ("invalid escape sequence", "is no escape that Lineup's engine knows; there are no back-references, and no \\Z"),
    ("invalid named capture", "is no name for a group: write (?P<time>…)"),
    ("no argument for repetition", "repeats nothing"),
    ("bad repetition operator", "repeats a repeat"),
    ("invalid repetition size", "repeats more than 1,000 times"),
    ("invalid character class range", "is a range that runs backwards"),
    ("missing ]", "opens a set with [ that is never closed with ]"),
    ("trailing \\", "ends with a backslash that escapes nothing"),
)


def compiled(expression: str) -> Pattern:
    """Raises BadPattern with what is wrong and where."""
    try:
        pattern = re2.compile(expression, _OPTIONS)
    except re2.error as error:
        raise BadPattern(_sentence(error, expression)) from None
    except UnicodeEncodeError:
        raise BadPattern("The pattern holds characters that are no text.") from None
    if pattern.programsize > STEPS:
        raise BadPattern("The pattern is too large to run on every line: use + or * in place of large {n,m} repeats.")
    return pattern


def _sentence(error: Exception, expression: str) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    kind, _, rest = text.partition(": ")
    if "too large" in text:
        return "The pattern is too large to run on every line: use + or * in place of large {n,m} repeats."
    if kind == "missing )":
        return "A ( is opened that is never closed with )."
    if kind == "unexpected )":
        return "A ) closes what was never opened; write \\) for one that stands in the line."
    at = expression.find(rest) if rest else -1
    where = f" (character {at + 1})" if at >= 0 else ""
    for begins, means in TELLS:
        if kind.startswith(begins):
            return f"`{clipped(rest)}`{where} {means}." if rest else f"The pattern {means}."
    return f"The expression cannot be read: {clipped(text, 120)}{where}."


def groups(pattern: Pattern, text: str) -> tuple[str | None, ...] | None:
    """What each group of the pattern found where the whole text fits it. The hot path: bytes cost RE2 a fifth."""
    try:
        found = pattern.fullmatch(text.encode())
    except UnicodeEncodeError:
        return None
    if found is None:
        return None
    return tuple(None if each is None else each.decode("utf-8", "replace") for each in found.groups())


def spans(pattern: Pattern, text: str) -> tuple[tuple[int, int], ...] | None:
    """Where the whole (0) and each group lie, in characters, where the whole text fits; (-1, -1) for no part in it."""
    try:
        found = pattern.fullmatch(text)
    except UnicodeEncodeError:
        return None
    return None if found is None else tuple(found.span(number) for number in range(pattern.groups + 1))


def end_of_beginning(pattern: Pattern, text: str) -> int | None:
    """How many characters of the text's beginning fit the pattern; None where none does."""
    try:
        found = pattern.match(text)
    except UnicodeEncodeError:
        return None
    return None if found is None else int(found.end())


def literal(text: str) -> str:
    """An expression that is exactly that text."""
    return str(re2.escape(text))


def found(pattern: Pattern, text: str, most: int) -> list[tuple[int, int]]:
    """Where the first so many matches in a text lie, in characters."""
    try:
        return [
            (int(each.start()), int(each.end())) for each, _ in zip(pattern.finditer(text), range(most), strict=False)
        ]
    except UnicodeEncodeError:
        return []
