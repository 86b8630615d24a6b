"""The lineup as a picture of its own, for a ticket: an SVG that needs nothing beside it, and the same as pixels."""

from __future__ import annotations

import re

import msgspec
from django.template.loader import render_to_string
from django.utils.text import slugify

from dashboard.pages.chosen import Shown, shown
from dashboard.pages.drawing_style import drawing_style
from dashboard.pages.lineup import Choice, LineupView
from dashboard.pages.words import short_test
from dashboard.timeline.text import BOLD, fit, folded, visible
from triage.core.findings import VerdictKind
from triage.models import Run

HEAD, FOOT = 78.0, 34.0  # of the sheet, above the picture and below it
SIZE, LEADING, MOST = 17.0, 23.0, 4  # of the headline: a cut sentence tells a ticket nothing, so it gets lines enough
SIGNS = str.maketrans("✕◂▸", "\xd7\u2039\u203a")  # the packaged font lacks these three and has their likes
NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Export(msgspec.Struct, frozen=True, kw_only=True):
    v: LineupView
    width: float
    height: float
    top: float
    foot: float  # where the caption stands
    title: str
    headline: str
    lines: tuple[tuple[float, str], ...]  # the headline as it is drawn: where each line stands, and its words
    below: float  # where what comes below it stands
    subline: str
    caption: str
    style: str
    split: bool


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A finished SVG, its size, and what its file is called."""

    svg: str
    width: float
    height: float
    name: str


def export(run: Run, choice: Choice, site: str) -> Picture | None:
    """None where there is nothing to draw. Raises Test.DoesNotExist.

    `site`: scheme and host, so that the marks of a picture in a ticket still lead to their lines.
    """
    found = shown(run, msgspec.structs.replace(choice, table=False))
    if found is None or found.lineup.picture is None:
        return None
    sheet = _export(run, found, site)
    svg = render_to_string("lineup.svg", {"e": sheet, "v": sheet.v})
    return Picture(
        svg=NOT_XML.sub("\N{REPLACEMENT CHARACTER}", svg.translate(SIGNS)),
        width=sheet.width,
        height=sheet.height,
        name=_name(run, found),
    )


def _export(run: Run, found: Shown, site: str) -> Export:
    view, picture = found.lineup, found.lineup.picture
    assert picture is not None  # noqa: S101  the caller has looked
    room = picture.width - 44
    said = visible(found.verdict.summary) if found.verdict is not None else view.title
    subline = " · ".join(part for part in (found.test, run.name or run.run_key, run.branch) if part)
    lines = folded(said, room / BOLD, SIZE, MOST)
    head = HEAD + (len(lines) - 1) * LEADING
    return Export(
        v=msgspec.structs.replace(view, base=site + view.base, lines=site + view.lines),
        width=picture.width,
        height=picture.height + head + FOOT,
        top=head,
        foot=picture.height + head + 14,
        title=view.title,
        headline=" ".join(lines),
        lines=tuple((34 + n * LEADING, line) for n, line in enumerate(lines)),
        below=head - 22,
        subline=fit(visible(subline), room, 12.5),
        caption=fit(view.caption, room, 12),
        style=drawing_style(),
        split=found.verdict is not None and found.verdict.kind is VerdictKind.SPLIT_STATE,
    )


def _name(run: Run, found: Shown) -> str:
    """ASCII letters, digits and dashes: a name that every system and header can carry."""
    words = slugify(f"{run.name or run.run_key} {short_test(found.test) if found.test else ''}")
    return f"lineup-{words}"[:90].rstrip("-")
