"""One's own account: who one is, what one wants to be told, and where one is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse

from dashboard.pages.agents import browser_of
from dashboard.pages.invitation import wrong_mail
from dashboard.pages.members import WORDS
from dashboard.pages.words import age
from dashboard.timeline.text import visible
from triage.models import Identity, Membership, Person, Session
from triage.store.text import clean

PROJECTS_SHOWN = 200
LONGEST_PASSWORD = 4_096


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    browser: str
    since: str
    is_this: bool


class IdentityLine(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    label: str
    used: str


class ProjectRole(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    name: str
    role: str


class AccountPage(msgspec.Struct, frozen=True, kw_only=True):
    username: str
    details: dict[str, str]
    mail_mentions: bool
    mails: bool  # whether this Lineup sends mail at all
    has_password: bool
    password_rules: tuple[str, ...]
    provider: str  # of the single sign-on; "" where there is none
    identities: tuple[IdentityLine, ...]
    sessions: tuple[SessionLine, ...]
    projects: tuple[ProjectRole, ...]
    is_operator: bool
    problems: dict[str, str]


def account_page(
    user: Any, session_key: str, now: datetime, *, mails: bool, passwords: bool, provider: str,
    details: dict[str, str] | None = None, problems: dict[str, str] | None = None,
) -> AccountPage:  # fmt: skip
    rows = Membership.objects.of_person(user)[:PROJECTS_SHOWN]
    return AccountPage(
        username=user.get_username(),
        details=details or {"name": user.get_full_name(), "email": user.email},
        mail_mentions=Person.objects.wants_mail(user.pk),
        mails=mails,
        has_password=passwords and user.has_usable_password(),
        password_rules=tuple(password_validators_help_texts()),
        provider=provider,
        identities=tuple(
            IdentityLine(key=one.pk, label=visible(one.label), used=age(one.last_used_at, now))
            for one in Identity.objects.of_person(user)
        ),
        sessions=_sessions(user, session_key, now),
        projects=tuple(
            ProjectRole(
                href=reverse("members", args=[row.project.slug]), name=visible(row.project.name), role=WORDS[row.role]
            )
            for row in rows
        ),
        is_operator=user.is_superuser,
        problems=problems or {},
    )


def _sessions(user: Any, key: str, now: datetime) -> tuple[SessionLine, ...]:
    return tuple(
        SessionLine(
            browser=browser_of(one.agent),
            since=age(one.started_at, now) if one.started_at else "some time ago",
            is_this=one.session_key == key,
        )
        for one in Session.objects.of_person(user, now)
    )


def read_details(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(what the form said, what is wrong with which field)"""
    details = {
        "name": " ".join(clean(given.get("name", ""), 150).split()),
        "email": clean(given.get("email", "").strip(), 254),
    }
    wrong = wrong_mail(details["email"])
    return details, {"email": wrong} if wrong else {}


def read_new_person(given: Mapping[str, str], email: str) -> tuple[dict[str, str], str, dict[str, str]]:
    """(what the form said, the password, what is wrong with which field) of somebody who makes an account."""
    people = get_user_model()
    details, problems = read_details({**given, "email": email or given.get("email", "")})
    draft = {**details, "username": people.normalize_username(clean(given.get("username", "").strip(), 150))}
    try:
        people._meta.get_field("username").clean(draft["username"], None)
    except ValidationError:
        problems["username"] = "A name to sign in with has letters, digits and @ . + - _ and nothing else."
    password = given.get("password", "")
    wrong = wrong_password(password, people(username=draft["username"], email=draft["email"]))
    if wrong:
        problems["password"] = wrong
    return draft, password, problems


def wrong_password(password: str, user: Any) -> str:
    """What speaks against it; "" where it will do."""
    if len(password) > LONGEST_PASSWORD or clean(password) != password:
        return "This password is too long, or holds what no keyboard types."
    try:
        validate_password(password, user)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""
