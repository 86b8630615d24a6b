"""The fix card on a page: what to change and what not to, where to look, and the two lines that say so."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dashboard.pages.proofs import ProofView
from dashboard.timeline.text import visible, visible_lines
from triage.core.findings import Verdict
from triage.core.fix_cards import card_for


class FixLine(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two lines that a fix card points at."""

    title: str
    who: str
    colour: str
    anchor: str
    text: str


class SnippetView(msgspec.Struct, frozen=True, kw_only=True):
    framework: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class FixView(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    change: str
    instead_of: str
    look: tuple[str, ...]
    grep: str
    snippets: tuple[SnippetView, ...]
    threads: str
    lines: tuple[FixLine, ...]


def fix_view(verdict: Verdict, proofs: Sequence[ProofView]) -> FixView | None:
    """None where there is nothing to change yet, because nothing is known."""
    card = card_for(verdict.kind, verdict.mechanism, verdict)
    change = verdict.advice or card.change
    if not change:
        return None
    return FixView(
        title=visible(card.title),
        change=visible_lines(change),
        instead_of=visible(card.instead_of),
        look=tuple(visible(place) for place in card.look),
        grep=card.grep,
        snippets=tuple(
            SnippetView(
                framework=each.framework,
                before=tuple(each.before.split("\n")) if each.before else (),
                after=tuple(each.after.split("\n")),
            )
            for each in card.snippets
        ),
        threads=", ".join(card.threads),
        lines=tuple(
            FixLine(title=proof.title, who=proof.who, colour=proof.colour, anchor=proof.anchor, text=proof.brief)
            for proof in proofs
            if proof.brief
        ),
    )
