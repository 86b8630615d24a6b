"""Every channel that a rule can use."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from triage.core.notices.records import Event, Message, Outcome, Told
from triage.models import Delivery, NoticeRule
from triage.notices import github, github_comment, github_status, mail, slack
from triage.notices.github_comment import Known
from triage.secrets import named
from triage.store.notice_threads import known_in


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One message of one rule, with all that sending it needs."""

    delivery: Delivery
    rule: NoticeRule
    secret: str
    told: tuple[Told, ...]  # never empty
    message: Message


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    send: Callable[[Job], Outcome]


def _slack(job: Job) -> Outcome:
    return slack.send(job.secret, job.message)


def _mail(job: Job) -> Outcome:
    addresses = [each for each in job.rule.target.split(", ") if each]
    why = f"You get this because the rule “{job.rule.name}” of the project {job.rule.project.name} sends it here."
    return mail.send(addresses, job.message, f"delivery {job.delivery.pk}", why)


def _comment(job: Job) -> Outcome:
    rule = job.rule
    if job.told[0].event == Event.TEST:
        return github.test(rule.target, job.secret, pushes=False)
    return github_comment.send(
        rule.target, job.secret, job.told[0], job.message,
        marker_of=lambda thread: f"lineup:{rule.project.slug}:{named(f'comment of {rule.project_id} in {thread}')}",
        known_of=lambda thread: Known(*known_in(rule, thread)),
    )  # fmt: skip


def _check(job: Job) -> Outcome:
    if job.told[0].event == Event.TEST:
        return github.test(job.rule.target, job.secret, pushes=True)
    return github_status.send(job.rule.target, job.secret, job.told[0], job.message)


CHANNELS = (
    Channel(name=NoticeRule.Channel.SLACK, send=_slack),
    Channel(name=NoticeRule.Channel.MAIL, send=_mail),
    Channel(name=NoticeRule.Channel.GITHUB_COMMENT, send=_comment),
    Channel(name=NoticeRule.Channel.GITHUB_CHECK, send=_check),
)


def channel(name: str) -> Channel:
    """Raises KeyError where there is none of that name."""
    return {one.name: one for one in CHANNELS}[name]
