"""What is written in a meeting, and its minutes put together: live while it runs, as they were kept when it is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from triage.core.called import KINDS
from triage.core.meeting.holding import Held, holding, in_effect
from triage.core.meeting.minutes import About, Figures, Minutes, Said
from triage.core.meeting.told import status_words, told
from triage.models import AgendaItem, Attendance, Decision, Duty, Meeting, MinuteLine
from triage.store.text import clean, written

LINE = 2_000  # characters of one line
LINES = 400  # of one meeting
TITLE = 300


def add_line(meeting: Any, user: Any, text: str, now: datetime, *, about: Any = None) -> MinuteLine:
    """A line beside the decisions. Call it within `running.held`. Raises ValueError for one that says nothing."""
    text = written(text, LINE)
    if not text:
        raise ValueError("Write something first.")
    if len(MinuteLine.objects.that_stand(meeting)) >= LINES:
        raise ValueError(f"These minutes hold {LINES} lines already.")
    return MinuteLine.objects.create(
        meeting=meeting, about=about, user=user, who=clean(user.get_full_name() or user.get_username(), 150),
        text=text, at=now,
    )  # fmt: skip


def withdraw_line(meeting: Any, pk: int, user: Any, now: datetime) -> bool:
    """Takes back a line of one's own; False where it is somebody else's, or gone."""
    rows = MinuteLine.objects.of_meeting(meeting, pk).filter(user=user, withdrawn_at=None)
    return bool(rows.update(withdrawn_at=now))


def minutes_of(meeting: Any) -> Minutes:
    """As they were kept at the end; of a running meeting, as they stand."""
    if meeting.minutes is not None:
        return msgspec.convert(meeting.minutes, Minutes, strict=False)
    return compose(meeting)


def compose(meeting: Meeting) -> Minutes:
    """Seven queries, however much was decided."""
    said: dict[int, list[tuple[datetime, int, Said]]] = defaultdict(list)
    for row, one in decisions_said(meeting, in_effect):
        said[row.item_id].append((row.at, row.pk, one))
    written: list[Said] = []
    agenda = list(AgendaItem.objects.of_meeting(meeting))
    items = {one.pk: one.item_id for one in agenda}
    for line in MinuteLine.objects.that_stand(meeting):
        words = Said(text=line.text, who=line.who, at=line.at, decided=False)
        if line.about_id in items:
            said[items[line.about_id]].append((line.at, line.pk, words))
        else:
            written.append(words)
    duty = Duty.objects.on(meeting.project_id, (meeting.ended_at or meeting.began_at).date())
    return Minutes(
        name=meeting.name,
        project=meeting.project.name,
        began_at=meeting.began_at,
        ended_at=meeting.ended_at,
        people=tuple(_name(seat.user) for seat in Attendance.objects.of_meeting(meeting)),
        figures=msgspec.convert(meeting.figures, Figures, strict=False),
        items=tuple(_about(one, [s for _, _, s in sorted(said[one.item_id], key=lambda x: x[:2])]) for one in agenda),
        lines=tuple(written),
        hand_over=meeting.hand_over,
        on_duty=duty.who if duty is not None else "",
    )


def standing(meeting: Any) -> list[Any]:
    """The decisions of a meeting that nobody undid, oldest first."""
    rows = [row for row in Decision.objects.of_meeting(meeting) if row.what != "undone"]
    undoings = Decision.objects.undoings({row.item_id for row in rows}) if rows else {}
    return [row for row in rows if _stands(row.pk, undoings)]


def _stands(decision: int, undoings: Mapping[int, int]) -> bool:
    """Not undone, or undone and then done again."""
    stands = True
    while decision in undoings:
        decision, stands = undoings[decision], not stands
    return stands


def decisions_said(
    meeting: Any, which: Callable[[Sequence[Held]], list[Held | None]] = holding
) -> list[tuple[Any, Said]]:
    """Each decision of a meeting that holds, and what is said of it, oldest first. The history of items keeps all."""
    rows = standing(meeting)
    held = which([
        Held(item=row.item_id, what=row.what, before=row.before, after=row.after, text=row.text) for row in rows
    ])  # fmt: skip
    return [(row, _decision_said(row, one)) for row, one in zip(rows, held, strict=True) if one is not None]


def _decision_said(row: Any, held: Held) -> Said:
    kind = str(held.after.get("kind", ""))
    text = told(held.what, held.after, row.text, verdict=KINDS.get(kind, kind).lower())
    return Said(text=text, who=row.who, at=row.at, what=held.what)


def verdict_words(group: Any) -> str:
    """`Split state, confirmed · 99 %`."""
    kind = KINDS.get(group.kind, "Not weighed yet")
    if group.kind in ("", "unexplained"):
        return kind
    share = min(99, round(100 * group.confidence))
    return f"{kind}, {group.level} · {share} %" if group.level else f"{kind}, {share} %"


def title_of(group: Any) -> str:
    """A failure in the test's own words; the test's name where it left none."""
    said = (group.message or group.normal).strip().split("\n", 1)[0]
    return clean(said[:TITLE]) or clean(group.test.rsplit("::", 1)[-1][:TITLE])


def _about(one: Any, said: list[Said]) -> About:
    item, group = one.item, one.item.group
    return About(
        title=title_of(group),
        test=group.test[:1000],
        kind=group.kind,
        verdict=verdict_words(group),
        section=one.section,
        reason=one.reason,
        group=group.pk,
        state="done" if one.done_at else "skipped" if one.skipped_at else "",
        status=status_words(item.status),
        closed=item.closed_at is not None,
        due=item.due,
        owner=item.owner_name or (_name(item.owner) if item.owner is not None else ""),
        ticket=item.ticket,
        seconds=one.seconds,
        said=tuple(said),
    )


def _name(user: Any) -> str:
    return clean(user.get_full_name() or user.get_username(), 150)
