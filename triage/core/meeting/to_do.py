"""Who does what by when: the first that people look for in minutes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from triage.core.meeting.minutes import About, Minutes
from triage.core.meeting.told import day_words
from triage.core.notices.plain import cut

HEADING = "Who does what by when"
NOBODY = "Nobody yet"
TITLE, WORDS = 120, 200  # characters of a failure, and of each decision about it
DID = ("status", "watch", "blocker", "accepted", "overruled", "note")  # owner, day and ticket have places of their own


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A failure that was talked about and is not resolved."""

    group: int
    title: str
    kind: str
    did: tuple[str, ...] = ()  # what was decided about it
    due: date | None = None
    late: bool = False  # the day was over when the meeting began
    ticket: str = ""

    @property
    def by(self) -> str:
        """`, by 28 May 2024 (overdue)`; "" without a day."""
        return f", by {day_words(self.due)}{' (overdue)' if self.late else ''}" if self.due else ""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    owner: str  # "" for nobody
    tasks: tuple[Task, ...]


def shares(minutes: Minutes) -> tuple[Share, ...]:
    """By owner, each with what is due first; at the end what was decided and is nobody's."""
    found: dict[str, list[Task]] = {}
    for one in minutes.items:
        if _is_left(one):
            found.setdefault(" ".join(one.owner.split()), []).append(_task(one, minutes.began_at.date()))
    owners = sorted(found, key=lambda owner: (not owner, owner.casefold(), owner))
    return tuple(Share(owner=owner, tasks=tuple(sorted(found[owner], key=_first_due))) for owner in owners)


def _is_left(one: About) -> bool:
    """What nobody owns is left to do only where something was decided about it."""
    if one.closed:
        return False
    return bool(one.said or one.state == "done") if one.owner.strip() else any(said.decided for said in one.said)


def _task(one: About, today: date) -> Task:
    return Task(
        group=one.group,
        title=_short((one.title,), TITLE)[0],
        kind=one.kind,
        did=_short((said.text for said in one.said if said.what in DID), WORDS),
        due=one.due,
        late=one.due is not None and one.due < today,
        ticket=one.ticket,
    )


def _first_due(task: Task) -> date:
    return task.due or date.max


def _short(texts: Iterable[str], most: int) -> tuple[str, ...]:
    """Each on one line, without its full stop, cut."""
    found = [" ".join(text.split()) for text in texts]
    return tuple(cut(text, most).removesuffix(".") for text in found)
