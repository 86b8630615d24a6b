"""What a person can do to failures.

Each act takes what was sent and gives what it did; it raises ValueError with a sentence where the form makes no sense.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from django.db import transaction

from dashboard.pages import words
from dashboard.pages.decided import day
from dashboard.pages.judging import read_answer
from dashboard.pages.tickets import short_ticket
from dashboard.pages.words import counted, middle
from dashboard.sent import day_of
from dashboard.strangers import stranger
from dashboard.timeline.text import visible
from triage.models import Decision, Item
from triage.store import items as store
from triage.store.items.actors import NAME
from triage.store.items.deciding import MOST_PASSES, PASSES
from triage.store.meetings.writing import title_of

MOST = 200  # failures that one form may decide on
FIELDS = {"status": "status", "owner": "owner", "due": "due", "ticket": "ticket", "passes": "watch"}  # and their acts
NOBODY, ME = ("", "nobody"), "me"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A form, and what it is about."""

    items: tuple[Any, ...]
    actor: store.Actor
    form: Mapping[str, Any]
    meeting: Any = None
    named: bool = True  # False: the failure is in front of who decides, so that what is said need not name it

    def text(self, name: str) -> str:
        return str(self.form.get(name, "")).strip()


class Done(msgspec.Struct, frozen=True, kw_only=True):
    sentence: str = ""
    decision: int | None = None  # what to undo; None where nothing changed


def act(name: str, sent: Sent) -> tuple[Done, ...]:
    """Does it, all or nothing. A name may bring its value: `status:resolved`, `owner:me`, `due:`.

    Without a name, every field that is filled in is set. Raises ValueError.
    """
    name, brought, value = name.partition(":")
    if brought:
        sent = msgspec.structs.replace(sent, form={**sent.form, name: value})
    names = [name] if name and name != "fields" else [FIELDS[each] for each in FIELDS if sent.text(each)]
    if not names:
        raise ValueError("Say what to change: nothing was filled in.")
    if any(each not in ACTS for each in names):
        raise ValueError("There is no such thing to do with a failure.")
    with transaction.atomic():
        done = tuple(ACTS[each](sent) for each in names)
    return tuple(one for one in done if one.decision is not None) or done[:1]


def _status(sent: Sent) -> Done:
    status = sent.text("status")
    done = store.set_status(sent.items, sent.actor, status, text=sent.text("text"), meeting=sent.meeting)
    return _done(sent, f"{words.STATUSES.get(status, status)}", done)


def _owner(sent: Sent) -> Done:
    said, due = sent.text("owner").removeprefix("@")[:NAME], day_of(sent.text("due"))
    user = None
    if said.lower() == ME:
        user = sent.actor.user
    elif said.lower() not in NOBODY:
        people = Item.objects.people_of(sent.items[0].project_id)
        user = next((each for each in people if said.lower() in _names(each)), None)
    name = "" if user is not None or said.lower() in NOBODY else said
    done = store.set_owner(sent.items, sent.actor, user=user, name=name, due=due, meeting=sent.meeting)
    whose = visible(user.get_username() if user is not None else name)
    until = f", due {day(due)}" if due is not None else ""
    found = _done(sent, f"given to {whose or 'nobody'}{until}", done)
    if not name:
        return found
    return msgspec.structs.replace(found, sentence=f"{found.sentence} {stranger(name, sent.items[0].project_id)}")


def _names(user: Any) -> tuple[str, str]:
    return user.get_username().lower(), user.get_full_name().lower()


def _due(sent: Sent) -> Done:
    due = day_of(sent.text("due"))
    done = store.set_due(sent.items, sent.actor, due, meeting=sent.meeting)
    return _done(sent, f"due {day(due)}" if due is not None else "without a due date", done)


def _ticket(sent: Sent) -> Done:
    url = sent.text("ticket")
    done = store.set_ticket(sent.items, sent.actor, url, meeting=sent.meeting)
    return _done(sent, f"linked to {short_ticket(url)}" if url else "without a ticket", done)


def _blocker(sent: Sent) -> Done:
    blocks = sent.text("blocker") != "no"
    done = store.set_blocker(sent.items, sent.actor, blocks, meeting=sent.meeting)
    return _done(sent, "blocking the release" if blocks else "not blocking the release", done)


def _watch(sent: Sent) -> Done:
    wanted = sent.text("passes") or str(PASSES)
    if not (wanted.isascii() and wanted.isdigit() and 0 < int(wanted[:9]) <= MOST_PASSES):
        raise ValueError(f"Say after how many passes it is resolved: a number from 1 to {MOST_PASSES:,}.")
    done = store.watch(sent.items, sent.actor, int(wanted), meeting=sent.meeting)
    return _done(sent, f"observing until {counted(int(wanted), 'pass', 'passes')}", done)


def _note(sent: Sent) -> Done:
    if not sent.text("text"):
        raise ValueError("A note needs some words.")
    done = [store.note(item, sent.actor, sent.text("text"), meeting=sent.meeting) for item in sent.items]
    return Done(sentence="Noted.", decision=done[0].pk if len(done) == 1 else None)


def _accept(sent: Sent) -> Done:
    done = [
        store.answer(item, sent.actor, True, reason=sent.text("reason"), meeting=sent.meeting) for item in sent.items
    ]
    return Done(sentence="Verdict accepted, with your name and the time.", decision=_single(done))


def _overrule(sent: Sent) -> Done:
    done = []
    for item in sent.items:
        answer = read_answer({**sent.form, "accepted": "no"}, item.group)
        if answer.problem:
            raise ValueError(answer.problem)
        found = (answer.kind, answer.mechanism, answer.reason)
        done.append(store.answer(item, sent.actor, False, *found, meeting=sent.meeting))
    return Done(sentence="Verdict overruled, and noted.", decision=_single(done))


ACTS: dict[str, Callable[[Sent], Done]] = {
    "status": _status,
    "owner": _owner,
    "due": _due,
    "ticket": _ticket,
    "blocker": _blocker,
    "watch": _watch,
    "note": _note,
    "accept": _accept,
    "overrule": _overrule,
}


def _done(sent: Sent, what: str, decisions: tuple[Decision, ...]) -> Done:
    """`Car count wrong: given to anna.` or `3 failures: given to anna.`"""
    if not decisions:
        return Done(sentence="Nothing to change: it was so already.", decision=None)
    if not sent.named:
        return Done(sentence=f"{what[:1].upper()}{what[1:]}.", decision=decisions[0].pk)
    one = len(decisions) == 1
    which = middle(visible(title_of(decisions[0].item.group)), 80) if one else counted(len(decisions), "failure")
    return Done(sentence=f"{which}: {what}.", decision=decisions[0].pk)


def _single(done: list[Decision]) -> int | None:
    return done[0].pk if len(done) == 1 else None
