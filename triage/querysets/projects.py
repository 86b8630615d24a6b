"""Reads of projects and tokens."""

from __future__ import annotations

from django.db import models


class ProjectQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class TokenQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass
