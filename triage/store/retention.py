"""Takes the lines of runs that their project no longer keeps; the run, its verdicts and what they quote stay."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db import transaction

from triage.models import Part, Project, Run
from triage.store import entries

BATCH = 200  # runs in one transaction


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
