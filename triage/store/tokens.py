"""Writes of tokens that people make and revoke on a page."""

from __future__ import annotations

from datetime import datetime

from triage.models import Project, Token


def revoke(project: Project, key: int, now: datetime) -> bool:
    """False where the project has no such token in use; a token of another project is none."""
    return bool(Token.objects.in_use(project).by_key(key).update(revoked_at=now))
