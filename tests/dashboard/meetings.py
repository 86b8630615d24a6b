"""Projects that have something to meet about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.dashboard import past
from tests.triage.meets import an_item
from triage.models import Item, Project


def full(project: Project) -> Project:
    """Three failures: one with all its evidence, two without."""
    group = past.a_group(project)
    past.a_past(project, group, 4, 3)
    past.a_failing_run(project, group)
    now = datetime.now(UTC)
    Item.objects.create(project=project, group=group, opened_at=now - timedelta(hours=3), touched_at=now)
    an_item(project, ago=timedelta(hours=2))
    an_item(project, ago=timedelta(hours=1))
    return project
