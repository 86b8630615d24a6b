"""hypercorn: gunicorn's prefix with a PID on every line; access lines write `1.1` and drop the query."""

from __future__ import annotations

import re

import msgspec

from ingest.formats.messages import access, gunicorn_error
from ingest.formats.messages.said import Said
from triage.core.records import Life, LifeEvent

NAME = "hypercorn"
TITLE = "hypercorn's output"
STARTS = "["
SAMPLES = (
    "[2026-11-23 01:35:41 +0000] [18925] [INFO] Running on http://127.0.0.1:5002 (CTRL + C to quit)",
    "[2026-11-23 01:35:41 +0000] [18925] [INFO] 127.0.0.1:40070 - - [23/Nov/2026:01:35:41 +0000] "
    '"POST /items 1.1" 200 7 "-" "curl/7.88.1"',
)

# "POST /items 1.1" 200      not "POST /items HTTP/1.1" 200
BARE_VERSION = re.compile(r'"[A-Z]{3,10} \S* \d(?:\.\d)?" \d{3} ')


def understand(text: str) -> Said | None:
    found = gunicorn_error.PREFIX.match(text)
    if found is None:
        return None
    rest = text[found.end() :]
    if rest.startswith("Running on http"):
        prefix = gunicorn_error.understand(text)
        if prefix is None:
            return None
        return msgspec.structs.replace(prefix, kind=NAME, rest="", life=LifeEvent(what=Life.BOOT, subject=prefix.pid))
    if '"' not in rest or not BARE_VERSION.search(rest[:4000]):
        return None
    prefix, said = gunicorn_error.understand(text), access.understand(rest)
    if prefix is None or said is None:
        return None
    return msgspec.structs.replace(said, kind=NAME, stamp=prefix.stamp, pid=prefix.pid, level=prefix.level)
