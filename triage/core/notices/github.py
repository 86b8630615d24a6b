"""What a pull request is told: a comment in Markdown that no log can break out of, and a status's one line."""

from __future__ import annotations

from typing import Any

from triage.core.notices.compose import result, run_name
from triage.core.notices.plain import JOINER, cut, line, unmentioned
from triage.core.notices.records import Item, Message, Told

COMMENT = 60_000  # characters; GitHub takes 65,536
DESCRIPTION = 140
CONTEXT = "Lineup"
_ESCAPED = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]()+-!|~$"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})
_JOINED = str.maketrans({c: c + JOINER for c in "@#"})  # names and numbers of issues


def words(raw: str) -> str:
    """Text as itself: no format, no link, no mention, no reference."""
    told = raw.translate(_ESCAPED).translate(_JOINED).replace("://", f":{JOINER}//")
    return told.replace("www.", f"www{JOINER}.").replace("GH\\-", f"GH{JOINER}\\-")


def code(raw: str) -> str:
    """A code span around text that may hold backticks itself, and never the beginning of a hidden comment."""
    raw = raw.replace("<!--", f"<!{JOINER}--")
    fence = "`"
    while fence in raw:
        fence += "`"
    return f"{fence} {raw} {fence}" if len(fence) > 1 else f"`{raw}`"


def comment(marker: str, told: Told, message: Message) -> str:
    """The whole comment; it begins with the marker by which it is found again."""
    parts = [f"<!-- {marker} -->", f"### Lineup: [{words(result(told))}]({_target(message.url)})", ""]
    for section in message.sections:
        for item in section.items:
            parts += _item(item)
        if section.more:
            parts += [f"[{words(section.more)}]({_target(section.url)})", ""]
    facts = " · ".join(filter(None, (words(run_name(told)), code(line(told.commit, 40)[:9]) if told.commit else "")))
    parts.append(f"<sub>{facts} · {words(message.footer)} · this comment is kept up to date</sub>")
    text = "\n".join(parts)
    return text if len(text) <= COMMENT else "\n".join(parts[:3])


def status(told: Told, url: str) -> dict[str, Any]:
    """The body of a commit status. GitHub shows it among the checks of the commit's pull requests."""
    said = result(told)
    if told.failures:
        said += f": {line(told.failures[0].sentence, DESCRIPTION)}"
    return {
        "state": "failure" if told.counts.broken else "success",
        "target_url": url,
        "description": cut(unmentioned(said[:1].upper() + said[1:]), DESCRIPTION),
        "context": CONTEXT,
    }


def _item(item: Item) -> list[str]:
    label = f"**{words(item.label)}** · " if item.label else ""
    told = [f"- {label}[{words(item.title)}]({_target(item.url)})  "]
    told += [f"  {words(item.said)}"] if item.said else []
    told += [f"  - {words(one.who)} {code(one.text)}" for one in item.lines]
    return [*told, ""]


def _target(url: str) -> str:
    return url.replace("(", "%28").replace(")", "%29").replace(" ", "%20").replace("<", "%3C").replace(">", "%3E")
