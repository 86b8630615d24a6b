"""Sends what is due: takes a message, makes its words, hands it to its channel, and notes how that ended."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from pathlib import PurePath
from traceback import extract_tb

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.urls import reverse

from triage.core.notices.compose import compose, quoted_of
from triage.core.notices.records import Later, Message, Never, Outcome, Told, told_from
from triage.models import Delivery, Notice, Person, Project
from triage.notices import mail
from triage.notices.registry import Job, channel
from triage.secrets import Unreadable, opened
from triage.store import deliveries
from triage.store.deliveries import BATCH
from triage.store.notice_lines import lines_of
from triage.store.work import GONE

log = logging.getLogger(__name__)
SLOW = "Sending it took too long and was broken off."
DEFECT = "Sending it failed inside Lineup; the operator's log has the cause."
CLOSED = (
    "The rule's secret cannot be read any more, because SECRET_KEY has changed: enter it again, or name the former key"
    " in SECRET_KEY_FALLBACKS."
)
GONE_RULE = "The rule was deleted before this was sent."
UNWANTED = "This person is no member, has no mail address, or wants no such mail."
MENTIONED = "You get this because you are named in it. Your account page can stop such mail."


def send_due(budget_s: float) -> int:
    """Sends until nothing is due or the time is over; returns how many messages were tried."""
    until, tried = time.monotonic() + budget_s, 0
    deliveries.gather(_now())
    while time.monotonic() < until:
        taken = deliveries.take(_now())
        if taken is None:
            break
        send(taken)
        tried += 1
    return tried


def send(taken: Delivery) -> Outcome:
    """Sends one message that this process has taken, and notes how it ended."""
    headline, outcome = "", None
    try:
        found = Delivery.objects.by_key(taken.pk)
        told = tuple(
            one for row in Notice.objects.in_delivery(taken, 2 * BATCH) for one in told_from(row.event, row.data)
        )
        message = _message(found, told)
        headline = message.headline
        outcome = _to_person(found, message) if found.rule is None else _through_rule(found, told, message)
    except SoftTimeLimitExceeded:
        deliveries.finish(taken, Later(problem=SLOW), _now(), headline)
        raise
    except GONE:
        raise  # the mark stays, and whoever finds it later sends it again
    except Exception as error:
        _report(taken, error)
        outcome = Never(problem=DEFECT)
    deliveries.finish(taken, outcome, _now(), headline)
    return outcome


def site() -> str:
    """Where people reach Lineup, without a slash at the end."""
    return settings.BASE_URL or f"http://127.0.0.1:{settings.PORT}"  # as the console says: a session is of one host


def _message(delivery: Delivery, told: tuple[Told, ...]) -> Message:
    project = delivery.project
    told = told or (Told(event="test"),)
    footer = reverse("notifications", args=[project.slug]) if delivery.rule else reverse("account")
    return compose(project.name, project.slug, site(), told, lines_of(quoted_of(told)), footer)


def _through_rule(delivery: Delivery, told: tuple[Told, ...], message: Message) -> Outcome:
    rule = delivery.rule
    rule.project = delivery.project
    if rule.deleted_at is not None:
        return Never(problem=GONE_RULE)
    try:
        secret = opened(rule.secret) if rule.secret is not None else ""
    except Unreadable:
        return Never(problem=CLOSED)
    return channel(rule.channel).send(
        Job(delivery=delivery, rule=rule, secret=secret, told=told, message=message)
    )  # fmt: skip


def _to_person(delivery: Delivery, message: Message) -> Outcome:
    user = delivery.user
    member = user.is_active and Project.objects.seen_as(user, delivery.project.slug) is not None
    if not (member and user.email and Person.objects.wants_mail(user.pk)):
        return Never(problem=UNWANTED)
    return mail.send([user.email], message, f"delivery {delivery.pk}", MENTIONED)


def _report(taken: Delivery, error: Exception) -> None:
    """Where it happened and what kind of error it is. Its text is left out, because it may name a secret."""
    places = [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)[-4:]]
    log.error("notification %s failed: %s at %s", taken.pk, type(error).__name__, " > ".join(places))


def _now() -> datetime:
    return datetime.now(UTC)
