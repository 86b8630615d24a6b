"""A message as an incoming webhook of Slack takes it, and all that speak its language: Mattermost, Rocket.Chat.

`blocks` are for Slack: rich text, in which every text is literal, so that nothing in a log can become a link, a mention
or a format. `text` is what Slack shows in a notification and what the others show as the message: escaped.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from triage.core.meeting.outline import Chapter, Outline, Piece, Row
from triage.core.meeting.outline import cut as shortened
from triage.core.notices.plain import JOINER, cut, line, lines, unmentioned
from triage.core.notices.records import Item, Message, Section

TEXT = 3_500  # characters; Slack cuts at 40,000 and asks for at most 4,000
MINUTES = 2_500
SHOWN = 10_000  # characters of minutes in blocks: a message that is longer may be refused as a whole
BLOCK = 2_900  # of one block
REST = "The rest of the minutes"
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# What Mattermost would take for code, a channel or a link. Stars and underscores only change how a word looks.
_FORMAT = str.maketrans({"`": "'", "~": "~" + JOINER, "]": "]" + JOINER})

_ESCAPED = re.compile(r"\\([^\w\s])")  # rich text is literal: there a backslash would only be read as one

Json = dict[str, Any]


def payload(message: Message) -> Json:
    return {"text": text(message), "blocks": blocks(message), "unfurl_links": False, "unfurl_media": False}


def escaped(raw: str) -> str:
    """Literal text within `text`. `<!channel>` shows as it is, and so does `@here`."""
    return unmentioned(raw.translate(_FORMAT)).replace("://", f":{JOINER}//").translate(_MARKUP)


def link(url: str, words: str) -> str:
    return f"<{url.translate(_MARKUP).replace('|', '%7C')}|{escaped(words)}>" if url else escaped(words)


def text(message: Message) -> str:
    told = [f"*{link(message.url, message.headline)}*"]
    if message.outline is not None:
        told += _said_plainly(message.outline)
    elif message.markdown:
        told.append(escaped(lines(message.markdown, MINUTES)))
    for section in message.sections:
        told.append(escaped(section.title))
        told += [f"• {_item(item)}" for item in section.items]
        told += [link(section.url, section.more)] if section.more else []
    if message.footer:
        told.append(link(message.footer_url, message.footer))
    kept: list[str] = []
    for each in told:
        if kept and sum(map(len, kept)) + len(each) > TEXT:
            kept.append(f"… {link(message.url, 'the rest')}")
            break
        kept.append(each)  # whole, so that no link is cut in two
    return "\n".join(kept)


def _item(item: Item) -> str:
    said = ": ".join(filter(None, (escaped(item.label), escaped(item.said))))
    told = [f"{link(item.url, item.title)}{' ' + said if said else ''}"]
    told += [escaped(item.facts)] if item.facts else []
    told += [f"    {escaped(one.who)}: {escaped(one.text)}" for one in item.lines]
    return "\n".join(told)


def blocks(message: Message) -> list[Json]:
    """At most a few dozen; Slack takes 50."""
    made = [_rich(_link(message.url, message.headline, bold=True))]
    if message.outline is not None:
        made += _outlined(message.outline, message.url)
    elif message.markdown:
        minutes = lines(_ESCAPED.sub(r"\1", message.markdown), MINUTES)
        made.append({"type": "rich_text", "elements": [
            {"type": "rich_text_preformatted", "elements": [_words(minutes)]}
        ]})  # fmt: skip
    for section in message.sections:
        made.append(_section(section))
    if message.footer:
        made.append(_rich(_link(message.footer_url, message.footer)))
    return made


def _section(section: Section) -> Json:
    elements: list[Json] = [{"type": "rich_text_section", "elements": [_words(section.title, bold=True)]}]
    for item in section.items:
        said = [_link(item.url, item.title)]
        said += [_words(f"  {item.label}", bold=True)] if item.label else []
        said += [_words(f"\n{item.said}")] if item.said else []
        said += [_words(f"\n{item.facts}")] if item.facts else []
        elements.append({"type": "rich_text_list", "style": "bullet", "elements": [
            {"type": "rich_text_section", "elements": said}
        ]})  # fmt: skip
        if item.lines:
            shown = "\n".join(f"{line(one.who, 60)}: {one.text}" for one in item.lines)
            elements.append({"type": "rich_text_preformatted", "elements": [_words(shown)]})
    if section.more:
        elements.append({"type": "rich_text_section", "elements": [_link(section.url, section.more)]})
    return {"type": "rich_text", "elements": elements}


def _said_plainly(told: Outline) -> list[str]:
    said = []
    for chapter in told.chapters:
        said += [f"\n*{escaped(chapter.title)}*"] if chapter.title else []
        said += [f"{'    ' * row.depth}• {''.join(map(_piece_plainly, row.pieces))}" for row in chapter.rows]
    return said


def _piece_plainly(piece: Piece) -> str:
    return link(piece.url, line(piece.text, BLOCK)) if piece.url else escaped(piece.text)


def _outlined(told: Outline, url: str) -> list[Json]:
    """Lists, a block a chapter or more where it is long."""
    shown = shortened(told, SHOWN)
    made = [_listed(part) for chapter in shown.chapters for part in _parts(chapter)]
    return made if shown.whole else [*made, _rich(_link(url, REST))]


def _parts(chapter: Chapter) -> list[Chapter]:
    """A chapter in parts that fit into a block each."""
    parts, rows, length = list[Chapter](), list[Row](), len(chapter.title)
    for row in chapter.rows:
        if rows and length + row.length > BLOCK:
            parts.append(Chapter(title="" if parts else chapter.title, rows=tuple(rows)))
            rows, length = [], 0
        rows.append(row)
        length += row.length
    return [*parts, Chapter(title="" if parts else chapter.title, rows=tuple(rows))]


def _listed(chapter: Chapter) -> Json:
    elements: list[Json] = []
    if chapter.title:
        elements.append({"type": "rich_text_section", "elements": [_words(chapter.title, bold=True)]})
    for depth, rows in groupby(chapter.rows, key=lambda row: row.depth):
        elements.append({"type": "rich_text_list", "style": "bullet", "indent": depth, "elements": [
            {"type": "rich_text_section", "elements": [_link(one.url, one.text, one.bold) for one in row.pieces]}
            for row in rows
        ]})  # fmt: skip
    return {"type": "rich_text", "elements": elements}


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def _words(raw: str, bold: bool = False) -> Json:
    made: Json = {"type": "text", "text": cut(raw, 2_900) or " "}
    return made | {"style": {"bold": True}} if bold else made


def _link(url: str, raw: str, bold: bool = False) -> Json:
    if not url:
        return _words(raw, bold)
    made: Json = {"type": "link", "url": url, "text": cut(raw, 2_900) or url}
    return made | {"style": {"bold": True}} if bold else made
