"""Reads of saved views: a person's own, and those that they share with their project."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q

SHOWN = 40  # views that one page lists


class SavedViewQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def offered(self, project: Any, user: Any, page: str) -> list[Any]:
        """What a person may open on a page: their own first, then the project's."""
        rows = self.filter(Q(user=user) | Q(shared=True), project=project, page=page, deleted_at=None)
        return sorted(rows.select_related("user").order_by("-pk")[:SHOWN], key=lambda v: (v.shared, v.name.lower()))

    def own(self, project: Any, user: Any, page: str) -> Self:
        return self.filter(project=project, user=user, page=page, deleted_at=None)

    def called(self, name: str) -> Self:
        return self.filter(name=name)

    def seen_as(self, project: Any, user: Any, pk: int) -> Any:
        """The view, deleted or not, or None where there is none that this person may know of."""
        rows = self.filter(Q(user=user) | Q(shared=True), project=project, pk=pk)
        return rows.select_related("user").first()
