"""A first pattern for lines that nobody has described yet: columns are told by what they are, the rest is the message.

Only a beginning for a person to look at: nothing is ever read by a guessed pattern that nobody saved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.formats import ansi
from ingest.formats.line_format import engine
from ingest.formats.line_format.custom import fitting, shape_of
from ingest.formats.line_format.lines import level_of
from ingest.formats.line_format.record import BadPattern, LineFormat
from ingest.formats.line_format.times import KNOWN
from triage.core.records import Side

TRIED = 20  # lines that a pattern is made from
LOOK = 300  # characters of each
COLUMNS = 8
SHARE = 0.5  # of the lines that a guess has to fit
BETWEEN = re.compile(r"[\s\[\](){}<>|,;:=-]{1,8}")
WORD = re.compile(r"[^\s\[\](){}<>|,;=]{1,60}")
PID_NAMES = ("pid", "process", "proc")
_TIME = engine.compiled("|".join(KNOWN))


def guessed(lines: Sequence[str], side: Side) -> str:
    """The template that fits most of the lines; "" where none fits half of them."""
    texts = [ansi.strip(line) for line in lines if line.strip()][:400]
    best, share = "", SHARE
    for pattern in dict.fromkeys(_of_line(text[:LOOK]) for text in texts[:TRIED]):
        if not pattern:
            continue
        try:
            fits, tried = fitting(shape_of(LineFormat(name="guess", pattern=pattern, side=side)), texts)
        except BadPattern:
            continue
        # of two that fit alike the one that tells more
        if fits and (fits / tried, pattern.count("{")) > (share, best.count("{")):
            best, share = pattern, fits / tried
    return best


def _of_line(text: str) -> str:
    made: list[str] = []
    seen: set[str] = set()
    at = 0
    for _ in range(COLUMNS):
        if between := BETWEEN.match(text, at):
            made.append(re.sub(r"\s+", " ", between[0]).replace("{", "{{").replace("}", "}}"))
            at = between.end()
        column = _column(text, at, seen)
        if column is None:
            break
        written, at, field = column
        seen.add(field)
        made.append(written)
    if not seen:
        return ""
    return "".join(made) + ("{message}" if made[-1][-1:] != "}" or at < len(text) else "")


def _column(text: str, at: int, seen: set[str]) -> tuple[str, int, str] | None:
    """(how the column is written, where it ends, its field); None where the message begins."""
    if "time" not in seen:
        end = engine.end_of_beginning(_TIME, text[at:])
        if end:
            return "{time}", at + end, "time"
    found = WORD.match(text, at)
    if found is None:
        return None
    word, end = found[0].rstrip(":"), found.start() + len(found[0].rstrip(":"))
    if "level" not in seen and level_of(word) and (len(word) > 1 or text[end : end + 1] in ("]", "|", " ")):
        return "{level}", end, "level"
    named = word.lower() in PID_NAMES and text[end : end + 1] in ("=", ":")
    if named and "pid" not in seen:
        number = WORD.match(text, end + 1)
        if number and number[0].isdigit():
            return f"{word}{text[end]}{{pid}}", number.end(), "pid"
    boxed = text[at - 1 : at] in ("[", "(", "<") and text[end : end + 1] in ("]", ")", ">")
    barred = text[end : end + 3].lstrip()[:1] == "|"
    if (
        word.isdigit()
        and word.isascii()
        and len(word) <= 7
        and "pid" not in seen
        and (boxed or barred or "level" not in seen)
    ):
        return "{pid}", end, "pid"
    return ("{_}", end, "_") if (boxed or barred) and seen else None
