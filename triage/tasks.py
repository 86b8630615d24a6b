"""The edges of deciding: load what is kept of a run, call the core, save the report. And the housekeeping of days."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from triage import forgotten
from triage.broker import at_once
from triage.core.analyse import analyse
from triage.core.findings import Report
from triage.models import Project, Run
from triage.notices import sending
from triage.store import decisions, deliveries, evidence, partitions, readings, reports, retention, work
from triage.store.meetings.begin import begin_due
from triage.store.meetings.running import end_forgotten

log = logging.getLogger(__name__)
UNWEIGHED = "The history of these tests could not be weighed; the verdicts are what this run alone gives."
SENDER = UUID(int=0)  # the hold of whoever sends notifications; no run has that id
SENDING_S = 20.0  # that one task goes on taking messages; the next task takes the others
TRIES = 10  # at one revision, whatever ended them; then a person has to look
# A task that loses Postgres tries again by itself for about two minutes; after that the sweep brings the run back.
PATIENT = {"autoretry_for": work.GONE, "max_retries": 8, "retry_backoff": 1, "retry_backoff_max": 30}


@shared_task(**PATIENT)
def analyse_run(run_id: str) -> None:
    """Decides on the newest revision of a run whose parts are all read. Harmless to repeat."""
    with work.hold(UUID(run_id)) as hold:
        if hold is None:
            return  # whoever holds it looks for what is left when it lets go
        run = Run.objects.with_project(hold.run_id)
        if run is not None and work.is_to_analyse(run):
            _analyse(run, hold)
    # An upload that came while the run was held found it taken. Only now, with the run free again, is the look safe.
    if Run.objects.by_id(run_id).unread().exists():
        work.overdue_now(UUID(run_id))


def analyse_again(run_id: UUID) -> bool:
    """What a re-run button calls. False where the run is gone or retention has taken its lines."""
    if not work.again(run_id):
        return False
    try:
        with at_once() as connection:
            analyse_run.apply_async([str(run_id)], queue="interactive", retry=False, connection=connection)
    except Exception as error:  # the broker's absence has many names; the sweep will do
        log.warning("broker unreachable, run %s is left to the sweep: %s", run_id, error)
        work.overdue_now(run_id)
    return True


@shared_task
def send_password_link(email: str) -> None:
    """Here, and not in the page that asks for it: how long that takes would tell whether an account has the address."""
    forgotten.send_link(email)


def mail_password_link(email: str) -> bool:
    """What a page calls; False where no worker can be asked now."""
    try:
        with at_once() as connection:
            send_password_link.apply_async([email], expires=600, retry=False, connection=connection)
    except Exception as error:  # the broker's absence has many names
        log.warning("broker unreachable, the link to a new password was not mailed: %s", type(error).__name__)
        return False
    return True


@shared_task(soft_time_limit=120, time_limit=150)
def send_notices() -> None:
    """Sends what is due. Safe to kill anywhere, and to run many times at once."""
    with work.hold(SENDER) as hold:
        if hold is not None:  # one at a time: a chat that hangs must not hold every worker
            sending.send_due(SENDING_S)


@shared_task
def drop_old_partitions() -> None:
    """Makes the coming days of the entry table and drops those that every project has outlived."""
    today = datetime.now(UTC).date()
    partitions.ensure_ahead(today)
    projects = list(Project.objects.all())
    if not projects:
        return
    last_kept = today - timedelta(days=max(project.retention_days for project in projects))
    for project in projects:
        retention.forget(project, today - timedelta(days=project.retention_days), last_kept)
        retention.forget_history(project, today)
        deliveries.forget(project, datetime.now(UTC) - timedelta(days=max(project.retention_days, 30)))
    for day in partitions.drop(last_kept):
        log.info("entries of %s dropped", day)


@shared_task
def begin_meetings() -> None:
    """Begins the meetings that are due, and ends those that everybody left and nobody ended. Harmless to repeat."""
    now = datetime.now(UTC)
    begun, over = begin_due(now), end_forgotten(now)
    if begun or over:
        log.info("%d meetings begun by schedule, %d forgotten ones ended", begun, over)


def _analyse(run: Any, hold: work.Hold) -> None:
    if work.begin(run, work.LINING_UP) > TRIES:
        log.error("run %s given up after %d tries", run.pk, TRIES)
        work.fail(run, f"Lining up this run was cut short {TRIES} times in a row; the operator's log tells more.")
        return
    try:
        loaded = evidence.load(run)
        hold.progress(work.LINING_UP, 0, 1, now=True)
        report = analyse(loaded.evidence)
        hold.progress(work.SAVING, 1, 1, now=True)
        _keep(run, report, loaded.remarks)
    except work.GONE:
        raise
    except readings.Unreadable:
        log.info("run %s was read by another version: reading it again", run.pk)
        work.read_again(run)
    except SoftTimeLimitExceeded:
        log.exception("run %s took too long to line up", run.pk)
        work.fail(run, "Lining up this run took too long. Send a log of just the test's minutes.")
    except Exception:
        # A defect of ours must end in a sentence on the run, not in a run that is never ready.
        log.exception("run %s could not be lined up", run.pk)
        work.fail(run, "Lining up this run failed inside Lineup. Its files are kept; the operator's log has the cause.")


def _keep(run: Any, report: Report, remarks: tuple[str, ...]) -> None:
    try:
        decisions.keep(run, report, remarks)
    except (*work.GONE, SoftTimeLimitExceeded):
        raise
    except Exception:
        # History only adds to what a run says by itself: a defect in it must not cost the run its answer.
        log.exception("the history of run %s could not be weighed", run.pk)
        reports.save(run, report, (*remarks, UNWEIGHED))
