"""The form of a notification rule: what a person may fill in for each channel, read and checked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from dashboard.pages import words
from dashboard.pages.words import Option
from triage.core.findings import Level
from triage.core.notices.pull_request import REPOSITORY
from triage.core.notices.records import Event
from triage.models import NoticeRule
from triage.store.notices import ON_GITHUB
from triage.store.text import clean

Channel = NoticeRule.Channel
CHANNELS = {
    Channel.SLACK: "Chat",
    Channel.MAIL: "Mail",
    Channel.GITHUB_COMMENT: "Pull-request comment",
    Channel.GITHUB_CHECK: "Commit status",
}
CHANNEL_OPTIONS = tuple(Option(channel.value, label) for channel, label in CHANNELS.items())
CHANNEL_MEANS = {
    Channel.SLACK: "An incoming webhook of Slack, Mattermost or Rocket.Chat.",
    Channel.MAIL: "One mail to all addresses.",
    Channel.GITHUB_COMMENT: "One comment on the pull request, edited when a newer run comes in.",
    Channel.GITHUB_CHECK: "A line among the checks of the commit: how many tests failed, and the first verdict.",
}
EVENTS = {
    Event.OPENED: "a new failure",
    Event.CAME_BACK: "a failure that came back",
    Event.FAILED_AGAIN: "a failure while its fix is observed",
    Event.RUN: "a run with failures",
    Event.MINUTES: "the minutes of a meeting",
}
LEVELS = {"": "any", Level.LIKELY: "likely or surer", Level.CONFIRMED: "confirmed"}
WINDOWS = (0, 1, 5, 15, 60, 240, 1440)
ADDRESSES, LONGEST_URL = 20, 2_000


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the form. A secret is taken in and never given out again."""

    channel: str = Channel.SLACK.value
    name: str = ""
    target: str = ""
    secret: str = ""
    events: tuple[str, ...] = (Event.OPENED.value, Event.CAME_BACK.value, Event.FAILED_AGAIN.value)
    kinds: tuple[str, ...] = ()
    level: str = ""
    branches: str = ""
    batch_minutes: int = 5

    @property
    def fields(self) -> dict[str, Any]:
        """As the store takes them."""
        told = {name: getattr(self, name) for name in self.__struct_fields__ if name != "secret"}
        return told | {"events": list(self.events), "kinds": list(self.kinds)}


class Choice(msgspec.Struct, frozen=True):
    value: str
    label: str
    chosen: bool


class FormView(msgspec.Struct, frozen=True, kw_only=True):
    draft: Draft
    key: int  # 0: a new one
    means: str
    on_github: bool
    hint: str  # of the secret that is kept
    events: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    levels: tuple[Choice, ...]
    windows: tuple[Choice, ...]
    wrong: str


def draft_of(rule: NoticeRule) -> Draft:
    return Draft(
        channel=rule.channel, name=rule.name, target=rule.target, events=tuple(rule.events), kinds=tuple(rule.kinds),
        level=rule.level, branches=rule.branches, batch_minutes=rule.batch_minutes,
    )  # fmt: skip


def draft_from(form: Any, channel: str) -> Draft:
    """What came in a form, bounded; what cannot be chosen is left out."""

    def text(name: str, limit: int) -> str:
        return " ".join(clean(str(form.get(name, "")), limit).split())

    github = channel in ON_GITHUB
    wait = text("batch_minutes", 6)
    return Draft(
        channel=channel,
        name=text("name", 100),
        target=_target(channel, text("target", 2_000)),
        secret="".join(str(form.get("secret", ""))[: LONGEST_URL + 1].split()),
        events=(Event.RUN.value,) if github else tuple(one for one in EVENTS if one in form.getlist("events")),
        kinds=tuple(kind for kind in words.KINDS if kind in form.getlist("kinds")),
        level=text("level", 10) if text("level", 10) in LEVELS else "",
        branches=", ".join(filter(None, (part.strip() for part in text("branches", 500).split(",")))),
        batch_minutes=int(wait) if not github and wait.isdecimal() and int(wait) in WINDOWS else 0,
    )


def wrong_with(draft: Draft, *, has_secret: bool) -> str:
    """Why a rule cannot be saved, in a sentence; "" where it can. `has_secret`: one is kept already."""
    if not draft.name:
        return "Give the rule a name, so that people know which one it is."
    if not draft.events:
        return "Choose at least one thing that it tells of."
    match draft.channel:
        case Channel.SLACK:
            return _wrong_address(draft.secret) if draft.secret or not has_secret else ""
        case Channel.MAIL:
            return _wrong_mail(draft.target)
    if not REPOSITORY.fullmatch(draft.target):
        return "The repository has to be owner/name, such as acme/cars."
    if not draft.secret and not has_secret:
        return "Enter a token that may write to the repository."
    if draft.secret and not (draft.secret.isascii() and draft.secret.isprintable() and len(draft.secret) <= 500):
        return "That is no token: it has characters that a token cannot have."
    return ""


def hint_of(draft: Draft) -> str:
    """What of the secret may be shown: a webhook's host, and the last characters."""
    end = draft.secret[-4:] if len(draft.secret) >= 16 else ""
    host = urlsplit(draft.secret).hostname or "" if draft.channel == Channel.SLACK else ""
    return f"{host} …{end}".strip()[:300]


def form_view(draft: Draft, *, key: int = 0, hint: str = "", wrong: str = "") -> FormView:
    return FormView(
        draft=msgspec.structs.replace(draft, secret=""),
        key=key,
        means=CHANNEL_MEANS[Channel(draft.channel)],
        on_github=draft.channel in ON_GITHUB,
        hint=hint,
        events=tuple(Choice(one.value, label, one in draft.events) for one, label in EVENTS.items()),
        kinds=tuple(Choice(kind, label, kind in draft.kinds) for kind, label in words.KINDS.items()),
        levels=tuple(Choice(value, label, value == draft.level) for value, label in LEVELS.items()),
        windows=tuple(Choice(str(n), window_words(n), n == draft.batch_minutes) for n in WINDOWS),
        wrong=wrong,
    )


def window_words(minutes: int) -> str:
    if not minutes:
        return "at once"
    if minutes < 60:
        return f"after {words.counted(minutes, 'minute')}"
    return f"after {words.counted(minutes // 60, 'hour')}"


def _target(channel: str, text: str) -> str:
    if channel == Channel.MAIL:
        return ", ".join(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))
    if channel == Channel.SLACK:
        return ""
    return text.removeprefix("https://github.com/").strip("/")


def _wrong_mail(target: str) -> str:
    addresses = target.split(", ") if target else []
    if not addresses:
        return "Enter at least one mail address."
    if len(addresses) > ADDRESSES:
        return f"A rule writes to at most {ADDRESSES} addresses: a list on your mail server can hold more."
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError:
            return f"“{address[:80]}” is no mail address."
    return ""


def _wrong_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "That is no address."
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        return "The webhook has to be an address that begins with https://"
    if parts.username or parts.password:
        return "The webhook must not have a name and password in it."
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        return "That is no webhook: it is too long, or has characters that an address cannot have."
    return ""
