"""Writes of projects and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from triage.models import Membership, Project, Token

USE_NOTED_EVERY = timedelta(minutes=1)  # a polling CI job must not write a row with every request


def ensure_project(slug: str, name: str = "") -> Project:
    """The project of that slug, made if it is missing."""
    return Project.objects.get_or_create(slug=slug, defaults={"name": name or slug})[0]


@transaction.atomic
def new_project(slug: str, name: str, by: Any) -> Project | None:
    """A project with its first admin; None where the slug is taken."""
    project, made = Project.objects.get_or_create(slug=slug, defaults={"name": name})
    if not made:
        return None
    Membership.objects.create(project=project, user=by, role=Membership.Role.ADMIN)
    return project


def rename(project: Project, name: str) -> None:
    project.name = name
    project.save(update_fields=["name"])


def keep_for(project: Project, days: int) -> None:
    """How long its server lines are kept."""
    project.retention_days = days
    project.save(update_fields=["retention_days"])


def add_token(
    project: Project, *, digest: str, prefix: str, scopes: Sequence[str], name: str = "", made_by: Any = None
) -> Token:
    return Token.objects.create(
        project=project, digest=digest, prefix=prefix, scopes=list(scopes), name=name, made_by=made_by
    )


def note_token_use(token: Token, now: datetime) -> None:
    """Remembers that the token was used, at most once a minute over all processes."""
    stale = now - USE_NOTED_EVERY
    if token.last_used_at is not None and token.last_used_at > stale:
        return
    unnoted = Q(last_used_at=None) | Q(last_used_at__lte=stale)
    Token.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
