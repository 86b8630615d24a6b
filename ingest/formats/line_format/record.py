"""What a team says of its line, and the answer where that cannot be used."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

import msgspec

from triage.core.records import Side

PATTERN_LIMIT = 1_000  # characters of a pattern
NAME_LIMIT = 60  # characters of a format's name for people
SLUG_LIMIT = 30  # so that custom-<slug> fits where a part keeps its format's name


class Kind(StrEnum):
    TEMPLATE = "template"  # {time} [{pid}] {level} {message}
    REGEX = "regex"  # (?P<time>\S+) \[(?P<pid>\d+)\] (?P<message>.*)


class LineFormat(msgspec.Struct, frozen=True, kw_only=True):
    """One line format as its team describes it."""

    name: str  # for people
    pattern: str
    side: Side
    kind: Kind = Kind.TEMPLATE
    time: str = ""  # how an expression's time is written: "", iso, epoch or %Y-%m-%d …; a template says it in {time:…}
    sample: str = ""  # some of its lines


class BadPattern(ValueError):
    """A pattern that cannot be used: the sentence says what is wrong and where."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def name_of(name: str) -> str:
    """`Billing worker` as custom-billing-worker: what names the format in the API; "custom-" where nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "custom-" + re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LIMIT].strip("-")


def clipped(text: str, limit: int = 40) -> str:
    """A text as a sentence may quote it."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
