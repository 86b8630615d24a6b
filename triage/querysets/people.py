"""Reads of invitations, identities, sessions, and of what people chose."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models

SESSIONS_SHOWN = 50


class InvitationQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def open(self, now: datetime) -> Self:
        """Those that can still be accepted."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)

    def open_of(self, project: Any, now: datetime) -> Self:
        return self.filter(project=project).open(now).select_related("invited_by").order_by("-created_at", "-pk")

    def open_with(self, digest: str, now: datetime) -> Any:
        """The one of that link with its project; None where it never was, was used or withdrawn, or has run out."""
        return self.filter(digest=digest).open(now).select_related("project", "invited_by").first()


class IdentityQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def at(self, issuer: str, subject: str) -> Any:
        return self.filter(issuer=issuer, subject=subject).select_related("user").first()

    def of_person(self, user: Any) -> Self:
        return self.filter(user=user).order_by("created_at", "pk")


class PersonQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def wants_mail(self, user_id: int) -> bool:
        """Whether mail on mentions is welcome; who chose nothing gets it."""
        return not self.filter(user_id=user_id, mail_mentions=False).exists()


class SessionQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def of_person(self, user: Any, now: datetime) -> Self:
        """The newest ones that still hold."""
        rows = self.filter(user=user, expire_date__gt=now)
        return rows.order_by(models.F("started_at").desc(nulls_last=True), "pk")[:SESSIONS_SHOWN]

    def all_of(self, user: Any, but: str = "") -> Self:
        return self.filter(user=user).exclude(session_key=but)

    def expired(self, now: datetime, limit: int) -> Self:
        """Held until the transaction ends; those that somebody else takes away at the moment are left out."""
        return self.filter(expire_date__lt=now).order_by("expire_date").select_for_update(skip_locked=True)[:limit]


class AttemptQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def counts(self, keys: list[str], now: datetime) -> dict[str, int]:
        """How often each was tried within its window; keys that never were are left out."""
        return dict(self.filter(key__in=keys, ends_at__gt=now).values_list("key", "count"))
