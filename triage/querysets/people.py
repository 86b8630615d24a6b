"""Reads of invitations and identities."""

from __future__ import annotations

from django.db import models


class InvitationQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class IdentityQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass
