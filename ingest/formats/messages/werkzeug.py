"""Flask's development server: access lines whose stamp has a space and no zone, and the reloader's words."""

from __future__ import annotations

import re

import msgspec

from ingest.formats.messages import access
from ingest.formats.messages.said import Said
from triage.core.records import Life, LifeEvent

NAME = "werkzeug"
TITLE = "Flask development server (werkzeug)"
STARTS = "0123456789[:l *"
SAMPLES = (
    '127.0.0.1 - - [23/Nov/2026 01:36:50] "GET /?a=1 HTTP/1.1" 200 -',
    " * Detected change in '/srv/app.py', reloading",
    " * Restarting with stat",
)

# 127.0.0.1 - - [23/Nov/2026 01:36:50] "      not [23/Nov/2026:01:36:50 +0000]
STAMP = re.compile(r"\S{1,100} - - \[\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\] ")


def understand(text: str) -> Said | None:
    if text.startswith((" * ", "* ")):
        words = text.lstrip(" *")
        if words.startswith(("Detected change in ", "Restarting with ")):
            return Said(kind=NAME, life=LifeEvent(what=Life.RELOAD, reason="source changed"))
        return Said(kind=NAME) if words.startswith(("Running on ", "Serving Flask", "Debug")) else None
    if not STAMP.match(text):
        return None
    said = access.understand(text)
    return None if said is None else msgspec.structs.replace(said, kind=NAME)
