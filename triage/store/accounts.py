"""Writes of one's own account: who one is, what one wants to be told, where one is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from triage.models import Invitation, Membership, Person, Session
from triage.store.people import accept
from triage.store.refused import Refused

TAKEN = "Somebody has that name already: choose another one."
EXPIRED_AT_ONCE = 100


@transaction.atomic
def save_details(user: Any, *, name: str, email: str, mail_mentions: bool) -> None:
    user.first_name, user.last_name, user.email = name, "", email
    user.save(update_fields=["first_name", "last_name", "email"])
    Person.objects.update_or_create(user=user, defaults={"mail_mentions": mail_mentions})


def new_member(
    invitation: Invitation, now: datetime, *, username: str, name: str, email: str, password: str
) -> tuple[Any, Membership]:
    """An account that begins with an invitation. Raises Refused where the name is taken or the invitation used up."""
    people = get_user_model().objects
    try:
        with transaction.atomic():
            if people.filter(username__iexact=username).exists():
                raise Refused(TAKEN)
            user = people.create_user(username, email, password, first_name=name)
            membership = accept(invitation, user, now)
            if membership is None:
                raise Refused("This invitation was used or withdrawn just now.")
            return user, membership
    except IntegrityError:  # two at once with the same name
        raise Refused(TAKEN) from None


def end_sessions(user: Any, but: str = "") -> int:
    """Signs a person out everywhere, but for the session of that key; returns how many sessions that were."""
    return int(Session.objects.all_of(user, but).delete()[0])


@transaction.atomic
def clear_expired(now: datetime) -> None:
    """Takes some sessions that nobody holds any more; called where new ones begin, so that they never pile up."""
    Session.objects.filter(pk__in=[row.pk for row in Session.objects.expired(now, EXPIRED_AT_ONCE)]).delete()
