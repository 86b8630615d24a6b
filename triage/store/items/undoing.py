"""Taking decisions back: as a decision, whole batches at once, and only where nobody has decided otherwise since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from triage.models import Decision, Item, Mention
from triage.querysets.items import FIELDS
from triage.store.items.actors import Actor
from triage.store.items.answering import take_back
from triage.store.items.changing import Change, apply, untold

WHAT = Decision.What
WORDS = {"owner": "owner", "owner_name": "owner", "due": "due date", "ticket": "ticket", "blocker": "blocker mark"}
WHAT_HAPPENED = "That it failed is no decision: resolve the item, or note why it does not matter."
ANSWERED = "What was said of a verdict and taken back stays so: say it again instead."
CAME_BACK = "This failure came back since: decide on the newer item instead."


class Overtaken(Exception):
    """A sentence on who has changed it since."""


def undo(decision: Any, actor: Actor, *, meeting: Any = None) -> tuple[Any, ...]:
    """Takes back a decision and all that were taken with it; returns the decisions that do so.

    All or none. What is undone already stays as it is, and what undid it is returned; undoing an undo decides again.
    A withdrawn note stays on record. Raises Overtaken where somebody changed the same since, ValueError for what
    cannot be undone. It belongs to the meeting of the decision while that runs, unless another is given.
    """
    with transaction.atomic():
        held = {item.pk: item for item in Item.objects.held(Decision.objects.items_with(decision))}
        batch = [_last_said(each) for each in Decision.objects.of_batch(decision)]
        wanted = [each for each in batch if not _is_undone(each) and each.item_id in held]
        if not wanted:
            return tuple(each.undone_by for each in batch if _is_undone(each))
        _refuse_what_cannot(wanted)
        _refuse_overtaken(wanted)
        for sentence in take_back([each for each in wanted if each.what in (WHAT.ACCEPTED, WHAT.OVERRULED)], actor):
            raise Overtaken(sentence)
        accounts = Mention.objects.accounts(filter(None, (each.before.get("owner") for each in wanted)))
        changes = [(held[each.item_id], _back(each, accounts)) for each in wanted]
        _refuse_reopened(changes)
        return apply(changes, actor, meeting or _running(decision.meeting))


def _is_undone(decision: Any) -> bool:
    return getattr(decision, "undone_by", None) is not None


def _last_said(decision: Any) -> Any:
    """The decision itself, or what decided the same again by undoing an undo of it."""
    while _is_undone(decision) and _is_undone(decision.undone_by):
        decision = decision.undone_by.undone_by
    return decision


def _refuse_what_cannot(decisions: Iterable[Any]) -> None:
    for each in decisions:
        if each.what in (WHAT.OPENED, WHAT.CAME_BACK):
            raise ValueError(WHAT_HAPPENED)
        if each.undoes is not None and each.undoes.judgement_id is not None:
            raise ValueError(ANSWERED)


def _refuse_overtaken(decisions: Sequence[Any]) -> None:
    """Where a later decision on the same fields holds: one that was not itself undone."""
    first, fields = min(each.pk for each in decisions), {name for each in decisions for name in _fields(each.after)}
    if not fields:
        return
    later: dict[int, list[Any]] = {}
    for row in Decision.objects.that_changed((each.item_id for each in decisions), fields, first):
        later.setdefault(row.item_id, []).append(row)
    for each in decisions:
        for row in _holding(later.get(each.item_id, ()), each.pk):
            shared = [name for name in _fields(row.after) if name in each.after]
            if shared:
                words = WORDS.get(shared[0], "status")
                raise Overtaken(
                    f"{row.who} changed the {words} on {row.at:%-d %B %Y} at {row.at:%H:%M} UTC, after this."
                )


def _holding(newest_first: Iterable[Any], after: int) -> Iterator[Any]:
    """Of later decisions those that still hold: neither undone, nor an undo of one of them."""
    undone: set[int] = set()
    for row in newest_first:
        if row.pk <= after:
            return
        if row.pk in undone:
            continue
        if row.undoes_id is not None:
            undone.add(row.undoes_id)
            if row.undoes_id > after:
                continue
        yield row


def _back(decision: Any, accounts: set[int]) -> Change:
    fields = {name: untold(name, value) for name, value in decision.before.items() if name in FIELDS}
    if fields.get("owner") not in accounts and "owner" in fields:
        fields["owner"] = None  # the account is gone, the name stays
    return Change(what=WHAT.UNDONE, fields=fields, always=True, undoes=decision)


def _refuse_reopened(changes: Sequence[tuple[Any, Change]]) -> None:
    """Of a group only its newest item is ever open."""
    opened = [item for item, change in changes if item.closed_at and change.fields.get("closed_at", item) is None]
    newest = Item.objects.current_of(item.group_id for item in opened)
    if any(newest[item.group_id].pk != item.pk for item in opened):
        raise Overtaken(CAME_BACK)


def _fields(after: Mapping[str, Any]) -> list[str]:
    return [name for name in after if name in FIELDS]


def _running(meeting: Any) -> Any:
    return meeting if meeting is not None and meeting.ended_at is None else None
