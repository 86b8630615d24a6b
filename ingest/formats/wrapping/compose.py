"""`docker compose logs` and `docker compose up`, the older docker-compose, and overmind: `web-1  | text`.

Each container has process ids of its own, so the container is the host of its lines and the service their unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ingest.formats.base import Outer, Source
from ingest.formats.messages import said
from ingest.formats.wrapping.wrapper import NEARLY_ALL, Line, each

NAME = "docker-compose"
TITLE = "docker compose logs"
SAMPLES = (
    "web-1    | [2026-11-23 01:30:00 +0000] [1] [INFO] Starting gunicorn 27.0.1\ntests-1  | collected 4 items",
    '\x1b[36mweb_1  |\x1b[0m 172.18.0.1 - - [23/Nov/2026:01:30:00 +0000] "GET /cars HTTP/1.1" 200 359',
)
# web-1  | text, with colours around the label; not `0|app | text` (PM2), not ` id | name` (a table)
LABELLED = re.compile(
    r"(?:\x1b\[[\d;]{1,12}m)?([A-Za-z0-9][\w.-]{0,127})( {1,128})(?:\x1b\[0?m)?\|"
    r"(?:\x1b\[[\d;]{0,12}m)?(?: |$)(?:\x1b\[0?m)?"
)
NUMBERED = re.compile(r"(.+)[-_]\d{1,5}$")  # web-1, app_web_1: service and number
LEVELS = frozenset((*said.LEVELS, "SUCCESS", "TRACE", "FATAL"))


@lru_cache(maxsize=1024)
def outer_of(label: str) -> Outer:
    numbered = NUMBERED.match(label)
    return Outer(unit=numbered[1] if numbered else label, host=label, label=label)


def take(text: str) -> tuple[str, Outer] | None:
    found = LABELLED.match(text)
    if found is None or found[1].upper() in LEVELS:
        return None
    return text[found.end() :], outer_of(found[1])


def fits(lines: Sequence[str]) -> bool:
    """The bar stands in one column, or most labels end with a container's number."""
    found = [match for match in map(LABELLED.match, lines) if match and match[1].upper() not in LEVELS]
    if len(found) < max(1, NEARLY_ALL * len(lines)):
        return False
    numbered = sum(NUMBERED.match(match[1]) is not None for match in found)
    if numbered * 2 >= len(found):
        return True
    columns = {len(match[1]) + len(match[2]) for match in found}
    return len(found) >= 3 and len(columns) == 1


def lines(source: Source, limit: int) -> Iterator[Line]:
    """What compose says itself, such as "Attaching to web-1", has no label."""
    return each(source, limit, take, carry=False)
