"""Who somebody is that a single sign-on vouches for. An identity is issuer and subject, and never a mail address."""

from __future__ import annotations

import logging
import re
from datetime import datetime
from typing import Any, Protocol

import msgspec
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from triage.models import Identity, Membership, Project
from triage.store.accounts import end_sessions
from triage.store.refused import Refused

log = logging.getLogger(__name__)

CLOSED = "That account is closed. Whoever runs this Lineup can open it again."
NOBODY = "There is no account for you here yet. Ask for an invitation, and follow its link."
OTHERS = "That identity belongs to another account here."
DOMAIN = "Only people with a confirmed mail address of certain domains may come in, and yours is none of these."
NAMES_TRIED = 100
LONGEST_NAME = 140
_NO_NAME = re.compile(r"[^\w.@+-]+")  # what a name of ours may not hold: blanks, slashes, …


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says of a person; `email` only where it says that it was verified."""

    issuer: str
    subject: str
    email: str = ""
    name: str = ""
    username: str = ""

    @property
    def label(self) -> str:
        return (self.email or self.username or self.name or self.subject)[:254]


class Policy(Protocol):
    domains: tuple[str, ...]
    operators: tuple[str, ...]
    makes_accounts: bool
    links_by_mail: bool
    role: str
    projects: tuple[str, ...]


def person_of(claims: Claims, policy: Policy, now: datetime, *, invited: bool = False) -> Any:
    """The account of these claims, made or linked where the policy has it. Raises Refused."""
    if policy.domains and claims.email.lower().rpartition("@")[2] not in policy.domains:
        raise Refused(DOMAIN)
    try:
        return _person_of(claims, policy, now, invited)
    except IntegrityError:  # the same person came twice at once: the other was first
        return _person_of(claims, policy, now, invited)


@transaction.atomic
def _person_of(claims: Claims, policy: Policy, now: datetime, invited: bool) -> Any:
    found = Identity.objects.at(claims.issuer, claims.subject)
    user = found.user if found else _linked(claims, policy) or _made(claims, policy, invited)
    if not user.is_active:
        raise Refused(CLOSED)
    if found is None:
        found = Identity(user=user, issuer=claims.issuer, subject=claims.subject)
    found.label, found.last_used_at = claims.label, now
    found.save()
    if not user.is_superuser and _is_operator(claims, policy):
        user.is_superuser = True
        user.save(update_fields=["is_superuser"])
        log.info("%s is an operator now, by OIDC_ADMINS", user.get_username())
    return user


@transaction.atomic
def link(user: Any, claims: Claims, now: datetime) -> None:
    """Lets a signed-in person come in by that identity too. Raises Refused where it is another's."""
    found, _ = Identity.objects.get_or_create(
        issuer=claims.issuer, subject=claims.subject, defaults={"user": user, "label": claims.label}
    )
    if found.user_id != user.pk:
        raise Refused(OTHERS)


@transaction.atomic
def unlink(user: Any, key: int, *, passwords: bool) -> bool:
    """False where the person has no such identity. Raises Refused where it is their only way in.

    `passwords`: whether a password is a way in at all.
    """
    held = get_user_model().objects.select_for_update(no_key=True).get(pk=user.pk)
    mine = Identity.objects.of_person(held)
    if not mine.filter(pk=key).exists():
        return False
    if not (passwords and held.has_usable_password()) and mine.count() == 1:
        raise Refused("This is your only way to sign in: link another one first.")
    mine.filter(pk=key).delete()
    return True


def _is_operator(claims: Claims, policy: Policy) -> bool:
    mails = {word.lower() for word in policy.operators}
    return claims.subject in policy.operators or (bool(claims.email) and claims.email.lower() in mails)


def _linked(claims: Claims, policy: Policy) -> Any:
    """The one account that has this verified address, if the operator lets it be found so.

    Lineup never verified the address that the account claims: somebody may have put in another's, to be waiting in the
    account when its owner comes. So whoever was there before is signed out, and the password is gone. An operator's
    account is not found by mail at all.
    """
    if not (policy.links_by_mail and claims.email):
        return None
    same = list(get_user_model().objects.filter(email__iexact=claims.email, is_active=True, identities=None)[:2])
    if len(same) != 1 or same[0].is_superuser:
        return None
    user = same[0]
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_sessions(user)
    log.info("%s comes in by single sign-on from now on, found by mail address", user.get_username())
    return user


def _made(claims: Claims, policy: Policy, invited: bool) -> Any:
    if not (policy.makes_accounts or invited):
        raise Refused(NOBODY)
    user = get_user_model().objects.create_user(_free_name(claims), claims.email, None, first_name=claims.name[:150])
    if policy.role:
        projects = Project.objects.with_slugs(policy.projects) if policy.projects else Project.objects.no_sandboxes()
        Membership.objects.bulk_create(
            (Membership(project=project, user=user, role=policy.role) for project in projects), ignore_conflicts=True
        )
    return user


def _free_name(claims: Claims) -> str:
    """A name that nobody has: an account is never found by its name."""
    people = get_user_model()
    wanted = claims.username or claims.email.partition("@")[0] or claims.name
    stem = people.normalize_username(_NO_NAME.sub("-", wanted[:LONGEST_NAME])).strip("-")[:LONGEST_NAME] or "person"
    for number in range(1, NAMES_TRIED):
        name = stem if number == 1 else f"{stem}-{number}"
        if not people.objects.filter(username__iexact=name).exists():
            return str(name)
    raise Refused("Too many people here have your name. Ask whoever runs this Lineup for an account.")
