"""The meetings of a project: the one that runs, when the next ones are, who is on duty, and what was decided before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.urls import reverse

from dashboard.pages.duty import DutyForm, duty_form
from dashboard.pages.words import age, counted
from dashboard.timeline.course import Course, Point, course
from dashboard.timeline.text import visible, visible_lines
from triage.core.meeting.calendar import DAYS, weekday_words, zone_named
from triage.core.meeting.minutes import SECTIONS, Figures, Tally, rate
from triage.models import AgendaItem, Meeting, Project, Run, Schedule
from triage.store.meetings.begin import BEGINNING

ZONES = (
    "UTC", "Europe/London", "Europe/Lisbon", "Europe/Dublin", "Europe/Berlin", "Europe/Paris", "Europe/Madrid",
    "Europe/Rome", "Europe/Warsaw", "Europe/Stockholm", "Europe/Helsinki", "Europe/Kyiv", "Europe/Istanbul",
    "Africa/Lagos", "Africa/Johannesburg", "Africa/Cairo", "Asia/Jerusalem", "Asia/Dubai", "Asia/Karachi",
    "Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok", "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul",
    "Australia/Sydney", "Pacific/Auckland", "America/Sao_Paulo", "America/Argentina/Buenos_Aires",
    "America/New_York", "America/Toronto", "America/Chicago", "America/Denver", "America/Los_Angeles",
    "America/Mexico_City", "America/Bogota",
)  # fmt: skip  # offered; any other name can be typed
SHORT = tuple(day[:3] for day in DAYS)
DAY_OF_WORK = (0, 1, 2, 3, 4)


class DayBox(msgspec.Struct, frozen=True, kw_only=True):
    value: int
    label: str
    name: str
    chosen: bool


class ScheduleForm(msgspec.Struct, frozen=True, kw_only=True):
    pk: int  # 0 for a new one
    name: str
    days: tuple[DayBox, ...]
    at: str
    timezone: str
    minutes: str


class ScheduleView(msgspec.Struct, frozen=True, kw_only=True):
    pk: int
    name: str
    when: str  # Monday to Friday, 09:30 Europe/Berlin
    next: datetime | None
    next_there: str
    active: bool
    form: ScheduleForm


class PastLine(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    name: str
    at: datetime
    lasted: str
    talked: str
    decisions: int
    unexplained: str
    failures: str
    people: int


class RunningView(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    name: str
    since: str


class MeetingsPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    may: bool
    running: RunningView | None
    waiting: tuple[str, ...]  # 3 new · 1 came back
    empty: bool  # nothing would be on an agenda
    schedules: tuple[ScheduleView, ...]
    deleted: ScheduleView | None  # the one that can be brought back
    new: ScheduleForm
    zones: tuple[str, ...]
    duty: DutyForm
    past: tuple[PastLine, ...]
    course: Course | None
    hand_over: str
    hand_over_from: str


def meetings_page(project: Project, user: Any, now: datetime, *, may: bool, deleted: int = 0) -> MeetingsPage:
    """About a dozen queries."""
    newest = Run.objects.newest_evidence(project)
    running = Meeting.objects.running(project)
    past = Meeting.objects.past(project)
    waiting = _waiting(project)
    gone = Schedule.objects.deleted_by_key(project, deleted) if deleted else None
    noted = next((one for one in past[:1] if one.hand_over), None)
    return MeetingsPage(
        evidence_age=age(newest, now) if newest else "",
        may=may,
        running=_running(running, now) if running is not None else None,
        waiting=waiting,
        empty=not waiting,
        schedules=tuple(_schedule(row) for row in Schedule.objects.in_use(project)),
        deleted=_schedule(gone) if gone is not None else None,
        new=ScheduleForm(pk=0, name="", days=_days(DAY_OF_WORK), at="09:30", timezone="UTC", minutes="3"),
        zones=ZONES,
        duty=duty_form(project, now, user),
        past=tuple(_past(one) for one in past),
        course=_course(past),
        hand_over=visible_lines(noted.hand_over) if noted is not None else "",
        hand_over_from=visible(noted.name) if noted is not None else "",
    )


def _running(meeting: Meeting, now: datetime) -> RunningView:
    return RunningView(
        href=reverse("meeting", args=[meeting.pk]), name=visible(meeting.name), since=age(meeting.began_at, now)
    )  # fmt: skip


def _waiting(project: Project) -> tuple[str, ...]:
    """What would be on the agenda of a meeting now, by section."""
    last = Meeting.objects.last(project)
    since = last.began_at if last is not None else BEGINNING
    met = AgendaItem.objects.waiting(project, since)
    return tuple(f"{met[name]:,} {title.lower()}" for name, title in SECTIONS.items() if met.get(name))


def _schedule(row: Schedule) -> ScheduleView:
    there = row.next_at.astimezone(_zone(row.timezone))
    return ScheduleView(
        pk=row.pk,
        name=visible(row.name),
        when=f"{weekday_words(row.weekdays)}, {row.at:%H:%M} {row.timezone}",
        next=row.next_at if row.active else None,
        next_there=f"{there:%A} {there.day} {there:%B}, {there:%H:%M}",
        active=row.active,
        form=ScheduleForm(
            pk=row.pk,
            name=row.name,
            days=_days(row.weekdays),
            at=f"{row.at:%H:%M}",
            timezone=row.timezone,
            minutes=f"{row.item_seconds / 60:g}",
        ),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return zone_named(name)
    except ValueError:  # the machine's list of zones has lost it
        return ZoneInfo("UTC")


def _days(chosen: Sequence[int]) -> tuple[DayBox, ...]:
    return tuple(
        DayBox(value=n, label=SHORT[n], name=name, chosen=n in chosen) for n, name in enumerate(DAYS)
    )  # fmt: skip


def _past(one: Meeting) -> PastLine:
    met = msgspec.convert(one.figures.get("tally", {}), Tally, strict=False)
    figures = msgspec.convert(one.figures, Figures, strict=False)
    share = rate(figures.unexplained, figures.failures)
    lasted = ((one.ended_at or one.began_at) - one.began_at).total_seconds()
    return PastLine(
        href=reverse("minutes", args=[one.pk]),
        name=visible(one.name),
        at=one.began_at,
        lasted=f"{max(1, round(lasted / 60))} min",
        talked=f"{met.talked} of {met.items}",
        decisions=met.decisions,
        unexplained=f"{100 * share:.0f} %" if share is not None else "none failed",
        failures=f"{figures.failures:,}",
        people=met.people,
    )


def _course(past: Sequence[Meeting]) -> Course | None:
    """The unexplained rate from meeting to meeting, oldest first; None for too few to show a course."""
    points = []
    for one in reversed(past):
        figures = msgspec.convert(one.figures, Figures, strict=False)
        share = rate(figures.unexplained, figures.failures)
        if share is not None:
            day = one.began_at.astimezone(UTC)
            points.append(
                Point(
                    value=share,
                    label=f"{day.day} {day:%b}",
                    title=f"{day.day} {day:%b}: {100 * share:.0f} % of {counted(figures.failures, 'failure')}",
                )
            )
    return course(points) if len(points) > 2 else None
