"""The list of projects, for people who have several or none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from django.urls import reverse

from dashboard.pages.words import age, counted
from dashboard.timeline.text import visible


class ProjectLine(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    name: str
    runs: str
    last: str


class ProjectsPage(msgspec.Struct, frozen=True, kw_only=True):
    projects: tuple[ProjectLine, ...]


def projects_page(projects: Iterable[Any], now: datetime) -> ProjectsPage:
    """`projects` carry `run_count` and `newest`."""
    return ProjectsPage(
        projects=tuple(
            ProjectLine(
                href=reverse("overview", args=[project.slug]),
                name=visible(project.name),
                runs=counted(project.run_count, "run"),
                last=f"newest evidence {age(project.newest, now)}" if project.newest else "no evidence yet",
            )
            for project in projects
        )
    )
