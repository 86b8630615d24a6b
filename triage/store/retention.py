"""Takes what a project no longer keeps: of its runs the lines, and, long after that, what history remembers of them.

The run, its verdicts and what they quote stay; so do failure groups, changes of verdicts and judgements.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db import connection, transaction

from triage.models import Part, Project, Run
from triage.store import entries
from triage.store.horizon import held, remembered_from

BATCH = 200  # runs in one transaction
OCCASIONS = 20_000  # in one transaction


def forget(project: Project, before: date, dropping: date) -> int:
    """Marks every run of the project received before that day, and removes its entries; returns how many runs.

    Entries of days before `dropping` go with their partition, which costs nothing. The others are of projects that keep
    less long than their neighbours. The mark is what the run page shows, and what keeps a re-analysis from deciding on
    lines that are not there.
    """
    done = 0
    while True:
        with transaction.atomic():
            runs = list(Run.objects.received_before(project, before).select_for_update(skip_locked=True)[:BATCH])
            for run in runs:
                kept = list(Part.objects.with_rows(run.pk))
                if kept:
                    if run.received_on >= dropping:
                        entries.remove(kept, run.received_on)
                    Part.objects.of_run_in_order(run.pk).update(kept=0)
            Run.objects.by_ids([run.pk for run in runs]).update(lines_gone_at=datetime.now(UTC))
        done += len(runs)
        if len(runs) < BATCH:
            return done


def forget_history(project: Project, today: date) -> int:
    """Drops the occasions that are no longer remembered; returns how many. Their groups go on counting them."""
    done = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            held(project.pk)
            cursor.execute(_FORGET, [project.pk, remembered_from(project, today), OCCASIONS])
            gone = cursor.fetchone()[0]
        done += gone
        if gone < OCCASIONS:
            return done


_FORGET = """
    WITH gone AS (
        DELETE FROM triage_occasion WHERE id IN (
            SELECT one.id FROM triage_occasion one JOIN triage_run run ON run.id = one.run_id
            WHERE run.project_id = %s AND run.received_at < %s LIMIT %s
        ) RETURNING group_id
    ), counted AS (
        UPDATE triage_failuregroup one SET forgotten = forgotten + told.n
        FROM (SELECT group_id, count(*) AS n FROM gone WHERE group_id IS NOT NULL GROUP BY group_id) AS told
        WHERE told.group_id = one.id
    )
    SELECT count(*) FROM gone
"""
