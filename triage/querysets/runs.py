"""Reads of runs and their parts."""

from __future__ import annotations

from django.db import models


class RunQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class PartQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass
