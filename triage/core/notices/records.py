"""What there is to tell, as it was noted; the message that is made of it; and how sending it ended."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from triage.core.meeting.outline import Outline

ITEMS = 20  # failures that one notice may speak of


class Event(StrEnum):
    OPENED = "opened"
    CAME_BACK = "came_back"
    FAILED_AGAIN = "failed_again"
    RUN = "run"
    MINUTES = "minutes"
    MENTION = "mention"  # these two go to one person
    ASSIGNED = "assigned"
    TEST = "test"  # somebody tries a rule out


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """One failing test. All of its texts may be anything that a log can hold."""

    test: str = ""
    sentence: str = ""  # the verdict's
    kind: str = ""
    level: str = ""
    confidence: float = 0.0
    path: str = ""  # of the page that shows it


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    total: int = 0
    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0

    @property
    def broken(self) -> int:
        return self.failed + self.error


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell. Which fields speak depends on the event."""

    event: str
    test: str = ""
    sentence: str = ""
    kind: str = ""
    level: str = ""
    confidence: float = 0.0
    path: str = ""  # of the page that shows it
    run_id: str = ""
    run: str = ""  # its name
    run_key: str = ""
    branch: str = ""
    commit: str = ""
    ci_url: str = ""
    pull_request: str = ""  # as the run's environment tells it
    received_at: str = ""  # RFC 3339
    counts: Counts = Counts()
    failures: tuple[Failure, ...] = ()  # of a run: the first few that the rule asks for
    more: int = 0  # how many there are besides
    who: str = ""
    text: str = ""  # a note
    due: str = ""
    title: str = ""  # of a meeting
    url: str = ""  # of its minutes
    markdown: str = ""
    outline: Outline | None = None  # the same as lists

    @property
    def failure(self) -> Failure:
        return Failure(
            test=self.test, sentence=self.sentence, kind=self.kind, level=self.level, confidence=self.confidence,
            path=self.path,
        )  # fmt: skip


class Line(msgspec.Struct, frozen=True):
    """A log line that proves a verdict, short."""

    who: str  # written by, read by: a process
    text: str


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One failure, or one note, in a message."""

    title: str
    url: str = ""
    label: str = ""  # Split state, likely · 93 %
    said: str = ""
    facts: str = ""  # the run and its branch
    lines: tuple[Line, ...] = ()


class Section(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    items: tuple[Item, ...] = ()
    more: str = ""  # and 12 more
    url: str = ""  # where the rest is


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel sends, in no channel's language yet. Every text in it is raw."""

    headline: str
    url: str
    sections: tuple[Section, ...] = ()
    markdown: str = ""  # minutes: written by Lineup, but of what people and logs said
    outline: Outline | None = None  # the same minutes as lists, for channels that have such
    footer: str = ""
    footer_url: str = ""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """It arrived."""

    answer: str = ""  # the other side's id of it, or its words
    thread: str = ""


class Later(msgspec.Struct, frozen=True, kw_only=True):
    """It did not arrive, and trying again may help."""

    problem: str
    after_s: float | None = None  # not before, as the other side said


class Never(msgspec.Struct, frozen=True, kw_only=True):
    """It did not arrive, and trying again as it is will not help."""

    problem: str


Outcome = Sent | Later | Never


def told_from(event: str, data: Mapping[str, Any]) -> tuple[Told, ...]:
    """What was kept as JSON; more than one where one notice speaks of several failures.

    Fields of another kind than expected are left out rather than refused.
    """
    first = _told(event, data)
    items = data.get("items")
    several = [item for item in items[:ITEMS] if isinstance(item, dict)] if isinstance(items, list) else []
    told = [_told(event, {**data, **item}) for item in several] or [first]
    count = data.get("count")
    more = count - len(told) if isinstance(count, int) else 0
    return (*told[:-1], msgspec.structs.replace(told[-1], more=max(more, 0))) if more > 0 else tuple(told)


def _told(event: str, data: Mapping[str, Any]) -> Told:
    named = {name: value for name, value in data.items() if value is not None}
    if "run_name" in named:
        named |= {"run_id": named.get("run", ""), "run": named["run_name"]}
    if isinstance(named.get("group"), int):
        named.setdefault("path", f"/groups/{named['group']}")
    named.setdefault("sentence", named.get("summary", ""))
    known = {}
    for field in msgspec.structs.fields(Told):
        if field.name in named and field.name != "event":
            try:
                known[field.name] = msgspec.convert(named[field.name], field.type, strict=False)
            except msgspec.ValidationError:
                continue
    return Told(event=event, **known)
