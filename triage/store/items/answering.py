"""What people say of a group's verdict, as a decision on its item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

from triage.models import Decision, Item, Judgement
from triage.store.items.actors import Actor
from triage.store.items.changing import Change, apply
from triage.store.judgements import REASON, NoVerdict, SaysTheSame, judge, withdraw
from triage.store.text import written

GONE = "There is no such item any more."


def answer(
    item: Any, actor: Actor, accepted: bool, kind: str = "", mechanism: str = "", reason: str = "", *,
    meeting: Any = None,
) -> Any:  # fmt: skip
    """Accepts or overrules the verdict of the item's group. Saying the same twice is saying it once.

    Raises ValueError with a sentence: there is no verdict, or it is overruled without a reason or with what it says.
    """
    reason = reason.strip()
    if not accepted and not kind:
        raise ValueError("Say what it is instead: choose one of the seven verdicts.")
    if not accepted and not reason:
        raise ValueError("Overruling a verdict needs a reason: how do you know?")
    if len(reason) > REASON:
        raise ValueError(f"A reason has at most {REASON:,} characters.")
    with transaction.atomic():
        held = Item.objects.held([item.pk])
        if not held:
            raise ValueError(GONE)
        group = held[0].group
        judgement = _judged(actor, group, accepted, kind, mechanism, reason)
        before = Decision.objects.answers(held[0], judgement)
        if before is not None:
            return before
        what = Decision.What.ACCEPTED if accepted else Decision.What.OVERRULED
        facts = {"kind": judgement.kind, "mechanism": judgement.mechanism}
        change = Change(what=what, facts=facts, text=written(reason), always=True, judgement=judgement)
        return apply([(held[0], change)], actor, meeting)[0]


def take_back(decisions: Sequence[Any], actor: Actor) -> Iterator[str]:
    """Withdraws what these decisions said of verdicts; yields a sentence where somebody has said otherwise since."""
    for decision in decisions:
        said = decision.judgement
        if said is None:
            continue
        last = Judgement.objects.about(said.project_id, said.target).first()
        if last is not None and last.pk == said.pk:
            withdraw(said, actor.user, actor.who)
        elif last is not None and last.pk > said.pk:
            yield f"{last.who} has judged the verdict since."


def _judged(actor: Actor, group: Any, accepted: bool, kind: str, mechanism: str, reason: str) -> Any:
    try:
        return judge(actor.user, None, group.test, accepted, kind, mechanism, reason, group=group, who=actor.who)
    except SaysTheSame:
        raise ValueError("That is what the verdict says already: accept it, or say what it is instead.") from None
    except NoVerdict:
        raise ValueError("This failure has no verdict yet.") from None
    except ValueError:
        raise ValueError("There is no such verdict or mechanism.") from None
