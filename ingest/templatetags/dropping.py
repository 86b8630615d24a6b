"""The form that takes dropped files, for pages of any app."""

from __future__ import annotations

from typing import Any

from django import template

from ingest.pages.drop import DropForm, drop_form
from triage.models import Project

register = template.Library()


@register.inclusion_tag("_drop.html")
def drop_zone(project: Project | None, form: DropForm | None = None) -> dict[str, Any]:
    """Drop files here; into the sandbox where there is no project."""
    return {"form": form or drop_form(project)}
