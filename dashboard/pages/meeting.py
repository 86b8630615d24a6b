"""A running meeting: agenda with its reasons, the item in the middle, minutes that write themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.urls import reverse

from dashboard.pages.duty import DutyView, duty_view
from dashboard.pages.meeting_item import ItemView, item_view
from dashboard.pages.words import age, counted
from dashboard.timeline.text import visible, visible_lines
from triage.core.meeting.minutes import SECTIONS, Figures, Said, rate
from triage.models import AgendaItem, Attendance, Meeting, MinuteLine, Run
from triage.store.meetings.running import FRESH
from triage.store.meetings.writing import decisions_said, title_of

HERE = 12  # faces; the others are counted


class Face(msgspec.Struct, frozen=True, kw_only=True):
    initials: str
    name: str
    colour: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A place on the agenda."""

    pk: int
    href: str
    kind: str
    title: str
    reason: str
    current: bool  # where the meeting is
    shown: bool  # what this person looks at
    state: str  # done, skipped or ""


class SectionView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    lines: tuple[Line, ...]


class Written(msgspec.Struct, frozen=True, kw_only=True):
    about: str  # the item's title, where the line before is about another one
    text: str
    who: str
    at: datetime
    undo: int | None  # key of the decision that a button here undoes
    withdraw: int | None  # key of the line that a button here takes back


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """For the timers, in milliseconds of the server's time."""

    now: int
    began: int
    since: int  # when the meeting came to this item; 0 where it is at none
    share: int  # of an item
    planned: int  # for all
    item: str  # 4:12, as it stands
    whole: str
    share_words: str
    planned_words: str
    item_over: bool
    whole_over: bool


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    now: str  # 12 %
    before: str
    counts: str  # 31 failures in 14 runs
    open: str


class MeetingPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    pk: int
    name: str
    stamp: str  # what a poll compares
    may: bool
    over: bool
    people: tuple[Face, ...]
    here: str
    rate: Rate
    clock: Clock
    sections: tuple[SectionView, ...]
    left_out: int
    item: ItemView | None
    position: str  # 3 of 12
    done: int
    total: int
    current: int  # key of the place where the meeting is; 0 where it is at none
    current_title: str
    away: bool  # this person looks at another item
    look: int  # key of the place that this person chose; 0 where they follow
    state: str  # of the item shown
    next: int
    previous: int
    next_href: str
    previous_href: str
    minutes: tuple[Written, ...]
    accepted: str  # who accepted the verdict on the item shown, in this meeting
    undo: int | None  # the newest decision about the item shown
    hand_over: str
    duty: DutyView | None
    said: str = ""  # what the last act did
    offer: int | None = None  # key of the decision that a button beside it undoes
    problem: str = ""  # or why it did not


def stamp_of(version: int, people: int | None) -> str:
    return f"{version}.{people or 0}"


def meeting_page(
    meeting: Meeting, user: Any, look: int, now: datetime, *, may: bool, said: str = "", offer: int | None = None,
    problem: str = "",
) -> MeetingPage:  # fmt: skip
    """About thirty queries, whatever the agenda holds. `look`: the place that the person chose, 0 for the meeting's."""
    places = list(AgendaItem.objects.of_meeting(meeting))
    current = next((one for one in places if one.pk == meeting.current_id), None)
    shown = next((one for one in places if one.pk == look), current)
    at = places.index(shown) if shown is not None else -1
    seats = list(Attendance.objects.of_meeting(meeting))
    there = [seat for seat in seats if seat.seen_at >= now - FRESH]
    newest = Run.objects.newest_evidence(meeting.project_id)
    away = look > 0 and shown is not None and shown.pk == look and shown is not current
    following = places[at + 1] if 0 <= at < len(places) - 1 else None
    before = places[at - 1] if at > 0 else None
    decided = decisions_said(meeting)
    about = [row for row, _ in decided if shown is not None and row.item_id == shown.item_id and row.user_id]
    return MeetingPage(
        evidence_age=age(newest, now) if newest else "",
        pk=meeting.pk,
        name=visible(meeting.name),
        stamp=stamp_of(meeting.version, len(there)),
        may=may,
        over=meeting.ended_at is not None,
        people=tuple(_face(seat.user, n) for n, seat in enumerate(seats) if seat in there)[:HERE],
        here=f"{len(there)} here",
        rate=rate_view(msgspec.convert(meeting.figures, Figures, strict=False)),
        clock=_clock(meeting, len(places), now),
        sections=_sections(meeting, places, shown, current),
        left_out=int(meeting.figures.get("left_out", 0)),
        item=item_view(shown, now) if shown is not None else None,
        position=f"{at + 1} of {len(places)}" if shown is not None else "",
        done=sum(bool(one.done_at or one.skipped_at) for one in places),
        total=len(places),
        current=meeting.current_id or 0,
        current_title=visible(title_of(current.item.group)) if current is not None else "",
        away=away,
        look=look if away else 0,
        state=_state(shown) if shown is not None else "",
        next=following.pk if following is not None else 0,
        previous=before.pk if before is not None else 0,
        next_href=_href(meeting, following) if following is not None else "",
        previous_href=_href(meeting, before) if before is not None else "",
        minutes=_minutes(meeting, user, decided, places),
        accepted=next((f"accepted by {visible(row.who)}" for row in about if row.what == "accepted"), ""),
        undo=about[-1].pk if about else None,
        hand_over=visible_lines(meeting.hand_over),
        duty=duty_view(meeting.project_id, now, user),
        said=said,
        offer=offer,
        problem=visible(problem),
    )


