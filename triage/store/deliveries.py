"""Messages on their way: put together from what waits, taken by one sender each, and how it ended.

A sender marks a message before it sends it. Where the mark outlives its sender, the message is sent once more, and
after a second loss it is left: being killed costs one repeat at most.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count

from triage.core.notices.plain import line
from triage.core.notices.records import Event, Later, Outcome, Sent
from triage.core.notices.tries import TRIES, pause
from triage.models import Delivery, Notice, NoticeRule
from triage.store.notices import ON_GITHUB
from triage.store.text import clean

BATCH = 500  # notices that one message is made of
LEASE = timedelta(seconds=180)  # longer than sending can take
ALONE = (Event.MINUTES, Event.TEST)  # these are messages of their own
LOST = "Lineup was ended while it sent this, so it was sent once more: it may have arrived twice."
LOST_TWICE = "Lineup was ended twice while it sent this. It may have arrived; it is not sent again by itself."
PAUSED = "The rule was paused before this was sent."


def gather(now: datetime) -> int:
    """Puts what is due into messages; returns how many new ones. Safe to run in many processes at once."""
    made = 0
    for key in NoticeRule.objects.waiting(now):
        with transaction.atomic():
            made += _gather_rule(key, now)
    for project_id, user_id in Notice.objects.people_waiting(now):
        with transaction.atomic():
            rows = list(Notice.objects.of_person(project_id, user_id).untold().mine_alone()[:BATCH])
            if rows:
                _join(Delivery.objects.create(project_id=project_id, user_id=user_id, due_at=now), rows)
                made += 1
    return made


def take(now: datetime) -> Delivery | None:
    """The next message whose time has come, marked as being sent; nobody else gets it. None where there is none."""
    for _ in range(20):
        with transaction.atomic():
            found: Delivery | None = Delivery.objects.next_due(now)
            if found is None:
                return None
            if _mark(found, now):
                return found
    return None


def take_this(key: int, now: datetime) -> Delivery | None:
    """One message out of turn, for a person who waits for it."""
    with transaction.atomic():
        found: Delivery | None = Delivery.objects.locked(key)
        if found is None or found.sending or found.sent_at or found.given_up_at:
            return None
        _mark(found, now)
    return found


def made_of_test(rule: NoticeRule, key: str, now: datetime) -> int:
    """The message of one test notice, made now; its key."""
    rows = list(Notice.objects.of_rule(rule).about(Event.TEST, [key]).untold())
    made: Delivery = Delivery.objects.create(project_id=rule.project_id, rule=rule, due_at=now + LEASE)
    _join(made, rows)
    return made.pk


def finish(taken: Delivery, outcome: Outcome, now: datetime, headline: str = "") -> None:
    """Notes how a message's sending ended. Changes nothing where somebody else has taken it since."""
    with transaction.atomic():
        row: Delivery | None = Delivery.objects.locked(taken.pk)
        if row is None or not row.sending or row.attempts != taken.attempts:
            return
        row.sending = False
        row.headline = line(headline, 300) or row.headline
        if isinstance(outcome, Sent):
            row.sent_at = now
            row.answer, row.thread = clean(outcome.answer, 200), clean(outcome.thread, 300)
            row.problem = LOST if row.repeated else ""
        else:
            row.problem = clean(outcome.problem, 1_000)
            if isinstance(outcome, Later) and row.attempts < TRIES:
                drawn = random.random()  # noqa: S311  spreads tries, keeps no secret
                row.due_at = now + timedelta(seconds=pause(row.attempts, outcome.after_s, drawn))
            else:
                row.given_up_at = now
        row.save()


def send_again(project: Any, key: int, now: datetime) -> bool:
    """Has a message that was given up tried anew. False where there is none such in the project."""
    with transaction.atomic():
        row: Delivery | None = Delivery.objects.locked(key)
        if row is None or row.project_id != project.pk or row.rule_id is None or row.given_up_at is None:
            return False
        row.given_up_at, row.due_at, row.attempts, row.problem = None, now, 0, ""
        row.sending = row.repeated = False
        row.save()
    return True


def leave_waiting(rule: NoticeRule, now: datetime) -> None:
    """What a rule had still to say is not said. It stays in the log, and can be sent again."""
    with transaction.atomic():
        _gather_rule(rule.pk, now)
        Delivery.objects.unfinished_of(rule).filter(sending=False).update(given_up_at=now, problem=PAUSED)


def forget(project: Any, moment: datetime) -> None:
    """Drops finished messages of before a moment, with what was in them, and what a rule in no use never said."""
    while True:
        keys = list(Delivery.objects.before(project, moment).values_list("pk", flat=True)[:BATCH])
        if not keys:
            break
        with transaction.atomic():
            Notice.objects.filter(delivery__in=keys).delete()
            Delivery.objects.filter(pk__in=keys).delete()
    Notice.objects.before(project, moment).untold().delete()


def _gather_rule(key: int, now: datetime) -> int:
    rows = list(Notice.objects.filter(rule=key).untold().order_by("pk").mine_alone()[:BATCH])
    if not rows:
        return 0
    rule = NoticeRule.objects.get(pk=key)
    single = [row for row in rows if row.event in ALONE or rule.channel in ON_GITHUB]
    together = [row for row in rows if row not in single]
    made = 0
    if together:
        waiting = Delivery.objects.waiting_of(rule)
        if waiting is None or waiting.count + len(together) > 2 * BATCH or _is_single(waiting):
            waiting = Delivery.objects.create(project_id=rule.project_id, rule=rule, due_at=now)
            made += 1
        _join(waiting, together)
    for row in single:
        _join(Delivery.objects.create(project_id=rule.project_id, rule=rule, due_at=now), [row])
    return made + len(single)


def _is_single(delivery: Delivery) -> bool:
    return any(one.event in ALONE for one in Notice.objects.in_delivery(delivery, 1))


def _join(delivery: Delivery, rows: Sequence[Notice]) -> None:
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(delivery=delivery)
    counted = Notice.objects.filter(delivery=delivery).aggregate(n=Count("pk"))["n"]
    Delivery.objects.filter(pk=delivery.pk).update(count=counted)


def _mark(found: Delivery, now: datetime) -> bool:
    """False where its sender was lost for the second time: then it is given up."""
    if found.sending and found.repeated:
        found.sending, found.given_up_at, found.problem = False, now, LOST_TWICE
        found.save()
        return False
    if found.sending:
        found.repeated, found.problem = True, LOST
    found.sending, found.attempts, found.due_at = True, found.attempts + 1, now + LEASE
    found.save()
    return True
