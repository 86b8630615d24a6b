"""Reads of tests, steps and entries."""

from __future__ import annotations

from django.db import models


class TestQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class StepQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class EntryQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass
