"""Days of the entry table: made ahead and on demand, dropped when every project's retention has passed.

Attaching and detaching are done in the ways that lock the table least: a page that reads and a worker that writes
must not wait for housekeeping.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection, transaction

TABLE = "triage_entry"
_NAME = re.compile(r"triage_entry_(\d{4})(\d{2})(\d{2})\Z")
_LOCK = 0x4C50  # any number that nothing else locks: creation and removal of days, one at a time


def name_of(day: date) -> str:
    return f"{TABLE}_{day:%Y%m%d}"


def ensure(day: date) -> str:
    """The table that holds a day's entries, made if it is missing; safe when several workers ask at once."""
    name = name_of(day)
    with connection.cursor() as cursor:
        if _attached(cursor, name):
            return name
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if _attached(cursor, name):
            return name
        low, high = day.isoformat(), (day + timedelta(days=1)).isoformat()
        # CREATE … PARTITION OF would lock out every reader of the whole table; ATTACH does not, and the check saves
        # it the scan. A table left over by an interrupted removal holds nothing that is still wanted.
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING ALL)")
        cursor.execute(
            f"ALTER TABLE {name} ADD CONSTRAINT the_day CHECK (received_on >= %s AND received_on < %s)", [low, high]
        )
        cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)", [low, high])
        cursor.execute(f"ALTER TABLE {name} DROP CONSTRAINT the_day")
    return name


def ensure_ahead(today: date, days: int = 3) -> None:
    for ahead in range(days + 1):
        ensure(today + timedelta(days=ahead))


def days() -> list[date]:
    """The days that there are, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = %s::regclass",
            [TABLE],
        )
        names = [row[0] for row in cursor.fetchall()]
    return sorted(day for name in names if (day := _day_of(name)) is not None)


def drop(before: date) -> list[date]:
    """Drops every day before `before`; returns them. Must run outside a transaction. A repeat finishes what was cut."""
    gone = [day for day in days() if day < before]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return []
        try:
            for name in [*_half_detached(cursor), *(name_of(day) for day in gone)]:
                _remove(cursor, name)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    return gone


def _remove(cursor, name: str) -> None:  # type: ignore[no-untyped-def]
    # Only names that `_day_of` accepts get here, so that they can stand in SQL as they are.
    state = _attached(cursor, name, pending_too=True)
    if state == "pending":
        cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {name} FINALIZE")
    elif state:
        cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {name} CONCURRENTLY")
    cursor.execute(f"DROP TABLE IF EXISTS {name}")


def _half_detached(cursor) -> Iterable[str]:  # type: ignore[no-untyped-def]
    cursor.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = %s::regclass AND i.inhdetachpending",
        [TABLE],
    )
    return [row[0] for row in cursor.fetchall() if _day_of(row[0])]


def _attached(cursor, name: str, *, pending_too: bool = False) -> str:  # type: ignore[no-untyped-def]
    cursor.execute(
        "SELECT i.inhdetachpending FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = %s::regclass AND c.relname = %s",
        [TABLE, name],
    )
    row = cursor.fetchone()
    if row is None:
        return ""
    if row[0]:
        return "pending" if pending_too else ""
    return "attached"


def _day_of(name: str) -> date | None:
    match = _NAME.match(name)
    return date(*(int(group) for group in match.groups())) if match else None
