"""Django: runserver's access lines, and what django.request says of answers that went wrong."""

from __future__ import annotations

import re

import msgspec

from ingest.formats.messages import access
from ingest.formats.messages.said import Said
from triage.core.records import Life, LifeEvent

NAME = "django"
TITLE = "Django's runserver output"
STARTS = "[INFBSMUGTW/"
SAMPLES = (
    '[23/Nov/2026 01:37:00] "GET /v/?a=1 HTTP/1.1" 200 5',
    "Internal Server Error: /boom/",
    "Not Found: /none",
    "Watching for file changes with StatReloader",
)

# [23/Nov/2026 01:37:00] "GET /v/?a=1 HTTP/1.1" 200 5      not 127.0.0.1 - - [23/Nov/2026 …
STAMP = re.compile(r'\[\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\] "')
# Forbidden (CSRF cookie not set.): /v/
ANSWER = re.compile(
    r"(Internal Server Error|Not Found|Forbidden|Bad Request|Method Not Allowed|Unauthorized|Service Unavailable|Gone|"
    r"Too Many Requests)(?: \([^)]{0,200}\))?: (/\S*)$"
)
CHANGED = re.compile(r"/\S{1,500} changed, reloading\.$")


def understand(text: str) -> Said | None:
    if text.startswith("["):
        if not STAMP.match(text):
            return None
        said = access.understand(text)
        return None if said is None else msgspec.structs.replace(said, kind=NAME)
    if text.startswith("/"):
        if CHANGED.match(text):
            return Said(kind=NAME, life=LifeEvent(what=Life.RELOAD, reason="source changed"))
        return None
    found = ANSWER.match(text)
    if found is not None:
        return Said(kind=NAME, level="error" if found[1] == "Internal Server Error" else "warning")
    if text.startswith("Watching for file changes with "):
        return Said(kind=NAME)
    return None
