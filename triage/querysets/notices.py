"""Reads of notification rules and what is to be sent."""

from __future__ import annotations

from django.db import models


class NoticeRuleQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class NoticeQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass
