"""The work on a run: who holds it, how far it is, and how it ended.

A worker holds a run by an advisory lock of Postgres on a connection of its own. The lock ends with the process, however
it ends, and whoever comes next sees that at once. The same connection carries progress, so that everyone sees it while
the rows themselves are still in an open transaction.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, models, transaction

from triage.models import Run
from triage.store import readings
from triage.store.text import clean

BEAT_S = 0.25  # progress is written at most so often
LOCK_WAIT_MS = 500  # progress is a courtesy: it never waits long for a row
# A killed process closes its connection, a host without power does not: Postgres asks after it.
NOTICE_A_DEAD_HOST = "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
OVERDUE = datetime(1970, 1, 1, tzinfo=UTC)  # a touched_at that the next sweep takes at once
UNPACKING, PARSING, LINING_UP, SAVING = "unpacking", "parsing", "lining up", "saving"
GONE = (OperationalError, InterfaceError)  # the database went away: the only errors that trying again can cure


class Hold:
    """The right to work on one run, and the way to tell how far it is."""

    def __init__(self, run_id: UUID, own: object) -> None:
        self.run_id = run_id
        self._own = own
        self._told = 0.0

    def progress(self, stage: str, done: int, total: int, *, now: bool = False) -> None:
        """Tells everyone; most calls cost nothing, because only a few a second reach Postgres."""
        moment = time.monotonic()
        if not now and moment - self._told < BEAT_S:
            return
        self._told = moment
        try:
            with self._own.cursor() as cursor:  # type: ignore[attr-defined]
                cursor.execute(
                    "UPDATE triage_run SET stage = %s, done = %s, total = %s, touched_at = now() WHERE id = %s",
                    [stage, done, max(total, done), self.run_id],
                )
        except GONE as error:
            if self._own.is_usable():  # type: ignore[attr-defined]
                return  # only the row was busy
            raise error  # with the connection went the lock: someone else may work on the run now


@contextmanager
def hold(run_id: UUID) -> Iterator[Hold | None]:
    """The run, if nobody else holds it; None otherwise. Never waits."""
    own, got = connection.copy(), False
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key_of(run_id)])
            got = cursor.fetchone()[0]
            if got:
                cursor.execute(f"SET lock_timeout = {LOCK_WAIT_MS}; {NOTICE_A_DEAD_HOST}")
        yield Hold(run_id, own) if got else None
    finally:
        if got:
            _let_go(own, run_id)
        own.close()


def _let_go(own: Any, run_id: UUID) -> None:
    """Now, and not when Postgres has seen that the connection is closed: whoever comes next may come at once."""
    with suppress(*GONE), own.cursor() as cursor:  # with a lost connection the lock is gone too
        cursor.execute("SELECT pg_advisory_unlock(%s)", [key_of(run_id)])


def key_of(run_id: UUID) -> int:
    return int.from_bytes(hashlib.sha256(run_id.bytes).digest()[:8], "big", signed=True)


def held() -> set[int]:
    """The keys of all runs that someone works on at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 "
            "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return {row[0] for row in cursor.fetchall()}


def begin(run: Run, stage: str) -> int:
    """Marks the run as in work and returns which try at its revision this is, from 1."""
    Run.objects.by_id(run.pk).update(
        status=Run.Status.PROCESSING, stage=stage, error="", attempts=models.F("attempts") + 1, touched_at=_now()
    )
    return run.attempts + 1


def is_to_analyse(run: Run) -> bool:
    """Its parts are all read, nobody has decided on them yet, and the lines are still there."""
    return (
        run.read_revision == run.revision
        and run.analysed_revision < run.revision
        and run.lines_gone_at is None
        and run.status != Run.Status.FAILED
    )


def has_read(run: Run) -> bool:
    """All parts of the revision that `run` was loaded at are read. False where a newer upload has come meanwhile."""
    Run.objects.by_id(run.pk).update(
        read_revision=run.revision, attempts=0, lines_gone_at=None, touched_at=_now(), stage=LINING_UP
    )
    return not Run.objects.by_id(run.pk).unread().exists()


def hand_over(run: Run, size: int) -> None:
    """Puts the run back into the queue as one of `size` bytes, which its `total` tells until it is in work again."""
    Run.objects.by_id(run.pk).update(
        status=Run.Status.QUEUED, stage="", done=0, total=size, attempts=run.attempts, touched_at=_now()
    )


def fail(run: Run, sentence: str) -> None:
    """The run ends without an answer, unless a newer upload gives it another chance."""
    with transaction.atomic():
        now = Run.objects.locked(run.pk)
        if now is None or now.revision != run.revision:
            return
        Run.objects.by_id(run.pk).update(
            status=Run.Status.FAILED, error=clean(sentence, 2_000), stage="", touched_at=_now(),
            read_revision=run.revision, analysed_revision=run.revision,
        )  # fmt: skip


def again(run_id: UUID) -> bool:
    """Asks for a new answer; False where the run is gone or retention has taken its lines.

    A run that failed is read from its files again: perhaps today's formats know them.
    """
    with transaction.atomic():
        run = Run.objects.locked(run_id)
        if run is None or run.lines_gone_at is not None:
            return False
        if run.status == Run.Status.FAILED:
            read_again(run)
            return True
        Run.objects.by_id(run_id).update(
            status=Run.Status.QUEUED, error="", analysed_revision=0, attempts=0, touched_at=_now()
        )
    return True


def read_again(run: Run) -> None:
    """What was kept of the run's parts no longer fits: all of them are to be read from the stored files."""
    with transaction.atomic():
        readings.wait_again(run)
        Run.objects.by_id(run.pk).update(
            status=Run.Status.QUEUED, error="", attempts=0, read_revision=0, analysed_revision=0, touched_at=OVERDUE
        )


def overdue_now(run_id: UUID) -> None:
    """Hands the run to the next sweep: there is work left that this process cannot hand on itself."""
    Run.objects.by_id(run_id).update(touched_at=OVERDUE)


def take_overdue(queued_for: timedelta, silent_for: timedelta, limit: int = 200) -> list[Run]:
    """Runs whose work was lost, each given to one caller only, however many sweep at once."""
    stale = list(Run.objects.overdue(_now(), queued_for=queued_for, silent_for=silent_for, limit=limit))
    if not stale:
        return []
    busy = held()
    mine = []
    for run in stale:
        if key_of(run.pk) in busy:
            continue
        if Run.objects.by_id(run.pk).filter(touched_at=run.touched_at).update(touched_at=_now()):
            mine.append(run)
    return mine


def _now() -> datetime:
    return datetime.now(UTC)
