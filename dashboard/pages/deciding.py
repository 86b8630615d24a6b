"""What a run page says beyond its own logs: history, what to change, how to confirm, what is missing, who judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.urls import reverse

from dashboard.pages.changes import ChangeView, change_view
from dashboard.pages.experiments import ConclusionView, MarkView, commands, conclusion_views, mark_view, plan
from dashboard.pages.fix import FixView, fix_view
from dashboard.pages.history import HistoryView, group_history
from dashboard.pages.judging import JudgingView, judging_view
from dashboard.pages.proofs import ProofView
from dashboard.pages.words import counted
from dashboard.rows import conclusions_of, gaps_of
from dashboard.timeline.text import visible, visible_lines
from triage.core.findings import Verdict
from triage.models import FailureGroup, Judgement, Occasion, Run, Test, VerdictChange
from triage.store import judgements
from triage.store.recall import test_key

GAPS = 20  # that one page shows


class GapView(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    fix: str
    where: str
    hurts: str


class ConfirmView(msgspec.Struct, frozen=True, kw_only=True):
    plan: str
    text: str
    commands: tuple[str, ...]
    conclusions: tuple[ConclusionView, ...]
    mark: MarkView


class HistoryPanel(msgspec.Struct, frozen=True, kw_only=True):
    view: HistoryView | None
    href: str
    seen: str  # 11 runs
    since: datetime | None


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    view: ChangeView
    by_history: bool


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one failing test's verdict beside the run's own evidence."""

    history: HistoryPanel | None
    changes: tuple[Changed, ...]  # newest first
    fix: FixView | None
    confirm: ConfirmView
    judging: JudgingView


def decision(run: Run, test: Test, verdict: Verdict, proofs: Sequence[ProofView], *, may: bool) -> Decision:
    key = test_key(test.nodeid)
    occasion = Occasion.objects.of_failure(run, key)
    group = occasion.group if occasion is not None else None
    changes = [
        Changed(at=row.at, view=change_view(row), by_history=row.cause == VerdictChange.Cause.HISTORY)
        for row in VerdictChange.objects.of_verdict(run, key)
    ]
    return Decision(
        history=_panel(group) if group is not None else None,
        changes=tuple(reversed(changes)),
        fix=fix_view(verdict, proofs),
        confirm=_confirm(verdict, group, mark_view(run, test.nodeid, may=may)),
        judging=judging_view(
            run, test.nodeid, Judgement.objects.about(run.project_id, judgements.of_run(run, test.nodeid)), may=may
        ),
    )


def gap_views(run: Run) -> tuple[GapView, ...]:
    """What the logs of the whole run lack, the most harmful first."""
    return tuple(
        GapView(
            text=visible(gap.text),
            fix=visible_lines(gap.fix),
            where=visible(gap.where),
            hurts=f"{counted(gap.hurts, 'failing test')} could be surer" if gap.hurts else "",
        )
        for gap in gaps_of(run)[:GAPS]
    )


def _panel(group: FailureGroup) -> HistoryPanel:
    return HistoryPanel(
        view=group_history(group),
        href=reverse("group", args=[group.pk]),
        seen=counted(group.occurrences, "run"),
        since=group.first_seen,
    )


def _confirm(verdict: Verdict, group: FailureGroup | None, mark: MarkView) -> ConfirmView:
    conclusions = conclusions_of(group) if group is not None else ()
    text = visible_lines(verdict.confirm)
    return ConfirmView(
        plan=plan(group, conclusions, verdict.kind) if group is not None else "",
        text=text,
        commands=commands(text),
        conclusions=conclusion_views(conclusions),
        mark=mark,
    )
