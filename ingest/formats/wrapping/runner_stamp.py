"""The time that the runners of GitHub Actions and Azure Pipelines, of one ancestry, write before a line."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.base import Outer

# 2026-11-23T01:30:00.1234567Z text; with a byte order mark at the start of each block of the runner's file.
# Not 2026-11-23T01:30:00.123456Z text: seven digits are what .NET writes.
STAMPED = re.compile(r"\ufeff?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z)(?: \ufeff?|$)")


def take(text: str) -> tuple[str, Outer] | None:
    found = STAMPED.match(text)
    if found is None:
        return None
    read = stamps.iso(found[1])
    return text[found.end() :], Outer(stamp=read[0] if read else None, printed=True)
