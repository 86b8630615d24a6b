"""What was tried in vain, counted where all processes see it and no two of them lose a try to each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from triage.models import Attempt

FORGOTTEN_AT_ONCE = 50

_NOTE = """
    INSERT INTO triage_attempt AS kept (key, count, ends_at) VALUES (%(key)s, 1, %(until)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN kept.ends_at > %(now)s THEN kept.count + 1 ELSE 1 END,
        ends_at = CASE WHEN kept.ends_at > %(now)s THEN kept.ends_at ELSE EXCLUDED.ends_at END
    RETURNING count
"""
_FORGET = """
    DELETE FROM triage_attempt WHERE key IN (
        SELECT key FROM triage_attempt WHERE ends_at <= %s ORDER BY ends_at LIMIT %s FOR UPDATE SKIP LOCKED
    )
"""


def key(kind: str, *who: str) -> str:
    """What a try is counted under. Hashed: a table of tries is no place for what people typed."""
    told = "\n".join((kind, *who)).encode("utf-8", "replace")
    return hashlib.sha256(told).hexdigest()


def note(tried: str, window: timedelta, now: datetime) -> int:
    """Counts one try; returns how many there are in its window, which begins with the first. Clears away old ones."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"key": tried, "until": now + window, "now": now})
        count: int = cursor.fetchone()[0]
        if count == 1:
            cursor.execute(_FORGET, [now, FORGOTTEN_AT_ONCE])
    return count


def forget(tried: Iterable[str]) -> None:
    Attempt.objects.filter(key__in=list(tried)).delete()
