"""The edges of reading: an upload asks for it, a worker does it, and the sweep brings back what got lost."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from uuid import UUID

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction

from ingest import storage
from ingest.reading.progress import Large
from ingest.reading.run import read_parts
from triage import tasks as deciding
from triage.broker import at_once
from triage.models import Part, Run
from triage.store import readings, work

log = logging.getLogger(__name__)
# A run in the queue is asked for again after a while, because the broker may have lost it; asking twice is harmless.
QUEUED_FOR = timedelta(seconds=20)
# A run in work whose worker is gone is known by its free lock; the delay only spares runs between two tasks.
SILENT_FOR = timedelta(seconds=6)


def enqueue(run: Run) -> None:
    """Asks for the run to be read once the current transaction is committed. Never raises for the broker's sake."""
    transaction.on_commit(partial(_ask, run.pk))


@shared_task(bind=True, **deciding.PATIENT)
def read_run(self: Task, run_id: str) -> None:
    """Reads every part that waits, then has the run decided on. Harmless to repeat, and to kill anywhere."""
    # Where a person waits, a run that unfolds to more than it seemed goes on in the other queue.
    waiting = (self.request.delivery_info or {}).get("routing_key") == "interactive"
    with work.hold(UUID(run_id)) as hold:
        if hold is None:
            return  # whoever holds it looks for what is left when it lets go
        run = Run.objects.with_project(hold.run_id)
        if run is None:
            return
        if run.read_revision < run.revision:
            try:
                read_parts(run, hold, settings.LINEUP_BULK_BYTES if waiting else None)
            except Large as large:
                work.hand_over(run, large.size)
            except SoftTimeLimitExceeded:
                log.warning("reading run %s goes on in another task", run_id)
            except readings.Unreadable:
                work.read_again(run)
    # An upload that came while the run was held found it taken. Only now, with the run free again, is the look safe.
    run = Run.objects.with_project(run_id)
    if run is not None and run.read_revision < run.revision:
        _ask(run.pk)
    elif run is not None and work.is_to_analyse(run):
        deciding.analyse_run(run_id)  # here and now: behind a long queue the answer would wait its turn twice


@shared_task
def sweep() -> None:
    """Asks again for runs whose work was lost with a broker or a worker. Cheap, and safe to run twice at once."""
    for run in work.take_overdue(QUEUED_FOR, SILENT_FOR):
        log.info("run %s was left behind: asking for it again", run.pk)
        if not _ask(run.pk):
            break  # the broker is away again, and the others will not fare better
    storage.sweep_incoming()


def _ask(run_id: UUID) -> bool:
    """Sends the run to the queue that fits the run's size; False where the broker cannot be reached."""
    try:
        size = max(Part.objects.size_of_run(run_id), Run.objects.known_size(run_id))
        queue = "interactive" if size <= settings.LINEUP_BULK_BYTES else "bulk"
        with at_once() as connection:
            read_run.apply_async([str(run_id)], queue=queue, retry=False, connection=connection)
        return True
    except Exception as error:
        # The broker's absence has many names, and an upload that is durable must not fail for it: the sweep follows.
        log.warning("run %s is left to the sweep, the broker does not answer: %s", run_id, type(error).__name__)
    try:
        work.overdue_now(run_id)
    except Exception as error:
        log.warning("run %s: %s", run_id, type(error).__name__)
    return False
