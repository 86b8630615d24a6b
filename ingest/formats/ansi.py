"""Terminal escapes taken out of a line: colours, titles, hyperlinks. The raw line keeps them."""

from __future__ import annotations

import re

# Linear on unterminated sequences: every alternative consumes a run of one character class, then one terminator.
ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_]|[ -/]+[0-~])"
    r"|[\x80-\x9f]"
)


def strip(text: str) -> str:
    """`text` without escape sequences; the same object where it has none."""
    if "\x1b" not in text and "\x9b" not in text:
        return text
    return ESCAPE.sub("", text)
