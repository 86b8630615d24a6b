"""An invitation as it is made, and as whoever follows its link sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse

from dashboard.pages.members import WORDS, called
from dashboard.timeline.text import visible
from triage.models import Invitation
from triage.store.text import clean


class InvitationPage(msgspec.Struct, frozen=True, kw_only=True):
    secret: str
    project: str
    role: str
    by: str
    email: str  # whom it is for; "" for whoever has the link
    expires_at: datetime
    username: str  # who is signed in; "" for nobody
    suits: bool  # whether it is for who is signed in
    passwords: bool
    provider: str
    provider_href: str
    sign_in_href: str
    draft: dict[str, str]
    problems: dict[str, str]


def invitation_page(
    invitation: Invitation, secret: str, user: Any, *, passwords: bool, provider: str,
    draft: dict[str, str] | None = None, problems: dict[str, str] | None = None,
) -> InvitationPage:  # fmt: skip
    query = urlencode({"next": f"{reverse('invitation')}?{urlencode({'key': secret})}"})
    return InvitationPage(
        secret=secret,
        project=visible(invitation.project.name),
        role=WORDS[invitation.role].lower(),
        by=called(invitation.invited_by),
        email=visible(invitation.email),
        expires_at=invitation.expires_at,
        username=user.get_username() if user.is_authenticated else "",
        suits=suits(invitation, user),
        passwords=passwords,
        provider=provider,
        provider_href=f"{reverse('single-sign-on')}?{query}",
        sign_in_href=f"{reverse('sign-in')}?{query}",
        draft=draft or {"username": "", "name": "", "email": invitation.email},
        problems=problems or {},
    )


def suits(invitation: Invitation, user: Any) -> bool:
    """An invitation for an address is for the account that has it: one follows a colleague's link by mistake easily.

    It guards against that alone: accounts state their addresses themselves. What proves one is a link that was mailed.
    """
    mine = user.email if user.is_authenticated else ""
    return invitation.email.lower() in ("", mine.lower())


def read_invitation(given: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """(what the form said, what is wrong with it)"""
    email = clean(given.get("email", "").strip(), 254)
    draft = {"email": email, "role": given.get("role", "viewer")}
    if draft["role"] not in WORDS:
        return draft | {"role": "viewer"}, "Choose what they may do."
    return draft, wrong_mail(email)


def wrong_mail(email: str) -> str:
    try:
        if email:
            validate_email(email)
    except ValidationError:
        return "That is no mail address."
    return ""
