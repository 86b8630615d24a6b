"""What pytest-pretty adds: an error behind the letters of its line, and a table of the failures at the end."""

from __future__ import annotations

import re

#    .F            [ 10%]test_cart.py:14 test_count - AssertionError: expected two cars asser….  [ 15%]
_TOLD = re.compile(
    r"^(?P<letters>[.FEsxXRp]{0,400}) *\[ {0,2}\d{1,3}%\](?P<path>[^\s:\[]{1,400}\.\w{1,8}):\d{1,7} "
    r"(?P<names>[^\s:]{1,400}) - \S"
)
_TABLE = re.compile(r"^ {10,200}Summary of Failures *$")


def letters(text: str) -> str | None:
    """The letters of a line of short progress, where an error was told at once behind them."""
    found = _TOLD.match(text) if "%]" in text else None
    return found["letters"] if found else None


def is_table(text: str) -> bool:
    """Whether the table of the failures begins."""
    return text.startswith("          ") and _TABLE.match(text) is not None
