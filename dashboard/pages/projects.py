"""The list of projects, the making of one, and what it is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.urls import reverse
from django.utils.text import slugify

from dashboard.pages.words import age, counted
from dashboard.timeline.text import visible
from triage.models import Project, Run
from triage.querysets.projects import SANDBOX
from triage.store.text import clean

LONGEST_NAME = 200
LONGEST_SLUG = 80


class ProjectLine(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    name: str
    runs: str
    last: str


class ProjectsPage(msgspec.Struct, frozen=True, kw_only=True):
    projects: tuple[ProjectLine, ...]
    may_make: bool


class NewProjectPage(msgspec.Struct, frozen=True, kw_only=True):
    draft: dict[str, str]
    problems: dict[str, str]


class ProjectSettingsPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    name: str
    slug: str
    made_at: datetime
    may_lead: bool
    problem: str


def projects_page(projects: Iterable[Any], now: datetime, *, may_make: bool = False) -> ProjectsPage:
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
        ),
        may_make=may_make,
    )


def new_project_page(draft: dict[str, str] | None = None, problems: dict[str, str] | None = None) -> NewProjectPage:
    return NewProjectPage(draft=draft or {"name": "", "slug": ""}, problems=problems or {})


def project_settings_page(
    project: Project, now: datetime, *, may_lead: bool, name: str = "", problem: str = ""
) -> ProjectSettingsPage:
    newest = Run.objects.newest_evidence(project)
    return ProjectSettingsPage(
        evidence_age=age(newest, now) if newest else "",
        name=name if problem else project.name,
        slug=project.slug,
        made_at=project.created_at,
        may_lead=may_lead,
        problem=problem,
    )


def read_name(text: str) -> tuple[str, str]:
    """(a project's name, what is wrong with it)"""
    name = " ".join(clean(text, LONGEST_NAME).split())
    return name, "" if any(c.isprintable() and not c.isspace() for c in name) else "Give it a name."


def read_new_project(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(name and slug, what is wrong with which); an empty slug is made from the name."""
    name, wrong = read_name(given.get("name", ""))
    problems = {"name": wrong} if wrong else {}
    typed = given.get("slug", "").strip()[: LONGEST_SLUG + 1]
    slug = slugify(typed or name)[:LONGEST_SLUG].strip("-_")
    if not wrong and (not slug or (typed and slug != typed.lower())):
        problems["slug"] = "An address has letters from a to z, digits and - and nothing else."
    elif slug.startswith(SANDBOX):
        problems["slug"] = f"Addresses that begin with {SANDBOX} are kept for sandboxes."
    return {"name": name, "slug": typed if "slug" in problems else slug}, problems
