"""What a request decides on an item: read, checked, and done as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec
from django.db import transaction
from django.http import HttpRequest

from dashboard.api.body import json_object, text_in
from dashboard.api.query import one_of
from triage.api import ApiError
from triage.core.findings import Mechanism, VerdictKind
from triage.models import Decision, Item, Mention
from triage.store.items import (
    Actor,
    answer,
    note,
    set_blocker,
    set_due,
    set_owner,
    set_status,
    set_ticket,
    watch,
)
from triage.store.items.actors import NAME
from triage.store.items.changing import TEXT
from triage.store.items.deciding import LINK
from triage.store.judgements import REASON

BODY = 128 * 1024  # bytes
EXAMPLE = '{"status": "investigating"}'
FIELDS = ("status", "owner", "due", "ticket", "blocker", "watch", "note", "accepted")
ABOUT_THE_VERDICT = ("kind", "mechanism", "reason")


class NewDecision(msgspec.Struct, frozen=True, kw_only=True):
    given: frozenset[str]  # names of the fields that are to be decided on
    status: str | None
    owner: str
    due: date | None
    ticket: str
    blocker: bool
    watch: int | None
    note: str
    accepted: bool
    kind: str
    mechanism: str
    reason: str


def new_decision(request: HttpRequest) -> NewDecision:
    """The body, checked as far as its form goes. Raises ApiError 400 or 413."""
    sent = json_object(request, BODY, "A decision", EXAMPLE)
    given = frozenset(name for name in FIELDS if name in sent)
    if "accepted" not in given and (name := next((name for name in ABOUT_THE_VERDICT if sent.get(name)), None)):
        raise ApiError(400, "bad_field", f"'{name}' needs 'accepted': is the verdict right or wrong?", name)
    if not given:
        raise ApiError(400, "missing_field", f"Say what is decided: at least one of {', '.join(FIELDS)}.")
    texts = {name: text_in(sent, name) for name in ("status", "kind", "mechanism")}
    if "note" in given and text_in(sent, "note") is None:
        given -= {"note"}
    status = one_of(texts, "status", Item.Status.values)
    if "status" in given and status is None:
        raise ApiError(400, "bad_field", f"'status' must be one of {', '.join(Item.Status.values)}.", "status")
    if "watch" in given and status not in (None, Item.Status.OBSERVING):
        raise ApiError(400, "bad_field", "A fix is watched while the status is observing.", "watch")
    return NewDecision(
        given=given,
        status=status,
        owner=text_in(sent, "owner", NAME) or "",
        due=_date(sent),
        ticket=text_in(sent, "ticket", LINK) or "",
        blocker=_boolean(sent, "blocker"),
        watch=_count(sent, "watch"),
        note=text_in(sent, "note", TEXT) or "",
        accepted=_boolean(sent, "accepted"),
        kind=one_of(texts, "kind", [each.value for each in VerdictKind]) or "",
        mechanism=one_of(texts, "mechanism", [each.value for each in Mechanism]) or "",
        reason=text_in(sent, "reason", REASON) or "",
    )


def decide(item: Item, actor: Actor, new: NewDecision) -> list[Any]:
    """All of it or nothing; returns the decisions that were made. Raises ApiError 400 with the field concerned."""
    made: list[Any] = []
    with transaction.atomic():
        Item.objects.held([item.pk])
        last = Decision.objects.newest_of([item.pk]).get(item.pk)
        for name, work in _works(item, actor, new):
            try:
                told = work()
            except ValueError as error:
                raise ApiError(400, "bad_field", str(error), name) from error
            made += told if isinstance(told, Sequence) else [told]
    return [each for each in made if last is None or each.pk > last.pk]  # without what was said before


def _works(item: Item, actor: Actor, new: NewDecision) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What is to be done, by the field that asks for it."""
    items, given = [item], new.given
    if new.status is not None:
        yield "status", lambda: set_status(items, actor, new.status or "", passes_wanted=new.watch)
    elif new.watch is not None:
        yield "watch", lambda: watch(items, actor, new.watch or 0)
    if "owner" in given:
        user = _member(item, new.owner)
        yield "owner", lambda: set_owner(items, actor, user=user, name=new.owner)
    if "due" in given:
        yield "due", lambda: set_due(items, actor, new.due)
    if "ticket" in given:
        yield "ticket", lambda: set_ticket(items, actor, new.ticket)
    if "blocker" in given:
        yield "blocker", lambda: set_blocker(items, actor, new.blocker)
    if "accepted" in given:
        yield "accepted", lambda: answer(item, actor, new.accepted, new.kind, new.mechanism, new.reason)
    if "note" in given:
        yield "note", lambda: note(item, actor, new.note)


def _member(item: Item, name: str) -> Any:
    """The member of exactly that user name; a name of nobody's is a team's."""
    members = Mention.objects.members_named(item.project_id, [name.lower()]) if name else []
    return next((user for user in members if user.get_username() == name), None)


def _boolean(sent: dict[str, Any], name: str) -> bool:
    value = sent.get(name, False)
    if not isinstance(value, bool):
        raise ApiError(400, "bad_field", f"'{name}' must be true or false.", name)
    return value


def _count(sent: dict[str, Any], name: str) -> int | None:
    value = sent.get(name, 1)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ApiError(400, "bad_field", f"'{name}' must be a whole number of passes.", name)
    return value if name in sent else None


def _date(sent: dict[str, Any]) -> date | None:
    text = text_in(sent, "due", 10)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ApiError(400, "bad_field", "'due' must be a date such as 2027-01-15.", "due") from None
