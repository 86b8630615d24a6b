"""What happens in a running meeting. Its row is held meanwhile, so that of two who press a key at once one is heard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Max

from triage.core.meeting.agenda import Section, reason
from triage.core.meeting.markdown import markdown
from triage.core.meeting.minutes import Minutes, tally
from triage.core.meeting.outline import outline
from triage.models import AgendaItem, Attendance, Item, Meeting
from triage.store import notices
from triage.store.meetings.begin import candidate
from triage.store.meetings.writing import compose
from triage.store.refused import Refused
from triage.store.text import clean

FRESH = timedelta(seconds=20)  # somebody who was seen within it is there
FORGOTTEN = timedelta(hours=8)  # a meeting that nobody has been in for so long is over
MOST = 200  # items of an agenda, with those added by hand
LONGEST = 20_000  # characters of a hand-over note
OVER = "This meeting has ended. What was decided in it stays as it is."


class Over(Refused):
    def __init__(self) -> None:
        super().__init__(OVER)


@contextmanager
def held(pk: int) -> Iterator[Meeting]:
    """The running meeting; everybody in it is told when the block is through. Raises Over."""
    with transaction.atomic():
        meeting: Meeting | None = Meeting.objects.held(pk)
        if meeting is None or meeting.ended_at is not None:
            raise Over
        yield meeting
        Meeting.objects.by_key(pk).update(version=F("version") + 1)


@contextmanager
def deciding(pk: int) -> Iterator[None]:
    """Around a decision about an item: it stands only if the meeting did not end meanwhile. Raises Over.

    The meeting is looked at last: decisions take the item's row first and the meeting's then, as everywhere else.
    """
    with transaction.atomic():
        yield
        with held(pk):
            pass


def arrive(meeting: Any, user: Any, now: datetime) -> None:
    """Somebody opened the meeting, or still has it open."""
    _, came = Attendance.objects.get_or_create(
        meeting=meeting, user=user, defaults={"came_at": now, "seen_at": now}
    )  # fmt: skip
    if came:
        Meeting.objects.by_key(meeting.pk).update(version=F("version") + 1)
    else:
        Attendance.objects.seat(meeting, user).update(seen_at=now)


def seen(pk: int, user: Any, now: datetime) -> None:
    """They are still there. Whoever is not in the meeting yet comes in with its page, not with a poll."""
    Attendance.objects.seat(pk, user).update(seen_at=now)


def move(pk: int, at: int, to: int, now: datetime) -> None:
    """To another item of the agenda, for all. `at` is where whoever asks believes it to be.

    Where it has moved since, nothing happens: two who press “next” at once go one on, not two.
    """
    with held(pk) as meeting:
        target = AgendaItem.objects.on(meeting, to)
        if target is None:
            raise Refused("That item is not on this agenda any more.")
        if meeting.current_id == at:
            _to(meeting, target, now)


def done(pk: int, agenda: int, now: datetime, *, skipped: bool = False) -> None:
    """This item is through, or not for today; the meeting goes on to the next that is not."""
    with held(pk) as meeting:
        one = AgendaItem.objects.on(meeting, agenda)
        if one is None:
            raise Refused("That item is not on this agenda any more.")
        one.done_at, one.skipped_at = (None, now) if skipped else (now, None)
        one.save(update_fields=["done_at", "skipped_at"])
        if meeting.current_id == one.pk:
            _to(meeting, _next(meeting, one), now)


def take_up(pk: int, agenda: int, now: datetime) -> None:
    """An item that was done or skipped is not, after all."""
    with held(pk) as meeting:
        AgendaItem.objects.in_order(meeting).filter(pk=agenda).update(done_at=None, skipped_at=None)


def add(pk: int, group: Any, now: datetime) -> int:
    """Puts a group on the agenda by hand; returns the key of its place. Raises Refused where nothing of it is open."""
    with held(pk) as meeting:
        item = Item.objects.current_of([group]).get(group.pk)
        if item is None or item.closed_at is not None:
            raise Refused("Nothing about this failure is open, so there is nothing to talk about.")
        there: AgendaItem | None = AgendaItem.objects.about(meeting, item)
        if there is None:
            rows = AgendaItem.objects.in_order(meeting)
            last = rows.aggregate(last=Max("position"))["last"] or 0
            if last >= MOST:
                raise Refused(f"This agenda holds {MOST} items already.")
            why = reason(Section.ADDED, candidate(item), now)[:100]
            there = AgendaItem.objects.create(
                meeting=meeting, item=item, position=last + 1, section=Section.ADDED.value, reason=why
            )
        if meeting.current_id is None:
            _to(meeting, there, now)
    return int(there.pk)


def hand_over(pk: int, before: str, text: str) -> bool:
    """The note for whoever comes next. Where somebody changed it since `before` was read, both are kept; then False."""
    with held(pk) as meeting:
        theirs, mine, read = (_told(one) for one in (meeting.hand_over, text, before))
        alone = theirs in (read, mine)
        added = mine[len(read) :].strip() if mine.startswith(read) else mine
        kept = mine if alone else "\n".join(filter(None, (theirs, added)))
        meeting.hand_over = clean(kept, LONGEST)
        meeting.save(update_fields=["hand_over"])
    return alone


def end(pk: int, now: datetime) -> bool:
    """Ends the meeting and keeps its minutes as they are; False where it has ended already."""
    with transaction.atomic():
        meeting: Meeting | None = Meeting.objects.held(pk)
        if meeting is None or meeting.ended_at is not None:
            return False
        _spent(meeting, now)
        meeting.ended_at, meeting.version = now, meeting.version + 1
        minutes = compose(meeting)
        meeting.minutes = msgspec.to_builtins(minutes)
        meeting.figures = {**meeting.figures, "tally": msgspec.to_builtins(tally(minutes))}
        meeting.save(update_fields=["ended_at", "version", "minutes", "figures"])
        if minutes.people:  # a meeting that nobody came to is nobody's news
            tell(meeting, minutes, f"meeting:{meeting.pk}")
    return True


def end_forgotten(now: datetime) -> int:
    """Ends what nobody has been in for long, so that it stands in the way of no other."""
    return sum(end(pk, now) for pk in Meeting.objects.forgotten(now - FORGOTTEN, 50))


def send_again(meeting: Any, minutes: Minutes, now: datetime) -> None:
    """To every rule that asks for minutes, once a minute at most however often it is pressed."""
    tell(meeting, minutes, f"meeting:{meeting.pk}:{now:%Y%m%d%H%M}")


def tell(meeting: Any, minutes: Minutes, key: str) -> None:
    """As Markdown, and as lists for channels that have such."""
    data = {
        "title": meeting.name, "url": f"/meetings/{meeting.pk}/minutes", "markdown": markdown(minutes),
        "outline": msgspec.to_builtins(outline(minutes)),
    }  # fmt: skip
    notices.tell(meeting.project_id, "minutes", key, data)


def _to(meeting: Any, target: AgendaItem | None, now: datetime) -> None:
    _spent(meeting, now)
    if target is not None:
        meeting.current, meeting.current_since = target, now
        meeting.save(update_fields=["current", "current_since"])


def _next(meeting: Any, one: AgendaItem) -> AgendaItem | None:
    """The next that is neither done nor skipped, from the top again at the end; None where there is none left."""
    rows = [row for row in AgendaItem.objects.in_order(meeting) if not row.done_at and not row.skipped_at]
    after = [row for row in rows if row.position > one.position]
    return next(iter([*after, *rows]), None)


def _spent(meeting: Any, now: datetime) -> None:
    """Adds the time since the meeting came to its item."""
    if meeting.current_id is not None and meeting.current_since is not None:
        seconds = max(0, int((now - meeting.current_since).total_seconds()))
        AgendaItem.objects.in_order(meeting).filter(pk=meeting.current_id).update(seconds=F("seconds") + seconds)
        meeting.current_since = now
        meeting.save(update_fields=["current_since"])


def _told(text: str) -> str:
    """Browsers send line ends of their own."""
    return "\n".join(text.strip().splitlines())
