"""Ruby's Logger, which Rails, Sidekiq and unicorn write with: a PID on every line, local time without a zone."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages import unicorn
from ingest.formats.messages.said import LEVELS, Said, pid_of

NAME = "ruby-logger"
TITLE = "Ruby log lines (Rails, Rack, Sinatra)"
STARTS = "DIWEFA"
SAMPLES = (
    "I, [2026-11-23T06:46:34.416645 #29087]  INFO -- cars: added figo, 1 cars",
    "I, [2026-11-23T06:46:34.429308 #29087]  INFO -- : Processing GET request against /cars",
    "E, [2026-11-23T06:46:34.429308 #29087] ERROR -- : KeyError (figo):",
)

# I, [2026-11-23T06:46:34.416645 #29087]  INFO -- cars: added figo      not INFO: …
LINE = re.compile(
    r"([DIWEFA]), \[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}) #(\d{1,7})\] {1,3}([A-Z]{3,7}) -- (?:[^:]{0,100})?: ?"
)


def understand(text: str) -> Said | None:
    if text[1:4] != ", [":
        return None
    found = LINE.match(text)
    if found is None:
        return None
    read = stamps.iso(found[2])
    if read is None:
        return None
    pid, level, rest = pid_of(found[3]), LEVELS.get(found[4], ""), text[found.end() :]
    event = unicorn.life(rest, pid)
    kind = NAME if event is None and not rest.startswith(unicorn.WORDS) else unicorn.NAME
    return Said(kind=kind, stamp=read[0], pid=pid, level=level, life=event, rest="" if kind == unicorn.NAME else rest)
