"""Who belongs to a project and what they may do, and the invitations that are open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from django.core import signing

from dashboard.pages.words import age
from dashboard.timeline.text import visible
from triage.models import Invitation, Membership, Project, Run

ROLES = (
    ("viewer", "Viewer", "sees everything in the project"),
    ("triager", "Triager", "also decides: status, owner, notes, verdicts, meetings"),
    ("admin", "Admin", "also sets up: members, tokens, notifications, formats, retention"),
)
WORDS = {role: word for role, word, _ in ROLES}
UNDO_S = 3600
SHOWN = 500
SALT = "removed member"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    name: str
    username: str
    email: str  # only where an admin looks
    role: str
    role_word: str
    is_me: bool
    is_closed: bool


class OpenInvitation(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    whom: str
    role: str
    by: str
    made: str
    expires_at: datetime


class MembersPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    members: tuple[Member, ...]
    more: int  # members beyond those shown
    invitations: tuple[OpenInvitation, ...]
    roles: tuple[tuple[str, str, str], ...]
    may_lead: bool
    mails: bool
    link: str  # an invitation just made, shown this once
    link_for: str
    problem: str
    draft: dict[str, str]


def members_page(
    project: Project, viewer: Any, now: datetime, *, may_lead: bool, mails: bool = False,
    link: str = "", link_for: str = "", problem: str = "", draft: dict[str, str] | None = None,
) -> MembersPage:  # fmt: skip
    newest = Run.objects.newest_evidence(project)
    rows = list(Membership.objects.of_project(project)[: SHOWN + 1])
    return MembersPage(
        evidence_age=age(newest, now) if newest else "",
        members=tuple(_member(row, viewer, may_lead) for row in rows[:SHOWN]),
        more=max(0, len(rows) - SHOWN),
        invitations=_invitations(Invitation.objects.open_of(project, now), now) if may_lead else (),
        roles=ROLES,
        may_lead=may_lead,
        mails=mails,
        link=link,
        link_for=visible(link_for),
        problem=problem,
        draft=draft or {"email": "", "role": "viewer"},
    )


def seal_of(membership: Membership) -> str:
    """What undoes a removal within the hour: the membership that was, signed, so that it can be no other."""
    told = [membership.project_id, membership.user_id, membership.role, membership.user.get_username()]
    return signing.dumps(told, salt=SALT, compress=True)


def unsealed(seal: str, project: Project) -> tuple[int, str, str] | None:
    """(key of the person, role, name) of a removal from this project that may still be undone."""
    try:
        key, person, role, name = signing.loads(seal[:1_000], salt=SALT, max_age=UNDO_S)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (person, role, name) if key == project.pk else None


def called(user: Any) -> str:
    """How a person is named on a page: by their own name, where they gave one."""
    return visible(user.get_full_name() or user.get_username()) if user is not None else "somebody who left"


def _member(row: Membership, viewer: Any, may_lead: bool) -> Member:
    return Member(
        key=row.user_id,
        name=called(row.user),
        username=row.user.get_username(),
        email=row.user.email if may_lead else "",
        role=row.role,
        role_word=WORDS[row.role],
        is_me=row.user_id == viewer.pk,
        is_closed=not row.user.is_active,
    )


def _invitations(rows: Iterable[Invitation], now: datetime) -> tuple[OpenInvitation, ...]:
    return tuple(
        OpenInvitation(
            key=row.pk,
            whom=visible(row.email) or "whoever has the link",
            role=WORDS[row.role],
            by=called(row.invited_by),
            made=age(row.created_at, now),
            expires_at=row.expires_at,
        )
        for row in rows
    )
