"""Reads of projects and tokens."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from triage.querysets.pages import ProjectPages, TokenPages

SANDBOX = "sandbox-"  # how the slugs of people's own sandboxes begin


class ProjectQuerySet(ProjectPages):  # type: ignore[type-arg]
    def locked(self, key: int) -> Any:
        """The project, its row held until the transaction ends; None where there is none."""
        return self.select_for_update(no_key=True).filter(pk=key).first()

    def named(self, slug: str) -> Any:
        """The project of that slug, or None; who may see it is not asked."""
        return self.filter(slug=slug).first()

    def with_slugs(self, slugs: tuple[str, ...]) -> Self:
        return self.filter(slug__in=slugs)

    def no_sandboxes(self) -> Self:
        """All but what single people have for files that they dropped."""
        return self.exclude(slug__startswith=SANDBOX)


class MembershipQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def of_project(self, project: Any) -> Self:
        """Members by name, each with the person."""
        return self.filter(project=project).select_related("user").order_by("user__username")

    def of_person(self, user: Any) -> Self:
        """A person's memberships, each with its project, by name."""
        return self.filter(user=user).select_related("project").order_by("project__name", "pk")

    def one(self, project: Any, user_id: int) -> Any:
        return self.filter(project=project, user_id=user_id).select_related("user").first()

    def admins(self, project: Any) -> Self:
        """Those who can sign in: an account that was closed leads nothing."""
        return self.filter(project=project, role="admin", user__is_active=True)


class TokenQuerySet(TokenPages):  # type: ignore[type-arg]
    def valid_with(self, digest: str) -> Any:
        """The token of that digest with its project, unless there is none or it was revoked: then None."""
        return self.select_related("project").filter(digest=digest, revoked_at=None).first()
