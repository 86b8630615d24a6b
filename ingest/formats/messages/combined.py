"""The common and the combined log format exactly as servers write them by default: most lines of most logs.

One anchored pattern and nothing to look for, so that a line costs a third of what `access` needs for the family's
many variants. What differs in the least is left to it.
"""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages import access
from ingest.formats.messages.said import METHODS, Said, pid_of
from triage.core.records import Request

# <15866> 127.0.0.1 - qxf2 [23/Nov/2026:01:30:00 +0000] "GET /cars?i=1 HTTP/1.1" 200 359 "-" "curl/7.88.1"
# not one with anything behind the agent, not one with an escaped quote, not a client that is a name
LINE = re.compile(
    r"(?:<(\d{1,7})> )?([0-9A-Fa-f.:]{2,45}) - [^\s\"]{1,100} "
    r"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "
    r'"([A-Z]{3,9}) (/[^ "\\?#]*)(?:\?([^ "\\#]*))? HTTP/\d(?:\.\d)?" ([1-5]\d\d) (\d{1,18}|-)'
    r'(?: "[^"\\]*" "[^"\\]*")?$'
)


ENDS = frozenset('"-0123456789')
STARTS = frozenset("<:0123456789abcdefABCDEF")


def understand(text: str) -> Said | None:
    if text[-1:] not in ENDS or text[:1] not in STARTS:
        return None
    found = LINE.match(text)
    if found is None:
        return None
    pid, client, stamp, method, path, query, status, size = found.groups()
    if method not in METHODS or not access.ADDRESS.match(client):
        return None
    read = stamps.clf(stamp)
    return Said(
        kind=access.NAME,
        stamp=read[0] if read else None,
        pid=pid_of(pid) if pid else None,
        request=Request(
            method=method,
            path=path,
            query=query or "",
            status=int(status),
            size=None if size == "-" else int(size),
            client=client,
            ended=True,
        ),
    )
