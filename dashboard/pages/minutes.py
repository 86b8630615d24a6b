"""The minutes of a meeting: to read, to print, to copy as Markdown, and to send."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from django.urls import reverse

from dashboard.pages.meeting import Rate, rate_view, spent_words
from dashboard.pages.tickets import short_ticket
from dashboard.pages.words import age, counted
from dashboard.timeline.text import visible, visible_lines
from triage.core.meeting.markdown import markdown
from triage.core.meeting.minutes import SECTIONS, About, Minutes, Said, tally
from triage.core.meeting.to_do import HEADING, NOBODY, Share, Task, shares
from triage.core.meeting.told import day_words
from triage.models import Meeting, Run
from triage.store.meetings.writing import minutes_of


class SaidView(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    who: str
    at: datetime
    decided: bool


class AboutView(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    title: str
    test: str
    kind: str
    verdict: str
    facts: tuple[str, ...]
    ticket: str
    state: str
    spent: str
    said: tuple[SaidView, ...]


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    kind: str
    title: str
    did: tuple[str, ...]
    due: str  # by 28 May 2024
    late: bool
    ticket: str
    ticket_words: str


class ShareView(msgspec.Struct, frozen=True, kw_only=True):
    owner: str
    nobody: bool
    tasks: tuple[TaskView, ...]


class SectionView(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    items: tuple[AboutView, ...]
    quiet: tuple[str, ...]  # titles of those that nothing was said of


class MinutesPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    pk: int
    name: str
    began_at: datetime
    ended_at: datetime | None
    lasted: str
    people: str
    rate: Rate
    on_duty: str
    to_do: str  # the heading of `shares`
    shares: tuple[ShareView, ...]
    sections: tuple[SectionView, ...]
    lines: tuple[SaidView, ...]
    hand_over: str
    decisions: str  # 7 decisions
    talked: str  # 5 of 12 items
    left_out: int
    markdown: str
    may: bool
    earlier: tuple[str, str] | None  # name and address of the meeting before
    later: tuple[str, str] | None


def minutes_page(meeting: Meeting, now: datetime, *, may: bool) -> MinutesPage:
    minutes = minutes_of(meeting)
    newest = Run.objects.newest_evidence(meeting.project_id)
    met = tally(minutes)
    lasted = ((minutes.ended_at or now) - minutes.began_at).total_seconds()
    return MinutesPage(
        evidence_age=age(newest, now) if newest else "",
        pk=meeting.pk,
        name=visible(minutes.name),
        began_at=minutes.began_at,
        ended_at=minutes.ended_at,
        lasted=counted(max(1, round(lasted / 60)), "minute"),
        people=", ".join(visible(name) for name in minutes.people) or "nobody",
        rate=rate_view(minutes.figures),
        on_duty=visible(minutes.on_duty),
        to_do=HEADING,
        shares=tuple(_share(one) for one in shares(minutes)),
        sections=_sections(minutes),
        lines=tuple(_said(one) for one in minutes.lines),
        hand_over=visible_lines(minutes.hand_over),
        decisions=counted(met.decisions, "decision"),
        talked=f"{met.talked:,} of {counted(met.items, 'item')}",
        left_out=minutes.figures.left_out,
        markdown=markdown(minutes),
        may=may,
        earlier=_beside(Meeting.objects.earlier_than(meeting)),
        later=_beside(Meeting.objects.later_than(meeting)),
    )


def file_name(meeting: Any) -> str:
    """`minutes-2024-05-24-12.md`: letters of a name would have to be quoted."""
    return f"minutes-{meeting.began_at:%Y-%m-%d}-{meeting.pk}.md"


def _beside(other: Any) -> tuple[str, str] | None:
    return (visible(other.name), reverse("minutes", args=[other.pk])) if other is not None else None


def _share(share: Share) -> ShareView:
    tasks = tuple(_task(one) for one in share.tasks)
    return ShareView(owner=visible(share.owner) or NOBODY, nobody=not share.owner, tasks=tasks)


def _task(task: Task) -> TaskView:
    return TaskView(
        href=reverse("group", args=[task.group]),
        kind=task.kind,
        title=visible(task.title),
        did=tuple(visible(one) for one in task.did),
        due=f"by {day_words(task.due)}" if task.due else "",
        late=task.late,
        ticket=task.ticket,
        ticket_words=short_ticket(task.ticket),
    )


def _sections(minutes: Minutes) -> tuple[SectionView, ...]:
    found = []
    for name, title in SECTIONS.items():
        items = [one for one in minutes.items if one.section == name]
        told = tuple(_about(one) for one in items if one.talked_about)
        quiet = tuple(visible(one.title) for one in items if not one.talked_about)
        if items:
            found.append(SectionView(title=title, items=told, quiet=quiet))
    return tuple(found)


def _about(one: About) -> AboutView:
    by = f", by {day_words(one.due)}" if one.due else ""
    facts = (one.reason, one.status, f"owner {one.owner}{by}" if one.owner else by.removeprefix(", "))
    return AboutView(
        href=reverse("group", args=[one.group]),
        title=visible(one.title),
        test=visible(one.test),
        kind=one.kind,
        verdict=one.verdict,
        facts=tuple(visible(fact) for fact in facts if fact),
        ticket=one.ticket,
        state=one.state,
        spent=spent_words(one.seconds) if one.seconds else "",
        said=tuple(_said(said) for said in one.said),
    )


def _said(said: Said) -> SaidView:
    return SaidView(text=visible_lines(said.text), who=visible(said.who), at=said.at, decided=said.decided)
