"""What history adds to the documents: gaps, groups, the verdicts there were before, and what people said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from triage.core.document import Document
from triage.models import FailureGroup, Item, Judgement, Occasion, Run, VerdictChange
from triage.store.recall import test_key

BRIEF = ("kind", "side", "mechanism", "level", "confidence", "summary")


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of one failure apart from its verdict."""

    group: Any = None
    url: str = ""  # of the group's page
    previous: tuple[Any, ...] = ()  # VerdictChange, oldest first
    judgement: Any = None


NOTHING = Beside()


def group_url(request: HttpRequest, pk: int) -> str:
    path = f"/groups/{pk}"
    return settings.BASE_URL + path if settings.BASE_URL else request.build_absolute_uri(path)


def besides(request: HttpRequest, run: Run) -> dict[int, Beside]:
    """By test key, for all failures of a run: three look-ups, however many there are."""
    groups = {row.test_key: row.group for row in Occasion.objects.failures_of_run(run)}
    previous: dict[int, list[Any]] = {}
    for change in VerdictChange.objects.of_run(run):
        previous.setdefault(change.test_key, []).append(change)
    said: dict[int, Any] = {}
    for judgement in Judgement.objects.of_run(run):  # newest first, and the newest one counts
        said.setdefault(test_key(judgement.test), judgement)
    return {
        key: Beside(
            group=groups.get(key),
            url=group_url(request, groups[key].pk) if groups.get(key) else "",
            previous=tuple(previous.get(key, ())),
            judgement=said.get(key),
        )
        for key in groups.keys() | previous.keys() | said.keys()
    }


def beside_document(beside: Beside) -> Document:
    """The fields of a failure that history adds."""
    group = beside.group
    return {
        "group": {"id": group.pk, "url": beside.url} if group is not None else None,
        "history": history_document(group),
        "previous": [change_document(change) for change in beside.previous],
        "judgement": judgement_document(beside.judgement) if beside.judgement is not None else None,
    }


def history_document(group: FailureGroup | None) -> Document | None:
    """What all runs of the test say together; null where they were not weighed yet."""
    if group is None or not group.table:
        return None
    return {
        "processes": group.table,
        "lives": group.lives,
        "rates": group.rates,
        "reason": group.reason or None,
        "at": _time(group.weighed_at),
    }


def change_document(change: VerdictChange) -> Document:
    """A verdict as it was, and why it is that no longer."""
    return {
        "verdict": {name: change.before.get(name) for name in BRIEF},
        "became": {name: change.after.get(name) for name in BRIEF},
        "cause": change.cause,
        "reason": change.reason,
        "core_version": change.core_version,
        "at": _time(change.at),
    }


def judgement_document(judgement: Judgement) -> Document:
    return {
        "id": judgement.pk,
        "test": judgement.test,
        "accepted": judgement.accepted,
        "kind": judgement.kind,
        "mechanism": judgement.mechanism or None,
        "reason": judgement.reason,
        "who": judgement.who,
        "at": _time(judgement.at),
        "verdict": {name: judgement.verdict.get(name) for name in BRIEF},
        "core_version": judgement.core_version,
    }


def group_document(group: FailureGroup, url: str, item: Item | None) -> Document:
    """`item`: the newest one of the group."""
    return {
        "id": group.pk,
        "url": url,
        "test": group.test,
        "status": group.status,
        "message": group.message,
        "fingerprint": {
            "key": group.key,
            "version": group.version,
            "compared": group.normal,
            "rules": group.rules,
        },
        "occurrences": group.occurrences,
        "first_seen": _time(group.first_seen),
        "last_seen": _time(group.last_seen),
        "verdict": {name: getattr(group, name) for name in BRIEF},
        "pair": {"write": group.pair_write, "read": group.pair_read} if group.pair_write else None,
        "history": history_document(group),
        "experiments": group.conclusions,
        "item": care_document(item) if item is not None else None,
    }


def care_document(item: Item) -> Document:
    """What a team does about a failure, in brief."""
    return {
        "id": item.pk,
        "status": item.status,
        "owner": item.owner_name or None,
        "due": item.due.isoformat() if item.due is not None else None,
        "ticket": item.ticket or None,
        "blocker": item.blocker,
    }


def occurrence_document(row: Occasion, url: str) -> Document:
    """One run in which the failure happened."""
    return {
        "run": str(row.run_id),
        "run_key": row.run.run_key,
        "url": url,
        "at": _time(row.at),
        "branch": row.run.branch or None,
        "experiment": row.run.experiment or None,
        "alone": row.kind or None,
    }


def _time(at: Any) -> str | None:
    return at.isoformat() if at is not None else None
