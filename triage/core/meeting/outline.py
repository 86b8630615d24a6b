"""Minutes as headings and lists, for messages: each channel says them in its own language, as far as it has room."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from triage.core.meeting.minutes import SECTIONS, About, Minutes, Said, head
from triage.core.meeting.to_do import HEADING, NOBODY, Task, shares
from triage.core.notices.plain import cut as shortened

MOST = 40_000  # characters that are kept to be sent
TEXT = 1_200  # of one piece of a line: two fit into what a chat takes as one block
ROWS = 190  # of one list


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Words, as they were written; a link where there is an address."""

    text: str
    url: str = ""  # whole, or a path of this Lineup
    bold: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    pieces: tuple[Piece, ...]
    depth: int = 0  # 1: it belongs to the row before

    @property
    def length(self) -> int:
        return sum(len(piece.text) for piece in self.pieces)


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    title: str = ""
    rows: tuple[Row, ...] = ()


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    chapters: tuple[Chapter, ...] = ()
    whole: bool = True  # False: there is more than this


def outline(minutes: Minutes) -> Outline:
    chapters = (
        Chapter(rows=tuple(map(_row, head(minutes)))),
        Chapter(title=HEADING, rows=tuple(_to_do(minutes))),
        *(Chapter(title=title, rows=tuple(_section(minutes, name))) for name, title in SECTIONS.items()),
        Chapter(title="Notes", rows=tuple(Row(pieces=_said(one)) for one in minutes.lines)),
        Chapter(title="Hand-over", rows=tuple(_row(line) for line in minutes.hand_over.splitlines() if line.strip())),
    )
    return cut(Outline(chapters=tuple(chapter for chapter in chapters if chapter.rows)), MOST)


def cut(told: Outline, most: int) -> Outline:
    """As many whole rows from the top as `most` characters hold."""
    left, kept = most, list[Chapter]()
    for chapter in told.chapters:
        left -= len(chapter.title)
        rows: list[Row] = []
        for row in chapter.rows[:ROWS]:
            if left < row.length:
                break
            left -= row.length
            rows.append(row)
        if rows:
            kept.append(msgspec.structs.replace(chapter, rows=tuple(rows)))
        if len(rows) < len(chapter.rows):
            return Outline(chapters=tuple(kept), whole=False)
    return Outline(chapters=tuple(kept), whole=told.whole)


def linked(told: Outline, address: Callable[[str], str]) -> Outline:
    """The same with every address as `address` makes it; "" for one that leads nowhere."""
    return msgspec.structs.replace(told, chapters=tuple(
        msgspec.structs.replace(chapter, rows=tuple(
            msgspec.structs.replace(row, pieces=tuple(
                msgspec.structs.replace(piece, url=address(piece.url)) if piece.url else piece for piece in row.pieces
            )) for row in chapter.rows
        )) for chapter in told.chapters
    ))  # fmt: skip


def _to_do(minutes: Minutes) -> Iterator[Row]:
    for share in shares(minutes):
        yield Row(pieces=(_words(share.owner or NOBODY, bold=True),))
        yield from (Row(pieces=tuple(_task(task)), depth=1) for task in share.tasks)


def _task(task: Task) -> Iterator[Piece]:
    yield _words(task.title, url=f"/groups/{task.group}")
    if task.by:
        yield _words(task.by, bold=True)
    if task.did:
        yield _words(f": {' · '.join(task.did)}")
    yield from _ticket(task.ticket)


def _section(minutes: Minutes, name: str) -> Iterator[Row]:
    for one in minutes.items:
        if one.section == name and one.talked_about:
            yield Row(pieces=tuple(_about(one)))
            yield from (Row(pieces=_said(said), depth=1) for said in one.said)


def _about(one: About) -> Iterator[Piece]:
    facts = (one.verdict, one.reason, one.status, "not today" if one.state == "skipped" else "")
    yield _words(one.title, url=f"/groups/{one.group}")
    yield _words(f" {' · '.join(fact for fact in facts if fact)}")


def _said(said: Said) -> tuple[Piece, ...]:
    return (_words(" ".join(said.text.split())), _words(f" ({said.who}, {said.at:%H:%M})"))


def _ticket(address: str) -> Iterator[Piece]:
    if address:
        yield _words(" ")
        yield _words("ticket", url=address)


def _row(text: str) -> Row:
    return Row(pieces=(_words(text),))


def _words(text: str, *, url: str = "", bold: bool = False) -> Piece:
    return Piece(text=shortened(text, TEXT), url=url, bold=bold)
