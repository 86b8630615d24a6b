"""Reads of items in a team's care, decisions, mentions and saved views."""

from __future__ import annotations

from django.db import models


class ItemQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class DecisionQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class MentionQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class SavedViewQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass
