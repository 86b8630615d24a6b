"""The stamp that a CI system puts before every line of a console log, taken off again."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingest.formats import stamps
from triage.core.records import Stamp

# 2026-11-23T01:30:00.1234567Z text (GitHub)      2026-11-23T01:30:00.123456Z 00O text (GitLab)
# [2026-11-23T01:30:00.123Z] text (Jenkins)       [01:30:00] text (Jenkins, TeamCity)
STAMPED = re.compile(
    r"^\ufeff?(?P<open>\[?)(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)|\d\d:\d\d:\d\d(?:\.\d{1,3})?)"
    r"(?P<close>\]?)(?: [0-9a-f]{2}[EO][ +])?(?: |$)"
)
SHARE = 0.9  # of the lines must carry it; continuation of a plain log is not a CI's prefix
LEAST = 3


class Prefix:
    """Takes the stamp off a line: `cut(text)` is (the rest, the stamp or None)."""

    def __init__(self, present: bool) -> None:
        self.present = present

    def cut(self, text: str) -> tuple[str, Stamp | None]:
        if not self.present or not (found := STAMPED.match(text)):
            return text, None
        read = stamps.iso(found["time"]) or stamps.clock(found["time"])
        return text[found.end() :], read[0] if read else None


ABSENT = Prefix(False)


def prefix_of(lines: Iterable[str]) -> Prefix:
    """The prefix that nearly all of these lines carry."""
    stamped = total = 0
    for text in lines:
        if not text.strip():
            continue
        total += 1
        found = STAMPED.match(text)
        if found is None:
            continue
        boxed = bool(found["open"]) and bool(found["close"])
        bare = not found["open"] and not found["close"]
        if boxed or (bare and "T" in found["time"]):
            stamped += 1
    return Prefix(True) if stamped >= LEAST and stamped >= SHARE * total else ABSENT
