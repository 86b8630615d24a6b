"""The notifications page: a project's rules, the form for one more, and the log of what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from dashboard.pages import words
from dashboard.pages.notice_forms import CHANNELS, EVENTS, LEVELS, ON_GITHUB, FormView, window_words
from dashboard.pages.words import age, counted
from dashboard.timeline.text import visible
from triage.core.notices.tries import TRIES
from triage.models import Delivery, NoticeRule

SENT, WAITING, SENDING, FAILED, SILENT = "sent", "waiting", "sending", "failed", "silent"
NOTHING = "Nothing to say"  # how an answer begins where a pull request was left alone, and why follows
STATE_WORDS = {
    SENT: "sent",
    WAITING: "tried again soon",
    SENDING: "being sent",
    FAILED: "not sent",
    SILENT: "nothing to say",
}


class RuleLine(msgspec.Struct, frozen=True, kw_only=True):
    pk: int
    name: str
    channel: str
    where: str
    what: str
    narrowed: str  # verdicts, level, branches; "" for all
    when: str
    active: bool
    last: str  # how the newest message went
    bad: bool


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    pk: int
    at: datetime
    rule: str
    headline: str
    state: str
    state_words: str
    told: str  # the other side's answer, or the problem
    tries: str
    may_retry: bool


class NoticesPage(msgspec.Struct, frozen=True, kw_only=True):
    rules: tuple[RuleLine, ...]
    log: tuple[LogLine, ...]
    form: FormView
    channels: tuple[words.Option, ...]
    mail: bool  # whether this Lineup can send mail at all
    site: str  # where the links of messages lead; "" where BASE_URL is set
    full: bool
    limit: int
    deleted: NoticeRule | None
    tried: LogLine | None  # the answer to a test just sent
    evidence_age: str


def rule_lines(rules: Iterable[NoticeRule], newest: Iterable[Delivery], now: datetime) -> tuple[RuleLine, ...]:
    last: dict[int, Delivery] = {}
    for one in newest:
        if one.rule_id is not None:
            last.setdefault(one.rule_id, one)
    return tuple(_rule(rule, last.get(rule.pk), now) for rule in rules)


def log_line(row: Delivery, now: datetime) -> LogLine:
    state = state_of(row)
    told = row.answer.removeprefix(NOTHING).lstrip(" :") if state in (SENT, SILENT) else row.problem
    told = f"{told} {row.problem}" if state == SENT and row.problem else told
    if state == WAITING:
        told = f"{told} Next try in {_until(row.due_at, now)}.".strip()
    return LogLine(
        pk=row.pk,
        at=row.created_at,
        rule=visible(row.rule.name) if row.rule is not None else "",
        headline=visible(row.headline) or counted(row.count, "thing") + " to tell",
        state=state,
        state_words=STATE_WORDS[state] if state != WAITING or row.attempts else "waiting",
        told=visible(told[:1].upper() + told[1:]),
        tries=f"{row.attempts} of {TRIES} tries" if row.attempts > 1 else "",
        may_retry=state == FAILED and row.rule is not None and row.rule.active and row.rule.deleted_at is None,
    )


def state_of(row: Delivery) -> str:
    if row.sent_at is not None:
        return SILENT if row.answer.startswith(NOTHING) else SENT
    if row.given_up_at is not None:
        return FAILED
    return SENDING if row.sending else WAITING


def log_lines(rows: Sequence[Delivery], now: datetime) -> tuple[LogLine, ...]:
    return tuple(log_line(row, now) for row in rows)


def _rule(rule: NoticeRule, last: Delivery | None, now: datetime) -> RuleLine:
    state = state_of(last) if last is not None else ""
    return RuleLine(
        pk=rule.pk,
        name=visible(rule.name),
        channel=CHANNELS[NoticeRule.Channel(rule.channel)],
        where=visible(f"{rule.target} {rule.hint}".strip()),
        what="every run of a pull request" if rule.channel in ON_GITHUB else _events(rule),
        narrowed=visible("; ".join(filter(None, (_kinds(rule), _level(rule), _branches(rule))))),
        when=window_words(rule.batch_minutes),
        active=rule.active,
        last=f"{STATE_WORDS[state]}, {age(last.sent_at or last.created_at, now)}" if last is not None else "",
        bad=state in (FAILED, WAITING) and last is not None and last.attempts > 0,
    )


def _events(rule: NoticeRule) -> str:
    return ", ".join(label for event, label in EVENTS.items() if event in rule.events) or "nothing"


def _kinds(rule: NoticeRule) -> str:
    return ", ".join(words.KINDS[kind] for kind in rule.kinds if kind in words.KINDS)


def _level(rule: NoticeRule) -> str:
    return LEVELS.get(rule.level, "") if rule.level else ""


def _branches(rule: NoticeRule) -> str:
    return f"on {rule.branches}" if rule.branches else ""


def _until(due: datetime, now: datetime) -> str:
    left = max(due - now, timedelta())
    minutes = round(left.total_seconds() / 60)
    return "a moment" if minutes < 1 else counted(minutes, "minute") if minutes < 90 else f"{round(minutes / 60)} hours"
