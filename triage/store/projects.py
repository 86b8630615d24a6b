"""Writes of projects and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from triage.models import Project, Token

USE_NOTED_EVERY = timedelta(minutes=1)  # a polling CI job must not write a row with every request


def ensure_project(slug: str, name: str = "") -> Project:
    """The project of that slug, made if it is missing."""
    return Project.objects.get_or_create(slug=slug, defaults={"name": name or slug})[0]


def add_token(project: Project, *, digest: str, prefix: str, scopes: Sequence[str], name: str = "") -> Token:
    return Token.objects.create(project=project, digest=digest, prefix=prefix, scopes=list(scopes), name=name)


def note_token_use(token: Token, now: datetime) -> None:
    """Remembers that the token was used, at most once a minute over all processes."""
    stale = now - USE_NOTED_EVERY
    if token.last_used_at is not None and token.last_used_at > stale:
        return
    unnoted = Q(last_used_at=None) | Q(last_used_at__lte=stale)
    Token.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
