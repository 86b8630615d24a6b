"""Reads of processes, served requests, matches and verdicts."""

from __future__ import annotations

from django.db import models


class ProcessQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class ServedQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class MatchQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass


class VerdictQuerySet(models.QuerySet):  # type: ignore[type-arg]
    pass
