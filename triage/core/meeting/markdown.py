"""Minutes as Markdown to send: whatever people or logs wrote is text in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.core.meeting.minutes import SECTIONS, About, Minutes, Said, head
from triage.core.meeting.to_do import HEADING, NOBODY, Task, shares
from triage.core.meeting.told import day_words

# What Markdown, or a site that shows it, would make something of: emphasis, links, HTML, names of people, formulas.
SPECIAL = re.compile(r"[\\`*\[\]<>~|&$@#]|!(?=\[)|(?<!\w)_|_(?!\w)|:(?=//)|(?<=\bwww)\.")
BEGINS = re.compile(r"[-+=]|\d{1,9}(?=[.)])")  # a list, a rule, a heading's underline: at the beginning only
LINK = re.compile(r"https?://[^\s<>\\\x00-\x20]{1,2000}")
LINES = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
# What cannot be seen, or turns a line around: a name must not write what stands beside it.
UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def markdown(minutes: Minutes) -> str:
    """The whole as Markdown. Whatever people or logs wrote is text in it: no link, no HTML, no heading of its own."""
    parts = [f"# {plain(minutes.name)}", "\n".join(f"- {line}" for line in _head(minutes))]
    if owed := shares(minutes):
        parts += [f"## {HEADING}", "\n".join(line for one in owed for line in _owed(one.owner, one.tasks))]
    for section, heading in SECTIONS.items():
        items = [one for one in minutes.items if one.section == section and one.talked_about]
        if items:
            parts.append(f"## {heading}")
            parts += [_item(one) for one in items]
    untold = sum(not one.talked_about for one in minutes.items)
    if untold:
        parts.append(f"Not talked about: {untold} {'item' if untold == 1 else 'items'} of the agenda.")
    if minutes.lines:
        parts += ["## Notes", _list(minutes.lines)]
    if minutes.hand_over.strip():
        parts += ["## Hand-over", block(minutes.hand_over)]
    return "\n\n".join(parts) + "\n"


def _head(minutes: Minutes) -> list[str]:
    return [f"Project: {plain(minutes.project)}", *head(minutes, plain)]


def _owed(owner: str, tasks: Iterable[Task]) -> Iterable[str]:
    yield f"- **{plain(owner) or NOBODY}**"
    for task in tasks:
        did = f": {' · '.join(map(plain, task.did))}" if task.did else ""
        ticket = f" {link(task.ticket)}" if task.ticket else ""
        yield f"  - {plain(task.title)}{task.by}{did}{ticket}"


def _item(one: About) -> str:
    by = f", by {day_words(one.due)}" if one.due else ""
    owner = f"owner {one.owner}{by}" if one.owner else by.removeprefix(", ")
    facts = [one.verdict, one.reason, one.status, owner]
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
