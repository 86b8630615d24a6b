"""Flask's app logger in its default format: milliseconds, local time, no zone, no PID."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.said import LEVELS, Said

NAME = "flask-app"
TITLE = "Flask app log"
STARTS = "["
SAMPLES = (
    "[2026-11-23 01:30:00,053] INFO in cars_app: session on get: 5",
    "[2024-05-23 12:34:07,021] INFO in cars_app: Processing /GET request against /cars",
    "[2026-11-23 01:30:00,053] ERROR in app: Exception on /cars [GET]",
)

# [2026-11-23 01:30:00,053] INFO in cars_app: session on get: 5      not [2026-11-23 01:33:55 +0000] [17893] [INFO] …
LINE = re.compile(r"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})\] ([A-Z]{3,10}) in ([\w.]{1,100}): ?")


def understand(text: str) -> Said | None:
    found = LINE.match(text)
    if found is None:
        return None
    read = stamps.iso(found[1])
    if read is None:
        return None
    return Said(kind=NAME, stamp=read[0], level=LEVELS.get(found[2], ""), rest=text[found.end() :])
