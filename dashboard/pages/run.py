"""The run page: the answer first, then everything that it rests on."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.addresses import address
from dashboard.pages.chosen import pick, settled, worth
from dashboard.pages.deciding import Decision, GapView, decision, gap_views
from dashboard.pages.experiments import MarkView, mark_view
from dashboard.pages.facts import Fact, facts
from dashboard.pages.lineup import Choice, LineupView, lineup_view
from dashboard.pages.proofs import ProofView, proof_views
from dashboard.pages.scenes import load
from dashboard.pages.words import Piece, age, counted, pieces, short_test
from dashboard.rows import clocks_of
from dashboard.timeline.text import visible, visible_lines
from triage.core.findings import Verdict, VerdictKind
from triage.models import Part, Run, Test
from triage.models import Verdict as VerdictRow
from triage.store.recall import shown_verdict

LISTED = 200  # failing tests that one page lists
SAME = 8  # other tests of the same cause that are named
DETAIL_CUT = 12_000
WEIGHS = 0.05  # log-odds from which a reason is given a number


class Reason(msgspec.Struct, frozen=True):
    weight: str
    text: str
    against: bool


class FailureLink(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    name: str
    nodeid: str
    kind: str
    kind_words: str
    mechanism: str
    summary: str
    here: bool


class PartView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    side: str
    state: str
    format: str
    reason: str
    entries: int
    skipped: int
    problem: str
    inside: bool  # it was found in the file above
    redacted: str  # 3 bearer tokens, 1 cookie


class ProgressView(msgspec.Struct, frozen=True, kw_only=True):
    waiting: bool
    stage: str
    share: int | None  # percent; None where it cannot be told
    detail: str
    href: str


class VerdictView(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    kind_words: str
    level_means: str
    sure: str  # "likely · 97 %"; empty for a verdict that says it cannot tell
    sentence: tuple[Piece, ...]
    reasons: tuple[Reason, ...]
    missing: str


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    run: Run
    title: str
    when: datetime
    age: str
    evidence_age: str
    headline: tuple[Piece, ...]  # in place of a verdict
    verdict: VerdictView | None
    test: str
    message: str
    detail: str
    facts: tuple[Fact, ...]
    lineup: LineupView | None
    proofs: tuple[ProofView, ...]
    failures: tuple[FailureLink, ...]
    same: tuple[FailureLink, ...]  # other tests of the run that failed for the same cause
    unlisted: int
    next: str
    previous: str
    position: int
    remarks: tuple[str, ...]
    gaps: tuple[GapView, ...]
    decision: Decision | None  # None where no verdict is shown
    mark: MarkView | None  # this run as an experiment; None while it is in work
    parts: tuple[PartView, ...]
    again: str  # where to ask for a new answer; "" for who may not, and where there is nothing to decide from
    progress: ProgressView | None
    lines_gone: bool


def run_page(run: Run, choice: Choice, now: datetime, *, may: bool = False) -> RunPage:
    """About fifteen queries, whatever the run holds; `may`: the person may judge.

    Raises Test.DoesNotExist where the chosen test is not in it.
    """
    parts = list(Part.objects.in_order(run))
    rows = list(VerdictRow.objects.weightiest_first(run)[: LISTED + 1])
    test, row = _chosen(run, rows, choice)
    verdict = shown_verdict(row) if row is not None else None
    choice = settled(run, choice, test)
    loaded = load(run, parts, test, verdict, choice.look) if run.analysed_revision else None
    links = _failures(run, rows[:LISTED], choice, test)
    here = next((i for i, link in enumerate(links) if link.here), -1)
    proofs = proof_views(run, loaded, verdict) if loaded is not None else ()
    decided = decision(run, test, verdict, proofs, may=may) if test is not None and verdict is not None else None
    return RunPage(
        run=run,
        title=visible(run.name or run.run_key),
        when=run.started_at or run.received_at,
        age=age(run.received_at, now),
        evidence_age=age(run.changed_at, now),
        headline=_headline(run, test, parts),
        verdict=_verdict_view(run, verdict) if verdict is not None else None,
        test=visible(test.nodeid) if test is not None else "",
        message=visible(test.message) if test is not None else "",
        detail=visible_lines(test.detail[:DETAIL_CUT]) if test is not None else "",
        facts=facts(run, verdict, loaded, decided),
        lineup=lineup_view(run, loaded.scene, choice) if loaded is not None and worth(loaded.scene) else None,
        proofs=proofs,
        failures=links,
        same=_same(links, here),
        unlisted=max(0, run.tests_failed + run.tests_error - len(links)),
        next=links[here + 1].href if here + 1 < len(links) else "",
        previous=links[here - 1].href if here > 0 else "",
        position=here + 1,
        remarks=_remarks(run, verdict),
        gaps=gap_views(run),
        decision=decided,
        mark=mark_view(run, test.nodeid if test is not None else "", may=may)
        if run.status == Run.Status.READY
        else None,
        parts=tuple(_part(part) for part in parts),
        again=_again(run, choice) if may else "",
        progress=progress_view(run),
        lines_gone=run.lines_gone_at is not None,
    )


def _remarks(run: Run, verdict: Verdict | None) -> tuple[str, ...]:
    """What the logs leave open: contradicting clocks first, then what is not logged; nothing twice."""
    told = [*(remark for clock in clocks_of(run) for remark in clock.remarks), *run.remarks]
    missing = verdict.missing if verdict is not None else ""
    return tuple(visible(r) for r in dict.fromkeys(told) if r != missing and not _told_by_a_gap(run, r))


def _told_by_a_gap(run: Run, text: str) -> bool:
    return any(gap["text"] and gap["text"] in text for gap in run.gaps)


def _again(run: Run, choice: Choice) -> str:
    if run.lines_gone_at is not None or run.status not in (Run.Status.READY, Run.Status.FAILED):
        return ""
    return address("analyse-again", run, choice.test)


def progress_view(run: Run) -> ProgressView | None:
    """How far the work is; None where there is nothing left to do."""
    if run.status not in (Run.Status.QUEUED, Run.Status.PROCESSING):
        return None
    share = min(99, 100 * run.done // run.total) if run.total else None
    waiting = run.status == Run.Status.QUEUED
    return ProgressView(
        waiting=waiting,
        stage="waiting for a worker" if waiting else words.STAGES.get(run.stage, run.stage or "starting"),
        share=None if waiting else share,
        detail=f"{run.done:,} of {run.total:,} bytes" if run.total and not waiting and run.stage == "parsing" else "",
        href=reverse("progress", args=[run.pk]),
    )


def _chosen(run: Run, rows: list[VerdictRow], choice: Choice) -> tuple[Test | None, VerdictRow | None]:
    row = next((r for r in rows if choice.test in ("", r.test.nodeid)), None)
    if row is not None:
        return row.test, row
    return pick(run, choice.test) if choice.test else (None, None)


def _headline(run: Run, test: Test | None, parts: list[Part]) -> tuple[Piece, ...]:
    """The sentence where there is no verdict to read out."""
    if test is not None:
        return (Piece(f"{short_test(test.nodeid)} {test.outcome}: there is nothing to explain."),)
    if run.status == Run.Status.FAILED:
        return (Piece("This run could not be analysed."),)
    if not run.analysed_revision:
        return (Piece("The evidence is here; the answer is on its way."),)
    if not run.tests_total:
        sides = {part.side for part in parts if part.state != Part.State.SPLIT}
        if "tests" not in sides:
            return (Piece("No test results came with this run, so there is nothing to explain yet."),)
        return (Piece("The uploaded files name no test that ran."),)
    if run.tests_passed == run.tests_total:
        return (Piece(f"All {counted(run.tests_total, 'test')} passed: there is nothing to explain."),)
    return (Piece(f"No test failed: {run.tests_passed:,} passed, {run.tests_skipped:,} skipped."),)


def _verdict_view(run: Run, verdict: Verdict) -> VerdictView:
    unknown = verdict.kind is VerdictKind.UNEXPLAINED
    return VerdictView(
        kind=verdict.kind.value,
        kind_words=words.KINDS[verdict.kind.value],
        sure=words.sureness(verdict.kind.value, verdict.level.value, verdict.confidence),
        level_means="" if unknown else words.LEVELS[verdict.level.value],
        sentence=pieces(verdict.summary, words.names_of((verdict.write, verdict.read))),
        reasons=tuple(
            Reason(words.weight(e.weight) if abs(e.weight) >= WEIGHS else "", visible(e.text), e.weight < 0)
            for e in sorted(verdict.evidence, key=lambda e: -e.weight)
        ),
        missing="" if _told_by_a_gap(run, verdict.missing) else visible_lines(verdict.missing),
    )


def _failures(run: Run, rows: list[VerdictRow], choice: Choice, test: Test | None) -> tuple[FailureLink, ...]:
    base = reverse("run", args=[run.pk])
    return tuple(
        FailureLink(
            href=base + choice.query(whole=False, test=row.test.nodeid, first=1),
            name=short_test(row.test.nodeid),
            nodeid=visible(row.test.nodeid),
            kind=row.kind,
            kind_words=words.KINDS.get(row.kind, row.kind),
            mechanism=row.mechanism or "",
            summary=visible(row.summary),
            here=test is not None and row.test_id == test.pk,
        )
        for row in rows
    )


def _same(links: tuple[FailureLink, ...], here: int) -> tuple[FailureLink, ...]:
    if here < 0 or links[here].kind == VerdictKind.UNEXPLAINED:
        return ()
    own = links[here]
    return tuple(k for k in links if not k.here and (k.kind, k.mechanism) == (own.kind, own.mechanism))[:SAME]


def _part(part: Part) -> PartView:
    return PartView(
        name=visible(part.name),
        side=part.side,
        state=part.state,
        format=part.format,
        reason=visible(part.reason),
        entries=part.entries,
        skipped=part.skipped_lines,
        problem=visible(part.problem),
        inside=part.parent_id is not None,
        redacted=", ".join(f"{count:,} {kind}" for kind, count in sorted(part.redacted.items())),
    )
