"""Minutes: what was decided and written, item by item, as a record that is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

import msgspec

SECTIONS = {
    "came_back": "Came back",
    "new": "New",
    "open": "Still open",
    "observing": "Watching a fix",
    "added": "Added",
}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in a sentence, or a line that somebody wrote."""

    text: str
    who: str
    at: datetime
    decided: bool = True  # False: a line that was written
    what: str = ""  # of a decision


class About(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the agenda and what was said of it."""

    title: str
    test: str
    kind: str  # the verdict's name, for the page's colours
    verdict: str  # in words: Split state, confirmed · 99 %
    section: str
    reason: str
    group: int
    state: str = ""  # done, skipped or ""
    status: str = ""  # of the item, at the end
    closed: bool = False  # resolved, so that nothing is left to do
    owner: str = ""
    due: date | None = None
    ticket: str = ""
    seconds: int = 0
    said: tuple[Said, ...] = ()

    @property
    def talked_about(self) -> bool:
        return bool(self.said or self.state)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How it stood when the meeting began; `before` are those of the meeting before it."""

    runs: int = 0
    failures: int = 0
    unexplained: int = 0
    open_items: int = 0
    left_out: int = 0
    bounded: bool = False  # there were more runs than were counted
    before_failures: int = 0
    before_unexplained: int = 0
    first: bool = False  # there was no meeting before


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What a meeting came to, for a list of many."""

    items: int = 0
    talked: int = 0  # of them, those that something was said of, or that are done
    decisions: int = 0
    people: int = 0


class Minutes(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    project: str
    began_at: datetime
    ended_at: datetime | None
    people: tuple[str, ...]
    figures: Figures
    items: tuple[About, ...]
    lines: tuple[Said, ...]  # of the meeting as a whole
    hand_over: str = ""
    on_duty: str = ""


def tally(minutes: Minutes) -> Tally:
    return Tally(
        items=len(minutes.items),
        talked=sum(bool(one.said) or one.state == "done" for one in minutes.items),
        decisions=sum(said.decided for one in minutes.items for said in one.said),
        people=len(minutes.people),
    )


def rate(unexplained: int, failures: int) -> float | None:
    """The share of failures that nobody and nothing has explained; None where nothing failed."""
    return unexplained / failures if failures else None


def head(minutes: Minutes, said: Callable[[str], str] = str) -> Iterator[str]:
    """When it was, who was there and what there was, a line each; `said` makes people's words fit for where they go."""
    ended = f" to {minutes.ended_at:%H:%M}" if minutes.ended_at is not None else ""
    yield f"{minutes.began_at.day} {minutes.began_at:%B %Y, %H:%M}{ended} UTC"
    yield f"Present: {', '.join(map(said, minutes.people)) or 'nobody'}"
    if minutes.on_duty:
        yield f"On duty: {said(minutes.on_duty)}"
    yield f"{rate_words(minutes.figures)}; {minutes.figures.open_items:,} open"


def rate_words(figures: Figures) -> str:
    """`Unexplained: 12 % of 31 failures (18 % at the last meeting)`."""
    now = rate(figures.unexplained, figures.failures)
    if now is None:
        return "Nothing failed, so nothing is unexplained"
    before = rate(figures.before_unexplained, figures.before_failures)
    than = f" ({100 * before:.0f} % at the last meeting)" if before is not None else ""
    many = f"{figures.failures:,} {'failure' if figures.failures == 1 else 'failures'}"
    return f"Unexplained: {100 * now:.0f} % of {many}{than}"
