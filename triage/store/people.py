"""Writes of who belongs to a project: its members, and the invitations that make more of them.

Each takes the project's row first, so that two admins who act at once cannot leave it without one.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from triage.access import digest_of
from triage.models import Invitation, Membership, Project
from triage.store.refused import Refused

OPEN_INVITATIONS = 50  # of one project
INVITATION_DAYS = 7
RANK = {Membership.Role.VIEWER: 0, Membership.Role.TRIAGER: 1, Membership.Role.ADMIN: 2}
LAST_ADMIN = "A project needs an admin: make somebody else one first."


@transaction.atomic
def set_role(project: Project, user_id: int, role: str) -> Membership | None:
    """None where that person is no member. Raises Refused where it would take the last admin."""
    _hold(project)
    found: Membership | None = Membership.objects.one(project, user_id)
    if found is None or found.role == role:
        return found
    _leave_an_admin(project, found)
    found.role = role
    found.save(update_fields=["role"])
    return found


@transaction.atomic
def remove_member(project: Project, user_id: int) -> Membership | None:
    """The membership that was; None where there was none. Raises Refused where it would take the last admin."""
    _hold(project)
    found: Membership | None = Membership.objects.one(project, user_id)
    if found is not None:
        _leave_an_admin(project, found)
        Membership.objects.filter(pk=found.pk).delete()
    return found


def restore_member(project: Project, user_id: int, role: str) -> Any:
    """Undoes a removal; the person, or None where there is none any more."""
    user = get_user_model().objects.filter(pk=user_id).first()
    if user is not None:
        join(project, user, role)
    return user


@transaction.atomic
def join(project: Project, user: Any, role: str) -> Membership:
    """Makes a person a member. One who is more already stays that."""
    _hold(project)
    found, made = Membership.objects.get_or_create(project=project, user=user, defaults={"role": role})
    if not made and RANK[Membership.Role(role)] > RANK[Membership.Role(found.role)]:
        found.role = role
        found.save(update_fields=["role"])
    return found


@transaction.atomic
def invite(project: Project, by: Any, now: datetime, *, role: str, email: str = "") -> tuple[Invitation, str]:
    """The invitation, and the secret of its link, which is kept nowhere. Raises Refused where too many are open."""
    _hold(project)
    if Invitation.objects.open_of(project, now).count() >= OPEN_INVITATIONS:
        raise Refused(f"A project has at most {OPEN_INVITATIONS} open invitations: withdraw one that is of no use.")
    secret = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        project=project, email=email, role=role, digest=digest_of(secret), invited_by=by,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    return made, secret


def withdraw(project: Project, key: int, now: datetime) -> bool:
    """False where the project has no such open invitation."""
    return bool(Invitation.objects.filter(project=project, pk=key).open(now).update(revoked_at=now))


@transaction.atomic
def accept(invitation: Invitation, user: Any, now: datetime) -> Membership | None:
    """Uses the invitation up; None where somebody did so, or withdrew it, since it was read."""
    used = Invitation.objects.filter(pk=invitation.pk).open(now).update(accepted_at=now, accepted_by=user)
    return join(invitation.project, user, invitation.role) if used else None


def _hold(project: Project) -> None:
    Project.objects.locked(project.pk)


def _leave_an_admin(project: Project, found: Membership) -> None:
    if found.role == Membership.Role.ADMIN and not Membership.objects.admins(project).exclude(pk=found.pk).exists():
        raise Refused(LAST_ADMIN)
