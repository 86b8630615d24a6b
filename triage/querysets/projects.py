"""Reads of projects and tokens."""

from __future__ import annotations

from typing import Any

from triage.querysets.pages import ProjectPages, TokenPages


class ProjectQuerySet(ProjectPages):  # type: ignore[type-arg]
    def locked(self, key: int) -> Any:
        """The project, its row held until the transaction ends; None where there is none."""
        return self.select_for_update(no_key=True).filter(pk=key).first()

    def named(self, slug: str) -> Any:
        """The project of that slug, or None; who may see it is not asked."""
        return self.filter(slug=slug).first()


class TokenQuerySet(TokenPages):  # type: ignore[type-arg]
    def valid_with(self, digest: str) -> Any:
        """The token of that digest with its project, unless there is none or it was revoked: then None."""
        return self.select_related("project").filter(digest=digest, revoked_at=None).first()
