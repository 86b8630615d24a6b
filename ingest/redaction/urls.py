"""Passwords in addresses: `postgres://user:password@host/db`, `redis://:password@host`, Go's `user:password@tcp(…)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.redaction.engine import compiled, matches
from ingest.redaction.found import Found
from ingest.redaction.values import is_nothing

KIND = "url-password"
TRIGGER = (
    r"(?i)[a-z][a-z0-9+.-]*:\\?/\\?/[^\s/@:\"'<>\\]*:([^\s/\"'<>\\]+)@"
    r"|\b[\w.-]+:([^\s:@/\"']+)@(?:tcp|unix)\("
)
_ADDRESS = compiled(TRIGGER, capture=True)
PORT = re.compile(r"[0-9]{1,5}(?:[?#].*)?", re.DOTALL)  # http://host:8000?mail=a@b


def find(text: str) -> Iterator[Found]:
    for match in matches(_ADDRESS, text):
        start, end = match.span(1) if match.start(1) >= 0 else match.span(2)
        password = text[start:end]
        if not is_nothing(password) and not (PORT.fullmatch(password) and not password.isdigit()):
            yield Found(start, end, KIND)
