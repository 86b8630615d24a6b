"""waitress: one process with threads, no access log; what it says of itself, behind any logger's prefix."""

from __future__ import annotations

import re

from ingest.formats.messages.said import LEVELS, Said, split_target
from triage.core.records import Life, LifeEvent, Request

NAME = "waitress"
TITLE = "waitress's output"
STARTS = "IWES"
SAMPLES = (
    "INFO:waitress:Serving on http://127.0.0.1:7196",
    "WARNING:waitress.queue:Task queue depth is 1",
    "ERROR:waitress:Exception while serving /boom",
)

LINE = re.compile(r"(INFO|WARNING|ERROR):waitress(?:\.queue)?:")  # waitress-serve's own basicConfig
FAILED = re.compile(r"Exception while serving (/\S{0,4000})")


def understand(text: str) -> Said | None:
    level = ""
    if ":waitress" in text[:17]:
        found = LINE.match(text)
        if found is None:
            return None
        level, text = LEVELS[found[1]], text[found.end() :]
    if text.startswith("Serving on http"):
        return Said(kind=NAME, level=level, life=LifeEvent(what=Life.BOOT))
    failed = FAILED.match(text) if text.startswith("Exception while") else None
    if failed:
        path, query = split_target(failed[1])
        return Said(kind=NAME, level=level or "error", request=Request(path=path, query=query))
    return Said(kind=NAME, level=level, rest=text) if level else None
