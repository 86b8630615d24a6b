"""A project's own patterns: RE2 expressions that people write on a page, bounded in size, memory and number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
import re2  # type: ignore[import-untyped]

from ingest.redaction.engine import Error, Pattern, matches, options
from ingest.redaction.found import Found

PATTERNS = 20  # of one project: each costs a pass over every line
LENGTH = 500  # characters of one
MEMORY = 4 << 20  # bytes that the states of one may take
STEPS = 600  # size of its program: what one character may cost at worst, times two nanoseconds
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,38}")
GROUP = "secret"
# A pattern that fits all of these would redact every log there is.
ORDINARY = (
    "Nov 23 06:25:42 web1 gunicorn[15865]: [2026-11-23 06:25:42 +0000] [15865] [INFO] Booting worker with pid: 15865",
    '10.0.0.7 - - [23/Nov/2026:06:25:42 +0000] "GET /items/7?page=2 HTTP/1.1" 200 1432 "-" "python-requests/2.32.3"',
    "tests/test_items.py::test_item_is_there FAILED                       [ 50%]",
    '{"level": "info", "event": "session on get: 5", "request_id": "7f3a", "pid": 4711}',
    "E   AssertionError: assert 404 == 200",
)


class BadPattern(ValueError):
    """Says in a sentence what is wrong with a pattern."""


class OwnPattern(msgspec.Struct, frozen=True, kw_only=True):
    """What a project wants redacted: the group called `secret`, else the first group, else all that matches."""

    name: str  # shown in the placeholder: Customer number -> customer-number
    pattern: str  # RE2; it sees one line at a time


class Compiled(msgspec.Struct, frozen=True):
    kind: str
    pattern: Pattern
    group: int

    def find(self, text: str) -> Iterator[Found]:
        for match in matches(self.pattern, text):
            start, end = match.span(self.group)
            if start < end:  # a group that took no part lies at -1
                yield Found(start, end, self.kind)


def compiled(own: Sequence[OwnPattern]) -> tuple[Compiled, ...]:
    """Raises BadPattern."""
    if len(own) > PATTERNS:
        raise BadPattern(f"A project may have {PATTERNS} patterns; these are {len(own)}.")
    return tuple(_compiled(each) for each in own)


def _compiled(own: OwnPattern) -> Compiled:
    if not NAME.fullmatch(own.name):
        raise BadPattern("A pattern's name has 1 to 39 letters, digits, spaces, hyphens or underscores.")
    if not own.pattern.strip():
        raise BadPattern(f"The pattern of {own.name} is empty.")
    if len(own.pattern) > LENGTH:
        raise BadPattern(f"The pattern of {own.name} has {len(own.pattern)} characters; at most {LENGTH} are allowed.")
    if any(ord(char) < 32 for char in own.pattern):
        raise BadPattern(f"The pattern of {own.name} holds a control character; write \\t for a tab.")
    pattern = _made(own.name, own.pattern)
    if pattern.programsize > STEPS or pattern.reverseprogramsize > STEPS:
        raise BadPattern(f"The pattern of {own.name} is too large: use + or * in place of large {{n,m}} repeats.")
    if pattern.search("") is not None:
        raise BadPattern(f"The pattern of {own.name} matches where nothing stands; it must need a character at least.")
    if all(pattern.search(line) is not None for line in ORDINARY):
        raise BadPattern(f"The pattern of {own.name} matches every ordinary line, so it would redact whole logs.")
    group = pattern.groupindex.get(GROUP) or min(pattern.groups, 1)
    return Compiled("-".join(own.name.lower().replace("_", " ").replace("-", " ").split()), pattern, group)


def _made(name: str, expression: str) -> Pattern:
    bounded = options(MEMORY, capture=True)
    try:
        re2.compile(expression, bounded)  # alone, so that what is wrong with it is said of it
        return re2.compile(f"(?m){expression}", bounded)
    except UnicodeEncodeError:
        raise BadPattern(f"The pattern of {name} holds characters that are no text.") from None
    except Error as error:
        raise BadPattern(f"The pattern of {name} cannot be read: {_reason(error)}.") from None


def _reason(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    if text.startswith(("invalid perl operator", "invalid escape sequence: \\1")):
        return f"{text[:120]} (there are no look-arounds and no back-references in RE2)"
    if "too large" in text:
        return "it is too large; use + or * in place of large {n,m} repeats"
    return text[:120].rstrip(".")
