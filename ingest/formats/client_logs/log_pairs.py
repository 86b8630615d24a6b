"""One log line of `key=value` pairs, as structlog's LogfmtRenderer and KeyValueRenderer, go-kit or Heroku write it."""

from __future__ import annotations

import re

from ingest.formats.client_logs import log_json
from ingest.formats.client_logs.log_line import LogLine

PAIRS = 60  # of one line; the rest of it is left out of the record's fields
# timestamp=2026-11-23T07:19:48Z      event="http://web \"GET / HTTP/1.1\" 200 5"      level='info'
PAIR = re.compile(
    r"""\s{0,4}(?P<name>[A-Za-z_@][\w.@-]{0,79})="""
    r"""(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<bare>[^\s"'][^\s]*|))(?=\s|$)"""
)
BEGINS = re.compile(r"[A-Za-z_@][\w.@-]{0,79}=")
ESCAPED = re.compile(r"\\(.)")
LINE_BREAK = {"n": "\n", "t": "\t", "r": ""}


def read(text: str) -> LogLine | None:
    """The columns of a line that is nothing but pairs, one of them a message and one a time or a level."""
    if not BEGINS.match(text):
        return None
    record: dict[str, object] = {}
    at = 0
    while at < len(text) and len(record) < PAIRS:
        found = PAIR.match(text, at)
        if found is None:
            break
        record.setdefault(found["name"], _value(found))
        at = found.end()
    if at < len(text.rstrip()) and len(record) < PAIRS:
        return None
    head = log_json.columns(record)
    return head if head is not None and (head.stamp is not None or head.level) else None


def _value(found: re.Match[str]) -> str:
    quoted = found["double"] if found["double"] is not None else found["single"]
    if quoted is None:
        return found["bare"]
    return ESCAPED.sub(lambda escape: LINE_BREAK.get(escape[1], escape[1]), quoted) if "\\" in quoted else quoted
