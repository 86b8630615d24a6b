"""The one way that times come in: RFC 3339, never without an offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# 2024-05-23T12:11:07.5+02:00 and 2024-05-23t12:11:07z, but not 2024-05-23 nor 2024-05-23T12:11:07
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def parse(text: str) -> datetime:
    """The instant in UTC. Raises ValueError, saying why; without an offset it could be any of forty instants."""
    written = text.upper()
    if not _TIME.fullmatch(written):
        raise ValueError("write a time with an offset, such as 2024-05-23T12:11:07+02:00")
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("there is no such time") from None
