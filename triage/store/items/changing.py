"""How every change of items is written: rows held in one order, a decision an item, meetings told.

Locks, always in this order: items by their keys, then meetings. Whoever holds a meeting's row must not decide on items.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from django.db import transaction

from triage.models import Decision, Item, Meeting
from triage.store import many
from triage.store.items.actors import NAME, Actor
from triage.store.items.mentions import tell_mentioned
from triage.store.text import clean, written

TEXT = 10_000  # characters of a note or a reason
BATCH = 500  # rows in one statement
_COLUMNS = {"owner": "owner_id"}  # where the attribute is named otherwise than the field
_TIMES = ("observing_since", "closed_at")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of one item. Fields that are so already are no change."""

    what: str  # Decision.What
    fields: Mapping[str, Any] = {}  # by the names of querysets.items.FIELDS
    facts: Mapping[str, Any] = {}  # kept with `after`, and no field of the item
    text: str = ""
    always: bool = False  # a decision even where no field changes
    judgement: Any = None
    undoes: Any = None


Wanted = Iterable[tuple[Any, Change | None]]  # items, each with what is to become of it


def decide(
    items: Iterable[Any], actor: Actor, changes_of: Callable[[Sequence[Any]], Wanted], meeting: Any = None
) -> tuple[Any, ...]:
    """Changes these items as `changes_of` says once they are held; returns the decisions, by the keys of their items.

    All or none: what `changes_of` raises undoes the others. Several at once are one batch.
    """
    with transaction.atomic():
        held = Item.objects.held({item.pk for item in items})
        _of_one_project(held, meeting)
        return apply(changes_of(held), actor, meeting)


def apply(changes: Wanted, actor: Actor, meeting: Any = None) -> tuple[Any, ...]:
    """The same for items that are held already, in a transaction."""
    now = datetime.now(UTC)
    made, changed = [], []
    for item, change in changes:
        if change is None:
            continue
        decision = _decided(item, change, actor, meeting, now)
        if decision is not None:
            made.append(decision)
            changed.append(item)
    if len(made) > 1:
        batch = uuid.uuid4()
        for decision in made:
            decision.batch = batch
    write(made, changed)
    tell_mentioned(made, actor.user)
    return tuple(made)


def write(decisions: Sequence[Any], items: Sequence[Any]) -> None:
    """Adds decisions and writes the items that they changed."""
    if not decisions:
        return
    columns = ("status", "passes_wanted", "observing_since", "closed_at", "owner", "owner_name", "due", "ticket")
    many.update(Item, items, (*columns, "blocker", "touched_at", "version"))
    Decision.objects.bulk_create(decisions, batch_size=BATCH)
    Meeting.objects.move_on(item.pk for item in items)


def _decided(item: Any, change: Change, actor: Actor, meeting: Any, now: datetime) -> Any:
    """The decision, its item changed as it says; None where nothing changes."""
    before = {name: told(item, name) for name in change.fields}
    for name, value in change.fields.items():
        setattr(item, _COLUMNS.get(name, name), value)
    after = {name: told(item, name) for name in change.fields}
    same = [name for name in after if after[name] == before[name]]
    for name in same:
        del before[name], after[name]
    if not after and not change.always:
        return None
    item.touched_at = now
    item.version += 1
    return Decision(
        project_id=item.project_id, item=item, meeting=meeting, user=actor.user, who=clean(actor.who, NAME),
        what=change.what, before=before, after=after | dict(change.facts), text=change.text,
        judgement=change.judgement, undoes=change.undoes, at=now,
    )  # fmt: skip


def told(item: Any, name: str) -> Any:
    """A field of an item as its decisions keep it."""
    value = getattr(item, _COLUMNS.get(name, name))
    return value.isoformat() if isinstance(value, date) else value  # a datetime is a date too


def untold(name: str, value: Any) -> Any:
    """The same the other way round."""
    if value is None:
        return None
    if name in _TIMES:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name == "due" else value


def checked_text(text: str) -> str:
    """Plain text as it is kept. Raises ValueError with a sentence where it is too long."""
    kept = written(text, TEXT + 1)
    if len(kept) > TEXT:
        raise ValueError(f"This is too long: write at most {TEXT:,} characters.")
    return kept


def _of_one_project(items: Sequence[Any], meeting: Any) -> None:
    projects = {item.project_id for item in items} | ({meeting.project_id} if meeting is not None else set())
    if len(projects) > 1:
        raise ValueError("What is decided at once must belong to one project.")
