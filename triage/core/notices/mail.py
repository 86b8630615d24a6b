"""A message as mail: a subject of one line, plain text, and the same as HTML that loads nothing."""

from __future__ import annotations

from html import escape

import msgspec

from triage.core.meeting.outline import Chapter, Piece
from triage.core.notices.plain import line, lines
from triage.core.notices.records import Item, Message, Section

MINUTES = 100_000
_PAGE = (
    "margin:0;padding:24px 12px;background:#f6f5f2;color:#1d1f27;"
    "font:15px/1.5 system-ui,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
)
_SHEET = "max-width:640px;margin:0 auto;background:#ffffff;border:1px solid #e3e0d8;border-radius:10px;padding:22px"
_MONO = "font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere"
_QUIET, _LINK = "color:#565966", "color:#3d4fd6"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    subject: str
    text: str
    html: str


def letter(message: Message, why: str) -> Letter:
    """`why`: the sentence at its end that says why this person or address gets it."""
    return Letter(subject=line(f"[Lineup] {message.headline}", 180), text=_text(message, why), html=_html(message, why))


def _text(message: Message, why: str) -> str:
    told = [message.headline, message.url, ""]
    if message.markdown:
        told += [lines(message.markdown, MINUTES), ""]
    for section in message.sections:
        told += [section.title, ""]
        for item in section.items:
            told += [f"* {item.title}{': ' + item.label if item.label else ''}"]
            told += [f"  {said}" for said in (item.said, item.facts) if said]
            told += [f"    {one.who}: {one.text}" for one in item.lines]
            told += [f"  {item.url}"] if item.url else []
            told += [""]
        told += [f"{section.more}: {section.url}", ""] if section.more else []
    return "\n".join([*told, "-- ", message.footer, message.footer_url, why]).strip() + "\n"


def _html(message: Message, why: str) -> str:
    body = [f'<h1 style="font-size:19px;line-height:1.3;margin:0 0 16px">{_link(message.url, message.headline)}</h1>']
    if message.outline is not None:
        body += [_chapter(chapter) for chapter in message.outline.chapters]
        body += [] if message.outline.whole else [f"<p>{_link(message.url, 'The rest of the minutes')}</p>"]
    elif message.markdown:
        body.append(f'<pre style="{_MONO};margin:0">{escape(lines(message.markdown, MINUTES))}</pre>')
    body += [_section(section) for section in message.sections]
    footer = f"{_link(message.footer_url, message.footer)}. {escape(why)}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{escape(message.headline)}</title></head><body style="{_PAGE}"><div style="{_SHEET}">{"".join(body)}'
        f'</div><p style="{_QUIET};max-width:640px;margin:14px auto 0;font-size:13px">{footer}</p></body></html>'
    )


def _chapter(chapter: Chapter) -> str:
    title = f'<h2 style="font-size:15px;margin:18px 0 6px">{escape(chapter.title)}</h2>' if chapter.title else ""
    rows = "".join(
        f'<li style="margin:3px 0 3px {20 * row.depth}px">{"".join(map(_piece, row.pieces))}</li>'
        for row in chapter.rows
    )
    return f'{title}<ul style="margin:0;padding:0 0 0 20px;overflow-wrap:anywhere">{rows}</ul>'


def _piece(piece: Piece) -> str:
    said = _link(piece.url, piece.text)
    return f"<b>{said}</b>" if piece.bold else said


def _section(section: Section) -> str:
    more = f"<p>{_link(section.url, section.more)}</p>" if section.more else ""
    items = "".join(map(_item, section.items))
    return f'<h2 style="font-size:15px;margin:16px 0 8px">{escape(section.title)}</h2>{items}{more}'


def _item(item: Item) -> str:
    told = [f'<p style="margin:0"><b>{_link(item.url, item.title)}</b> {escape(item.label)}</p>']
    told += [f'<p style="margin:4px 0 0">{escape(item.said)}</p>'] if item.said else []
    told += [f'<p style="margin:4px 0 0;{_QUIET};font-size:13px">{escape(item.facts)}</p>'] if item.facts else []
    told += [f'<p style="{_MONO};margin:6px 0 0"><b>{escape(one.who)}</b> {escape(one.text)}</p>' for one in item.lines]
    return f'<div style="border-left:3px solid #e3e0d8;padding:2px 0 2px 12px;margin:0 0 14px">{"".join(told)}</div>'


def _link(url: str, words: str) -> str:
    if not url.startswith(("https://", "http://")):
        return escape(words)
    return f'<a href="{escape(url)}" style="{_LINK}">{escape(words)}</a>'
