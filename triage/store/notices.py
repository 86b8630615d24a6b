"""What people are told: written with what it tells of, sent later, once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from triage.core.notices.choose import asks_for, on_branch
from triage.core.notices.records import Event
from triage.models import Notice, NoticeRule
from triage.store.text import clean

KEY = 120  # characters
TEXT = 4_000  # characters of one text of a notice
MARKDOWN = 100_000
PERSON_S = 60  # what comes for one person within a minute is one mail
ON_GITHUB = (NoticeRule.Channel.GITHUB_COMMENT, NoticeRule.Channel.GITHUB_CHECK)  # these tell of runs only
OF_FAILURES = (Event.OPENED, Event.CAME_BACK, Event.FAILED_AGAIN)


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that came true. `key` names it: no rule is told of the same event and key twice."""

    key: str
    data: dict[str, Any]
    kind: str = ""
    level: str = ""
    branch: str = ""


def tell(
    project_id: int, event: str, key: str, data: dict[str, Any], *, kind: str = "", level: str = "", branch: str = ""
) -> None:
    """Notes something for every rule of the project that asks for it. Call it in the transaction that makes it true.

    `key` names what it is about, such as `item:12`: no rule is given the same key twice.
    """
    tell_all(project_id, event, [Telling(key=key, data=data, kind=kind, level=level, branch=branch)])


def tell_all(project_id: int, event: str, tellings: Iterable[Telling]) -> None:
    """The same for many things at once: one look for rules, and one insert where some ask."""
    rules = NoticeRule.objects.asking_for(project_id, event)
    if rules:
        note(project_id, event, [(rule, one) for one in tellings for rule in rules if wants(rule, event, one)])


def wants(rule: NoticeRule, event: str, one: Telling) -> bool:
    """What has no branch and no verdict, such as minutes, passes every rule that asks for its event."""
    if rule.channel in ON_GITHUB:
        return False
    if event not in OF_FAILURES:
        return True
    return asks_for(rule.kinds, rule.level, one.kind, one.level) and on_branch(rule.branches, one.branch)


def note(project_id: int, event: str, told: Iterable[tuple[NoticeRule, Telling]]) -> None:
    """Writes what rules are to be told; what they were told before stays as it is."""
    now = datetime.now(UTC)
    rows = [
        Notice(
            project_id=project_id, rule=rule, event=event, key=one.key[:KEY], data=cleaned(one.data),
            due_at=now + timedelta(minutes=0 if event == Event.TEST else rule.batch_minutes),
        )
        for rule, one in told
    ]  # fmt: skip
    with transaction.atomic():
        Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def renew(rule: NoticeRule, event: str, one: Telling) -> None:
    """Says the newer words where the older ones have not gone out yet."""
    Notice.objects.of_rule(rule).about(event, [one.key[:KEY]]).untold().update(data=cleaned(one.data))


def tell_person(project_id: int, user_id: int, event: str, key: str, data: dict[str, Any]) -> None:
    """The same to one person, by mail: a mention, an item that became theirs."""
    if not settings.MAIL:
        return
    due = datetime.now(UTC) + timedelta(seconds=PERSON_S)
    row = Notice(
        project_id=project_id, user_id=user_id, event=event, key=key[:KEY], data=cleaned(data), due_at=due
    )  # fmt: skip
    with transaction.atomic():
        Notice.objects.bulk_create([row], ignore_conflicts=True)


def cleaned(data: Any, limit: int = MARKDOWN) -> Any:
    """JSON that Postgres takes, with bounds on every text."""
    if isinstance(data, str):
        return clean(data, limit)
    if isinstance(data, dict):
        bounds = {"markdown": MARKDOWN}
        return {clean(str(name), 60): cleaned(value, bounds.get(name, TEXT)) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [cleaned(each, TEXT) for each in data[:200]]
    return None if isinstance(data, float) and not isfinite(data) else data
