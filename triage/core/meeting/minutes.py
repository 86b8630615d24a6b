"""Minutes: what was decided and written, item by item, as a record that is kept and as Markdown to send."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

# What Markdown, or a site that shows it, would make something of: emphasis, links, HTML, names of people, formulas.
SPECIAL = re.compile(r"[\\`*\[\]<>~|&$@#]|!(?=\[)|(?<!\w)_|_(?!\w)|:(?=//)|(?<=\bwww)\.")
BEGINS = re.compile(r"[-+=]|\d{1,9}(?=[.)])")  # a list, a rule, a heading's underline: at the beginning only
LINK = re.compile(r"https?://[^\s<>\\\x00-\x20]{1,2000}")
LINES = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
# What cannot be seen, or turns a line around: a name must not write what stands beside it.
UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
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
    owner: str = ""
    ticket: str = ""
    seconds: int = 0
    said: tuple[Said, ...] = ()


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


def rate_words(figures: Figures) -> str:
    """`Unexplained: 12 % of 31 failures (18 % at the last meeting)`."""
    now = rate(figures.unexplained, figures.failures)
    if now is None:
        return "Nothing failed, so nothing is unexplained"
    before = rate(figures.before_unexplained, figures.before_failures)
    than = f" ({100 * before:.0f} % at the last meeting)" if before is not None else ""
    many = f"{figures.failures:,} {'failure' if figures.failures == 1 else 'failures'}"
    return f"Unexplained: {100 * now:.0f} % of {many}{than}"


def markdown(minutes: Minutes) -> str:
    """The whole as Markdown. Whatever people or logs wrote is text in it: no link, no HTML, no heading of its own."""
    parts = [f"# {plain(minutes.name)}", "\n".join(f"- {line}" for line in _head(minutes))]
    for section, heading in SECTIONS.items():
        items = [one for one in minutes.items if one.section == section and _worth_telling(one)]
        if items:
            parts.append(f"## {heading}")
            parts += [_item(one) for one in items]
    untold = sum(not _worth_telling(one) for one in minutes.items)
    if untold:
        parts.append(f"Not talked about: {untold} {'item' if untold == 1 else 'items'} of the agenda.")
    if minutes.lines:
        parts += ["## Notes", _list(minutes.lines)]
    if minutes.hand_over.strip():
        parts += ["## Hand-over", block(minutes.hand_over)]
    return "\n\n".join(parts) + "\n"


def _head(minutes: Minutes) -> list[str]:
    ended = f" to {minutes.ended_at:%H:%M}" if minutes.ended_at is not None else ""
    head = [
        f"Project: {plain(minutes.project)}",
        f"{minutes.began_at.day} {minutes.began_at:%B %Y, %H:%M}{ended} UTC",
        f"Present: {', '.join(plain(name) for name in minutes.people) or 'nobody'}",
    ]
    if minutes.on_duty:
        head.append(f"On duty: {plain(minutes.on_duty)}")
    return [*head, f"{rate_words(minutes.figures)}; {minutes.figures.open_items:,} open"]


def _worth_telling(one: About) -> bool:
    return bool(one.said or one.state)


def _item(one: About) -> str:
    facts = [one.verdict, one.reason, one.status, f"owner {one.owner}" if one.owner else ""]
    told = [f"### {plain(one.title)}", f"{code(one.test)}  \n{' · '.join(plain(fact) for fact in facts if fact)}"]
    if one.ticket:
        told[-1] += f"  \nTicket: {link(one.ticket)}"
    if one.state == "skipped":
        told.append("Not today.")
    if one.said:
        told.append(_list(one.said))
    return "\n\n".join(told)


def _list(said: Iterable[Said]) -> str:
    return "\n".join(f"- {plain(one.text)} *{plain(one.who)}, {one.at:%H:%M}*" for one in said)


def plain(text: str) -> str:
    """One line of text that Markdown shows as it is."""
    line = LINES.sub(" ", UNSEEN.sub("", text)).strip()
    line = SPECIAL.sub(r"\\\g<0>", line)
    begun = BEGINS.match(line)
    if begun is None:
        return line
    # A number keeps its digits: what is escaped is the point or bracket after it.
    return f"\\{line}" if not begun.group().isdigit() else f"{begun.group()}\\{line[begun.end() :]}"


def block(text: str) -> str:
    """Several lines of text, each as it is, breaks kept."""
    lines = [plain(line) for line in LINES.split(text)]
    return "  \n".join(line for line in lines if line)


def link(address: str) -> str:
    """An address as a link, where it is one of the web; else as text."""
    return f"<{address}>" if LINK.fullmatch(address) and not UNSEEN.search(address) else plain(address)


def code(text: str) -> str:
    """A name in code style, with as many backticks as keep it together."""
    line = LINES.sub(" ", UNSEEN.sub("", text)).strip()
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""
