"""stern's output: `POD CONTAINER text`, and a line with a plus sign where it begins to follow one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.formats.base import Outer, Source
from ingest.formats.wrapping.kubectl import outer_of
from ingest.formats.wrapping.wrapper import NEARLY_ALL, Line, each

NAME = "stern"
TITLE = "stern's output"
SAMPLES = (
    "+ web-6d4cf56db6-x7k2p \u203a app\nweb-6d4cf56db6-x7k2p app 2026-11-23T01:30:00.053850123Z GET /cars\n"
    "web-6d4cf56db6-x7k2p app INFO:     Started server process [1]",
)
# A pod of a deployment ends with five letters and digits (no vowels), of a stateful set with its number.
_POD = r"([a-z][a-z0-9.-]{0,240}-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\d{1,4}))"
_COLOUR = r"(?:\x1b\[[\d;]{0,12}m){0,2}"
PREFIX = re.compile(rf"{_COLOUR}{_POD}{_COLOUR} {_COLOUR}([a-z0-9][a-z0-9-]{{0,62}}){_COLOUR}(?: |$)")
FOLLOWS = re.compile(
    rf"{_COLOUR}[+-]{_COLOUR} {_COLOUR}{_POD}{_COLOUR} \u203a "
)  # + web-6d4cf56db6-x7k2p, an angle, app


def take(text: str) -> tuple[str, Outer] | None:
    found = PREFIX.match(text)
    return None if found is None else (text[found.end() :], outer_of(found[1], found[2]))


def fits(lines: Sequence[str]) -> bool:
    """Nothing but two words before the text: only where the first lines say whom stern follows, or all lines agree."""
    told = sum(FOLLOWS.match(text) is not None for text in lines)
    rest = len(lines) - told
    found = [match for match in map(PREFIX.match, lines) if match]
    if len(found) < max(1, NEARLY_ALL * rest):
        return False
    writers = {(match[1], match[2]) for match in found}
    return told > 0 or (len(found) == rest >= 3 and len(writers) <= len(found) // 3 + 1)


def lines(source: Source, limit: int) -> Iterator[Line]:
    return each(source, limit, take, carry=False)