def rate_view(figures: Figures) -> Rate:
    now, before = (
        rate(figures.unexplained, figures.failures), rate(figures.before_unexplained, figures.before_failures)
    )  # fmt: skip
    runs = counted(figures.runs, "run")
    return Rate(
        now=_share(now),
        before=_share(before),
        counts=f"{counted(figures.failures, 'failure')} in {'the newest ' if figures.bounded else ''}{runs}",
        open=f"{figures.open_items:,}",
    )


def initials(name: str) -> str:
    """`AN` of `Anna Nowak`, `AD` of `ada`."""
    parts = [part for part in visible(name).replace(".", " ").replace("_", " ").replace("-", " ").split() if part]
    if len(parts) > 1:
        return (parts[0][0] + parts[1][0]).upper()
    return (parts[0][:2] if parts else "?").upper()


def spent_words(seconds: int) -> str:
    """`4:12`, `1:02:09`."""
    hours, rest = divmod(max(0, seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def _share(value: float | None) -> str:
    return f"{100 * value:.0f} %" if value is not None else ""


def _face(user: Any, n: int) -> Face:
    name = user.get_full_name() or user.get_username()
    return Face(initials=initials(name), name=visible(name), colour=f"p{n % 8 + 1}")


def _clock(meeting: Meeting, total: int, now: datetime) -> Clock:
    since = meeting.current_since
    item = int((now - since).total_seconds()) if since is not None else 0
    whole = int((now - meeting.began_at).total_seconds())
    planned = meeting.item_seconds * total
    return Clock(
        now=_ms(now),
        began=_ms(meeting.began_at),
        since=_ms(since) if since is not None else 0,
        share=meeting.item_seconds * 1000,
        planned=planned * 1000,
        item=spent_words(item),
        whole=spent_words(whole),
        share_words=spent_words(meeting.item_seconds),
        planned_words=spent_words(planned),
        item_over=since is not None and item > meeting.item_seconds,
        whole_over=bool(planned) and whole > planned,
    )


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _sections(meeting: Meeting, places: Sequence[Any], shown: Any, current: Any) -> tuple[SectionView, ...]:
    found = []
    for name, title in SECTIONS.items():
        lines = tuple(_line(meeting, one, shown, current) for one in places if one.section == name)
        if lines:
            found.append(SectionView(name=name, title=_since(meeting, title) if name == "new" else title, lines=lines))
    return tuple(found)


def _since(meeting: Meeting, title: str) -> str:
    if meeting.figures.get("first", False):
        return title
    return f"{title} since {meeting.since:%A} {meeting.since.day} {meeting.since:%B}"


def _line(meeting: Meeting, one: Any, shown: Any, current: Any) -> Line:
    group = one.item.group
    return Line(
        pk=one.pk,
        href=_href(meeting, one),
        kind=group.kind,
        title=visible(title_of(group).removeprefix("AssertionError: ")),
        reason=one.reason,
        current=one is current,
        shown=one is shown,
        state=_state(one),
    )


def _state(one: Any) -> str:
    return "done" if one.done_at else "skipped" if one.skipped_at else ""


def _href(meeting: Meeting, one: Any) -> str:
    base = reverse("meeting", args=[meeting.pk])
    return base if one.pk == meeting.current_id else f"{base}?look={one.pk}"


def _minutes(
    meeting: Meeting, user: Any, decided: Sequence[tuple[Any, Said]], places: Sequence[Any]
) -> tuple[Written, ...]:
    """What was decided and written, in order."""
    titles = {one.item_id: visible(title_of(one.item.group)) for one in places}
    rows: list[tuple[datetime, str, Any, Any]] = []
    for row, one in decided:
        title = titles.get(row.item_id) or visible(title_of(row.item.group))
        rows.append((row.at, title, one, row))
    rows += [(line.at, "", line, None) for line in MinuteLine.objects.that_stand(meeting)]
    told: list[Written] = []
    last = ""
    for at, title, said, row in sorted(rows, key=lambda each: each[0]):
        told.append(
            Written(
                about=title if title != last else "",
                text=visible_lines(said.text),
                who=visible(said.who),
                at=at,
                undo=row.pk if row is not None and row.user_id is not None else None,
                withdraw=said.pk if row is None and said.user_id == user.pk else None,
            )
        )
        last = title
    return tuple(told)
