"""What a project keeps and for how long, and what a shorter time would cost."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from dashboard.pages.words import age, counted
from triage.models import Project, Run
from triage.store.horizon import remembered_from

FEWEST, MOST = 1, 3_650
COUNTED = 1_000  # runs; beyond that the page says "more than"


class RetentionPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    days: int
    value: str  # what the field shows
    remembered: int  # days that history remembers
    fewest: int
    most: int
    may_lead: bool
    problem: str
    asked: int  # fewer days that wait for a yes; 0 for none
    loses: str  # what those would cost


def retention_page(
    project: Project, now: datetime, *, may_lead: bool, problem: str = "", typed: str = "", asked: int = 0
) -> RetentionPage:
    newest = Run.objects.newest_evidence(project)
    remembered = now.date() - remembered_from(project, now.date())
    return RetentionPage(
        evidence_age=age(newest, now) if newest else "",
        days=project.retention_days,
        value=typed or str(asked or project.retention_days),
        remembered=remembered.days,
        fewest=FEWEST,
        most=MOST,
        may_lead=may_lead,
        problem=problem,
        asked=asked,
        loses=_loses(project, asked, now) if asked else "",
    )


def read_days(text: str) -> tuple[int, str]:
    """(days, what is wrong with them)"""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6 and FEWEST <= int(text) <= MOST):
        return 0, f"Write a whole number of days, from {FEWEST} to {MOST:,}."
    return int(text), ""


def _loses(project: Project, days: int, now: datetime) -> str:
    runs = len(Run.objects.received_before(project, now.date() - timedelta(days=days)).values_list("pk")[: COUNTED + 1])
    if not runs:
        return "No run is that old yet."
    which = f"More than {COUNTED:,} runs" if runs > COUNTED else counted(runs, "run")
    return f"{which} would lose their server lines within the hour."
