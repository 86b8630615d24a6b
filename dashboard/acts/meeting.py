"""What a person can do in a running meeting.

Each act takes what was sent and gives what it did; what makes no sense raises ValueError or Refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from dashboard.acts import items as acts
from dashboard.acts.items import Done
from dashboard.sent import key_of
from triage.models import AgendaItem, Decision, FailureGroup
from triage.store import items as store
from triage.store.meetings import running, writing
from triage.store.refused import Refused

GONE = "That is not there any more."
BOTH_KEPT = "Somebody else had changed the note meanwhile: both are kept."


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    meeting: Any
    user: Any
    form: Mapping[str, Any]
    now: datetime

    def text(self, name: str) -> str:
        return str(self.form.get(name, ""))

    def key(self, name: str) -> int:
        """A key as forms send it; 0 for anything else."""
        return key_of(self.text(name))


def do(name: str, asked: Asked) -> Done:
    """Does it; returns what to say, and what may be undone. Raises KeyError for an act that there is none of."""
    return ACTS[name](asked)


def _decide(asked: Asked) -> Done:
    """About one item of the agenda, whichever the meeting is at by now."""
    place = AgendaItem.objects.on(asked.meeting, asked.key("agenda"))
    if place is None:
        raise Refused(GONE)
    sent = acts.Sent(
        items=(place.item,), actor=store.Actor.of(asked.user), form=asked.form, meeting=asked.meeting, named=False
    )  # fmt: skip
    with running.deciding(asked.meeting.pk):
        done = acts.act(asked.text("act"), sent)
    return Done(sentence=" ".join(one.sentence for one in done), decision=done[0].decision)


def _undo(asked: Asked) -> Done:
    decision = Decision.objects.by_key(asked.meeting.project_id, asked.key("decision"))
    if decision is None or decision.meeting_id != asked.meeting.pk:
        raise Refused(GONE)
    with running.deciding(asked.meeting.pk):
        store.undo(decision, store.Actor.of(asked.user))
    return Done(sentence="Undone.")


def _move(asked: Asked) -> Done:
    running.move(asked.meeting.pk, asked.key("seen"), asked.key("to"), asked.now)
    return Done()


def _done(asked: Asked) -> Done:
    running.done(asked.meeting.pk, asked.key("agenda"), asked.now)
    return Done()


def _skip(asked: Asked) -> Done:
    running.done(asked.meeting.pk, asked.key("agenda"), asked.now, skipped=True)
    return Done(sentence="Not today: it stays open and comes again.")


def _take_up(asked: Asked) -> Done:
    running.take_up(asked.meeting.pk, asked.key("agenda"), asked.now)
    return Done()


def _add(asked: Asked) -> Done:
    group = FailureGroup.objects.by_key(asked.meeting.project_id, asked.key("group"))
    if group is None:
        raise Refused("This project has no such failure.")
    running.add(asked.meeting.pk, group, asked.now)
    return Done(sentence="On the agenda.")


def _line(asked: Asked) -> Done:
    with running.held(asked.meeting.pk) as meeting:
        writing.add_line(meeting, asked.user, asked.text("text"), asked.now)
    return Done(sentence="Written.")


def _withdraw(asked: Asked) -> Done:
    with running.held(asked.meeting.pk) as meeting:
        if not writing.withdraw_line(meeting, asked.key("line"), asked.user, asked.now):
            raise Refused("Only who wrote a line takes it back.")
    return Done(sentence="Taken back.")


def _hand_over(asked: Asked) -> Done:
    alone = running.hand_over(asked.meeting.pk, asked.text("before"), asked.text("text"))
    return Done(sentence="The hand-over note is saved." if alone else BOTH_KEPT)


def _end(asked: Asked) -> Done:
    ended = running.end(asked.meeting.pk, asked.now)
    return Done(sentence="The meeting has ended; these are its minutes." if ended else "The meeting had ended already.")


ACTS: dict[str, Callable[[Asked], Done]] = {
    "decide": _decide,
    "undo": _undo,
    "move": _move,
    "done": _done,
    "skip": _skip,
    "take-up": _take_up,
    "add": _add,
    "line": _line,
    "withdraw": _withdraw,
    "hand-over": _hand_over,
    "end": _end,
}
