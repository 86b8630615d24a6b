"""Rails' own words on a request, plain or behind the prefix of Ruby's Logger."""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.said import METHODS, Said, split_target
from triage.core.records import Request

NAME = "rails"
TITLE = "Rails request log"
STARTS = "S["
SAMPLES = (
    'Started GET "/cars?q=1" for 127.0.0.1 at 2026-11-23 06:46:34 +0000',
    '[4bf92f35-77b3-4da6-a3ce-929d0e0e4736] Started POST "/cars/add" for ::1 at 2026-11-23 06:46:34 +0000',
)

# Started GET "/cars?q=1" for 127.0.0.1 at 2026-11-23 06:46:34 +0000      not Started server process [1]
STARTED = re.compile(
    r'Started ([A-Z]{3,10}) "([^"]{1,8192})" for (\S{1,100}) at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})'
)
TAG = re.compile(
    r"\[([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\] "
)  # config.log_tags = [:request_id]


def understand(text: str) -> Said | None:
    keys: tuple[tuple[str, str], ...] = ()
    if text[:1] == "[":
        if text[9:10] != "-":
            return None
        tag = TAG.match(text)
        if tag is None:
            return None
        keys, text = (("request_id", tag[1]),), text[tag.end() :]
    found = STARTED.match(text) if text.startswith("Started ") else None
    if found is None or found[1] not in METHODS:
        return Said(kind=NAME, keys=keys, rest=text) if keys else None
    read = stamps.iso(found[4])
    path, query = split_target(found[2])
    return Said(
        kind=NAME,
        stamp=read[0] if read else None,
        request=Request(method=found[1], path=path, query=query, client=found[3]),
        keys=keys,
    )
