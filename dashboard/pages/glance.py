"""A test's picture in passing: for pages that show a failure among other things, such as a meeting."""

from __future__ import annotations

import msgspec

from dashboard.pages.chosen import shown
from dashboard.pages.lineup import Choice, LineupView
from dashboard.pages.proofs import ProofView, proof_views
from dashboard.timeline.text import visible
from triage.models import Run, Test


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    lineup: LineupView
    proofs: tuple[ProofView, ...]  # the two lines that prove it
    href: str  # the test on its run's page
    svg: str
    png: str
    caption: str
    name: str  # of the run


def glance(run: Run, nodeid: str) -> Glance | None:
    """About eight queries. None where there is nothing to draw: no such test, or nothing analysed."""
    try:
        found = shown(run, Choice(test=nodeid))
    except Test.DoesNotExist:
        return None
    if found is None or found.lineup.picture is None:
        return None
    view = found.lineup
    return Glance(
        lineup=view,
        proofs=proof_views(run, found.loaded, found.verdict),
        href=view.base + view.here,
        svg=view.svg,
        png=view.png,
        caption=view.caption,
        name=visible(run.name or run.run_key),
    )
