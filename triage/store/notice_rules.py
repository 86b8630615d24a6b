"""Writes of notification rules. Each takes the project's row first, so that two people meet the same limit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from triage.core.notices.records import Event
from triage.models import NoticeRule, Project
from triage.querysets.notices import RULES
from triage.secrets import closed
from triage.store import deliveries
from triage.store.notices import ON_GITHUB, Telling, note
from triage.store.refused import Refused

FIELDS = ("name", "channel", "target", "events", "kinds", "level", "branches", "batch_minutes")


@transaction.atomic
def add(project: Project, by: Any, now: datetime, *, secret: str = "", hint: str = "", **told: Any) -> NoticeRule:
    """`told`: FIELDS. `secret` is kept encrypted, `hint` is what of it may be shown. Raises Refused."""
    Project.objects.locked(project.pk)
    if NoticeRule.objects.in_use(project).count() >= RULES:
        raise Refused(f"A project has at most {RULES} rules: delete one that is of no use any more.")
    _alone(project, told, None)
    kept = {"secret": closed(secret), "hint": hint} if secret else {}
    return NoticeRule.objects.create(project=project, created_by=by, **told, **kept)


@transaction.atomic
def change(project: Project, key: int, *, secret: str = "", hint: str = "", **told: Any) -> NoticeRule | None:
    """None where the project has none of that key. Without a secret, the one there stays. Raises Refused."""
    Project.objects.locked(project.pk)
    rule: NoticeRule | None = NoticeRule.objects.in_use_by_key(project, key)
    if rule is None:
        return None
    _alone(project, told, key)
    kept = {"secret": closed(secret), "hint": hint} if secret else {}
    for name, value in {**told, **kept}.items():
        setattr(rule, name, value)
    rule.save(update_fields=[*told, *kept])
    return rule


@transaction.atomic
def set_active(project: Project, key: int, active: bool, now: datetime) -> NoticeRule | None:
    """Pauses a rule or lets it go on. What it had still to say when it was paused is not said."""
    rule: NoticeRule | None = NoticeRule.objects.in_use_by_key(project, key)
    if rule is not None and rule.active != active:
        rule.active = active
        rule.save(update_fields=["active"])
        if not active:
            deliveries.leave_waiting(rule, now)
    return rule


@transaction.atomic
def delete(project: Project, key: int, now: datetime) -> NoticeRule | None:
    """Can be undone: what waits then goes on waiting."""
    rule: NoticeRule | None = NoticeRule.objects.in_use_by_key(project, key)
    if rule is not None:
        rule.deleted_at = now
        rule.save(update_fields=["deleted_at"])
    return rule


@transaction.atomic
def restore(project: Project, key: int) -> NoticeRule | None:
    """Undoes a deletion. Raises Refused where there is no room."""
    Project.objects.locked(project.pk)
    rule: NoticeRule | None = NoticeRule.objects.deleted_by_key(project, key)
    if rule is not None:
        if NoticeRule.objects.in_use(project).count() >= RULES:
            raise Refused(f"A project has at most {RULES} rules: delete one that is of no use any more.")
        _alone(project, {"channel": rule.channel, "target": rule.target}, key)
        rule.deleted_at = None
        rule.save(update_fields=["deleted_at"])
    return rule


def try_out(rule: NoticeRule, key: str, now: datetime) -> int:
    """Makes a message that only says that it is a test; returns its key. It is sent like every other."""
    with transaction.atomic():
        note(rule.project_id, Event.TEST, [(rule, Telling(key=f"test:{key}", data={}))])
        return deliveries.made_of_test(rule, f"test:{key}", now)


def _alone(project: Project, told: dict[str, Any], key: int | None) -> None:
    """Two rules that keep one comment up to date would overwrite each other."""
    channel = told.get("channel", "")
    if channel in ON_GITHUB:
        others = [one for one in NoticeRule.objects.of_channel(project, channel, told["target"]) if one.pk != key]
        if others:
            raise Refused(f"The rule “{others[0].name}” does that for this repository already: change that one.")
