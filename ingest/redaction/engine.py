"""RE2 for everything that is searched for: time proportional to the text, whatever stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import re2  # type: ignore[import-untyped]

Pattern = Any  # RE2's own class, which has no types
MEMORY = 32 << 20  # bytes that the states of one built-in pattern may take; they take far less
Error: type[Exception] = re2.error


def options(memory: int = MEMORY, *, capture: bool = False) -> Any:
    """A pattern never sees a line end, so that searching many lines at once finds what searching each would."""
    made = re2.Options()
    made.never_nl = True
    made.never_capture = not capture
    made.log_errors = False
    made.max_mem = memory
    return made


def compiled(expression: str, *, capture: bool = False) -> Pattern:
    return re2.compile(expression, options(capture=capture))


def either(expressions: tuple[str, ...]) -> Pattern:
    """One pattern that finds what any of them finds."""
    return compiled("|".join(f"(?:{each})" for each in expressions))


class Which:
    """Which of several expressions find something in a text, in one pass over it."""

    def __init__(self, expressions: tuple[str, ...]) -> None:
        self._set = re2.Set.SearchSet(options())
        for each in expressions:
            self._set.Add(each)
        self._set.Compile()

    def of(self, text: str) -> list[int]:
        """Their positions, in order."""
        return sorted(self._set.Match(encoded(text)) or ())  # None for nothing


def encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate: one character, one question mark
        return text.encode("utf-8", "replace")


def spans(pattern: Pattern, text: str) -> Iterator[tuple[int, int]]:
    """Where it matches, in characters, from left to right."""
    for found in pattern.finditer(_searchable(text)):
        yield found.span()


def matches(pattern: Pattern, text: str) -> Iterator[Any]:
    """The same with its groups; their spans are in characters."""
    return iter(pattern.finditer(_searchable(text)))


def _searchable(text: str) -> str | bytes:
    data = encoded(text)
    return data if len(data) == len(text) else data.decode()  # one byte a character: offsets are the same


def first(pattern: Pattern, data: bytes, start: int) -> tuple[int, int] | None:
    """Where it matches first at or after `start`, in bytes."""
    found = pattern.search(data, start)
    return found.span() if found is not None else None
