"""Meetings begin, by a person or by a schedule. A project is in one meeting at a time, whoever asks and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from triage.core.meeting.agenda import Candidate, build
from triage.core.meeting.calendar import next_date, zone_named
from triage.core.meeting.minutes import Figures
from triage.models import AgendaItem, Meeting, Project, Schedule
from triage.store.items import passes_of
from triage.store.text import clean

FIRST = timedelta(days=14)  # what is counted where no meeting was before
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # `since` of a first meeting: everything in it is new
RUNS = 500  # that the figures at the head count
LATE = timedelta(hours=2)  # a schedule that is later than this waits for its next date
AT_ONCE = 50  # schedules that one task begins
ITEM_SECONDS = 180


def begin(project: Any, user: Any, now: datetime, *, name: str = "", item_seconds: int = ITEM_SECONDS) -> Meeting:
    """The meeting that runs, else a new one with its agenda. Two people who begin at once are in the same one."""
    with transaction.atomic():
        Project.objects.locked(project.pk)
        running: Meeting | None = Meeting.objects.running(project)
        if running is not None:
            return running
        name = clean(name.strip(), 150) or f"Triage, {now:%A} {now.day} {now:%B}"
        return _made(project, now, name=name, began_by=user, item_seconds=item_seconds)


def begin_due(now: datetime) -> int:
    """Begins what is due by schedule; returns how many. Any number of tasks may do this at once."""
    return sum(_begun(pk, now) for pk in Schedule.objects.due(now, AT_ONCE))


def _begun(pk: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            schedule = Schedule.objects.held_due(pk, now)
            if schedule is None:
                return False
            planned = schedule.next_at
            schedule.next_at = next_date(schedule.weekdays, schedule.at, schedule.timezone, now)
            schedule.save(update_fields=["next_at"])
            return now - planned <= LATE and _by_schedule(schedule, planned, now)
    except IntegrityError:  # that date has its meeting already
        return False


def _by_schedule(schedule: Schedule, planned: datetime, now: datetime) -> bool:
    """Where people met already, this is that meeting: nobody is torn out of one by a clock."""
    Project.objects.locked(schedule.project_id)
    if Meeting.objects.running(schedule.project_id) is not None:
        return False
    there = planned.astimezone(zone_named(schedule.timezone))
    name = f"{schedule.name}, {there:%A} {there.day} {there:%B}"[:150]
    _made(
        schedule.project, now, name=name, schedule=schedule, planned_at=planned, item_seconds=schedule.item_seconds
    )  # fmt: skip
    return True


def _made(project: Any, now: datetime, **more: Any) -> Meeting:
    last = Meeting.objects.last(project)
    since = last.began_at if last is not None else BEGINNING
    count, rows = AgendaItem.objects.candidates(project, since, now.date())
    passes = passes_of([row for row in rows if row.status == "observing"])
    agenda = build((candidate(row, passes.get(row.pk)) for row in rows), since, now)
    figures = _figures(project, last, now, count, count - len(agenda.entries))
    meeting = Meeting.objects.create(
        project=project, since=since, began_at=now, figures=msgspec.to_builtins(figures), **more
    )
    made = [
        AgendaItem(meeting=meeting, item_id=one.item, position=n, section=one.section.value, reason=one.reason[:100])
        for n, one in enumerate(agenda.entries, 1)
    ]
    AgendaItem.objects.bulk_create(made)
    if made:
        meeting.current, meeting.current_since = made[0], now
        meeting.save(update_fields=["current", "current_since"])
    return meeting


def candidate(item: Any, passes: Any = None) -> Candidate:
    """An item as an agenda asks for it; with its group at hand."""
    rates = item.group.rates or {}
    runs, observed = int(rates.get("runs") or 0), rates.get("observed")
    known = runs and observed is not None
    earlier = item.earlier
    return Candidate(
        item=item.pk,
        status=item.status,
        opened_at=item.opened_at,
        came_back=earlier is not None,
        fixed_on=earlier.closed_at.date() if earlier is not None and earlier.closed_at else None,
        blocker=item.blocker,
        due=item.due,
        failed=round(observed * runs) if known else item.group.occurrences,
        runs=runs if known else 0,
        passed=passes.passed if passes is not None else 0,
        failed_again=passes.failed if passes is not None else 0,
        passes_wanted=item.passes_wanted,
    )


def _figures(project: Any, last: Any, now: datetime, open_items: int, left_out: int) -> Figures:
    since = last.began_at if last is not None else now - FIRST
    runs, kinds = Meeting.objects.failures_since(project, since, RUNS)
    before = msgspec.convert(last.figures, Figures, strict=False) if last is not None else Figures()
    return Figures(
        runs=runs,
        failures=sum(kinds.values()),
        unexplained=kinds.get("unexplained", 0),
        open_items=open_items,
        left_out=left_out,
        bounded=runs >= RUNS,
        before_failures=before.failures,
        before_unexplained=before.unexplained,
        first=last is None,
    )
