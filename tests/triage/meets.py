"""What meetings are about, by hand: groups with their items."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.dashboard import past
from triage.models import Item, Project

_numbers = count(1)


def an_item(project: Project, *, ago: timedelta = timedelta(hours=2), test: str = "", **more: Any) -> Item:
    """An open item of a group of its own, opened so long ago."""
    n = next(_numbers)
    group = past.a_group(project, test or f"tests/test_cars.py::test_{n}", message=f"Count {n} does not match")
    at = datetime.now(UTC) - ago
    return Item.objects.create(project=project, group=group, opened_at=at, touched_at=at, **more)
