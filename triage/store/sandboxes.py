"""A person's own project for files dropped without setting anything up, made on the first of them."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from triage.models import Membership, Project
from triage.querysets.projects import SANDBOX

RETENTION_DAYS = 14
TRIES = 10  # slugs that others may have taken


def sandbox_of(user: Any) -> Project:
    """The person's sandbox. Made once, however many first drops arrive at once: the slug is unique."""
    stem = f"{SANDBOX}{user.pk}"
    for number in range(1, TRIES + 1):
        slug = stem if number == 1 else f"{stem}-{number}"
        with transaction.atomic():
            made = {"name": f"Sandbox of {user.get_username()}"[:200], "retention_days": RETENTION_DAYS}
            project, created = Project.objects.get_or_create(slug=slug, defaults=made)
            if created:
                Membership.objects.create(project=project, user=user, role=Membership.Role.ADMIN)
        if created or Project.objects.is_sandbox_of(user, project):
            return project
    raise RuntimeError(f"the projects {stem} to {stem}-{TRIES} are all somebody else's")
