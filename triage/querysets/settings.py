"""Reads of what a project set: its line formats and its redaction patterns."""

from __future__ import annotations

from typing import Any, Self

from django.db import connection, models


class _Set(models.QuerySet):  # type: ignore[type-arg]
    def in_use(self, project: Any) -> Self:
        return self.filter(project=project, deleted_at=None).order_by("name", "pk")

    def in_use_by_key(self, project: Any, key: int) -> Any:
        """The one of that key, or None where this project has none such in use; another project's is none."""
        return self.in_use(project).filter(pk=key).first()

    def deleted_by_key(self, project: Any, key: int) -> Any:
        """The one of that key that this project deleted, or None."""
        return self.filter(project=project, pk=key).exclude(deleted_at=None).first()

    def just_deleted(self, project: Any, key: str) -> Any:
        """The deleted one that an address names, so that its page can offer to undo it; None for anything else."""
        digits = key.isascii() and key.isdigit() and len(key) < 19
        return self.deleted_by_key(project, int(key)) if digits else None


class LineFormatQuerySet(_Set):
    def named(self, project: Any, slug: str) -> Any:
        return self.in_use(project).filter(slug=slug).first()


class RedactionPatternQuerySet(_Set):
    def named(self, project: Any, name: str) -> Any:
        return self.in_use(project).filter(name=name).first()


class PartRedactions(models.QuerySet):  # type: ignore[type-arg]
    def redacted_in(self, project: Any) -> list[tuple[str, int]]:
        """(kind, how many) of all that was redacted in a project's parts, the most frequent first."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT kind, sum(count::bigint)::bigint FROM triage_part part"
                " JOIN triage_run run ON run.id = part.run_id"
                " CROSS JOIN LATERAL jsonb_each_text(part.redacted) AS told(kind, count)"
                " WHERE run.project_id = %s GROUP BY kind ORDER BY 2 DESC, kind",
                [project.pk],
            )
            return list(cursor.fetchall())
