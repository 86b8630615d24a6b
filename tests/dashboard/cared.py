"""Failures in a team's care, by hand: items in every state that lists and pages show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from tests.dashboard import factory, past
from triage.models import Decision, FailureGroup, Item, Project

ON = "/p/cars-api/decide"


def an_item(group: FailureGroup, *, ago: timedelta = timedelta(days=3), **more: Any) -> Item:
    """An open item, as the store makes one of a failure's first sight."""
    at = datetime.now(UTC) - ago
    values = {"project": group.project, "group": group, "opened_at": at, "touched_at": at} | more
    item = Item.objects.create(**values)
    what = Decision.What.CAME_BACK if item.earlier_id else Decision.What.OPENED
    Decision.objects.create(project=group.project, item=item, who="Lineup", what=what, at=at)
    return item


def a_failure(project: Project, name: str = "test_count", *, group: dict[str, Any] | None = None, **item: Any) -> Item:
    """A group and its item."""
    made = past.a_group(
        project, test=f"tests/test_{name}.py::{name}", **({"message": f"{name} is wrong"} | (group or {}))
    )
    return an_item(made, **item)


def resolved(group: FailureGroup, *, ago: timedelta = timedelta(days=20), **more: Any) -> Item:
    now = datetime.now(UTC)
    return an_item(group, ago=ago, status="resolved", closed_at=now - ago + timedelta(days=5), **more)


def member(client: Client, project: Project, role: str, name: str = "") -> User:
    """A member of that role, signed in."""
    user = factory.person(name or role)
    project.memberships.create(user=user, role=role)
    client.force_login(user)
    return user


def decide(client: Client, *items: Item, next: str = "/p/cars-api/groups", **fields: Any) -> Any:
    """Sends the form as a browser without scripts does, and follows."""
    return client.post(ON, {"item": [item.pk for item in items], "next": next} | fields, follow=True)
