"""Reads of notification rules, of what there is to tell, and of messages on their way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, Min, OuterRef, Q

RULES = 40  # of one project
NEWEST = 50  # messages that the log shows


class NoticeRuleQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def in_use(self, project: Any) -> Self:
        """Paused ones too."""
        return self.filter(project=project, deleted_at=None).order_by("name", "pk")

    def asking_for(self, project_id: int, event: str) -> list[Any]:
        """The rules that are to be told of an event, whatever else they ask; a comment and a status only of runs."""
        rows = self.filter(project_id=project_id, active=True, deleted_at=None, events__contains=[event])
        return list(rows.order_by("pk")[:RULES])

    def in_use_by_key(self, project: Any, key: int) -> Any:
        """The one of that key, or None where this project has none such in use."""
        return self.in_use(project).filter(pk=key).first()

    def deleted_by_key(self, project: Any, key: int) -> Any:
        return self.filter(project=project, pk=key).exclude(deleted_at=None).first()

    def just_deleted(self, project: Any, key: str) -> Any:
        """The deleted one that an address names, so that its page can offer to undo it; None for anything else."""
        digits = key.isascii() and key.isdigit() and len(key) < 19
        return self.deleted_by_key(project, int(key)) if digits else None

    def of_channel(self, project: Any, channel: str, target: str) -> Self:
        return self.in_use(project).filter(channel=channel, target__iexact=target)

    def waiting(self, now: datetime) -> list[int]:
        """Keys of the rules in use for which something is due that is in no message yet, the longest first."""
        due = self.filter(active=True, deleted_at=None, notices__delivery=None, notices__due_at__lte=now)
        return list(due.annotate(since=Min("notices__due_at")).order_by("since").values_list("pk", flat=True)[:200])


class NoticeQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def untold(self) -> Self:
        return self.filter(delivery=None)

    def people_waiting(self, now: datetime) -> list[tuple[int, int]]:
        """(project, user) of those for whom something is due that is in no message yet."""
        rows = self.filter(rule=None, delivery=None, due_at__lte=now)
        told = rows.values("project_id", "user_id").annotate(since=Min("due_at")).order_by("since")
        return [(row["project_id"], row["user_id"]) for row in told[:200]]

    def of_rule(self, rule: Any) -> Self:
        return self.filter(rule=rule).order_by("pk")

    def of_person(self, project_id: int, user_id: int) -> Self:
        return self.filter(rule=None, project_id=project_id, user_id=user_id).order_by("pk")

    def mine_alone(self) -> Self:
        """Held until the transaction ends; what somebody else holds is left out."""
        return self.select_for_update(skip_locked=True, of=("self",))

    def about(self, event: str, keys: Iterable[str]) -> Self:
        return self.filter(event=event, key__in=list(keys))

    def in_delivery(self, delivery: Any, limit: int) -> list[Any]:
        return list(self.filter(delivery=delivery).order_by("pk")[:limit])

    def before(self, project: Any, moment: datetime) -> Self:
        return self.filter(project=project, created_at__lt=moment)


class DeliveryQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def unfinished(self) -> Self:
        return self.filter(sent_at=None, given_up_at=None)

    def next_due(self, now: datetime) -> Any:
        """A message whose time has come, its row held; those that somebody else holds are left out.

        A rule's messages go one after another, so that a pull request's comment never falls back to an older run.
        """
        earlier = self.model.objects.unfinished().filter(rule=OuterRef("rule"), pk__lt=OuterRef("pk"))
        rows = self.unfinished().filter(due_at__lte=now).filter(Q(rule=None) | ~Exists(earlier))
        return rows.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk").first()

    def by_key(self, key: int) -> Any:
        return self.select_related("rule", "user", "project").filter(pk=key).first()

    def locked(self, key: int) -> Any:
        return self.select_for_update(of=("self",)).filter(pk=key).first()

    def waiting_of(self, rule: Any) -> Any:
        """The rule's message that waits for another try, its row held, or None: what is new may join it."""
        rows = self.unfinished().filter(rule=rule, sending=False)
        return rows.select_for_update(skip_locked=True, of=("self",)).order_by("-pk").first()

    def unfinished_of(self, rule: Any) -> Self:
        return self.unfinished().filter(rule=rule)

    def last_in(self, rule: Any, thread: str) -> Any:
        """The newest message that was sent into a thread and has an id there, or None."""
        rows = self.filter(rule=rule, thread=thread).exclude(answer="").exclude(sent_at=None)
        return rows.order_by("-pk").first()

    def newest_of(self, project: Any) -> list[Any]:
        """The log: the newest messages, those to single people left out, because they are nobody else's business."""
        rows = self.filter(project=project).exclude(rule=None).select_related("rule")
        return list(rows.order_by("-pk")[:NEWEST])

    def before(self, project: Any, moment: datetime) -> Self:
        return self.filter(project=project, created_at__lt=moment).exclude(sent_at=None, given_up_at=None)
