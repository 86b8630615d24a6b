"""One line of a log, whichever way it writes its records: a JSON object, key=value pairs, or columns."""

from __future__ import annotations

from ingest.formats.client_logs import log_json, log_line, log_pairs
from ingest.formats.client_logs.log_line import PLAIN, LogLine, Shape


def read(text: str, shape: Shape = PLAIN) -> LogLine | None:
    """The columns of a line without escapes; None where it may continue a record before it."""
    if text.startswith("{"):
        return log_json.read(text)
    if "=" in text[:81] and (head := log_pairs.read(text)) is not None:
        return head
    return log_line.read(text, shape)
