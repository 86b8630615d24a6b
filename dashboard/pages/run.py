"""The run page: the answer first, then everything that it rests on."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.lineup import Choice, LineupView, lineup_view
from dashboard.pages.scenes import Loaded, Proof, load
from dashboard.pages.words import Piece, age, counted, pieces, short_test
from dashboard.rows import clocks_of, verdict_of
from dashboard.timeline.scene import Scene
from dashboard.timeline.text import process_name, visible
from triage.core.findings import Verdict, VerdictKind
from triage.models import Part, Run, Test
from triage.models import Verdict as VerdictRow
from triage.querysets.meaning import PROCESS_LIMIT

LISTED = 200  # failing tests that one page lists
RAW_CUT = 6_000  # characters of one log line that a page shows
DETAIL_CUT = 12_000
KEY = re.compile(r"(?=[\w-]{0,39}\d)(?=[\w-]{0,39}[A-Za-z])[\w-]{6,40}")  # an id such as 25e3188c: letters and digits


class Fact(msgspec.Struct, frozen=True):
    label: str
    value: str
    more: str = ""


class Reason(msgspec.Struct, frozen=True):
    weight: str
    text: str
    against: bool


class ProofView(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    who: str
    colour: str
    where: str
    text: tuple[Piece, ...]
    cut: str
    href: str


class FailureLink(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    name: str
    nodeid: str
    kind: str
    kind_words: str
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
    sure: str  # "likely · 97 %"; empty for a verdict that says it cannot tell
    sentence: tuple[Piece, ...]
    reasons: tuple[Reason, ...]
    advice: str
    confirm: str
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
    unlisted: int
    next: str
    previous: str
    position: int
    remarks: tuple[str, ...]
    parts: tuple[PartView, ...]
    progress: ProgressView | None
    lines_gone: bool


def run_page(run: Run, choice: Choice, now: datetime) -> RunPage:
    """About ten queries, whatever the run holds. Raises Test.DoesNotExist where the chosen test is not in it."""
    parts = list(Part.objects.in_order(run))
    rows = list(VerdictRow.objects.weightiest_first(run)[: LISTED + 1])
    test, row = _chosen(run, rows, choice)
    verdict = verdict_of(row) if row is not None else None
    choice = msgspec.structs.replace(choice, whole=choice.whole or (test is None and run.status == Run.Status.READY))
    loaded = load(run, parts, test, verdict, whole=choice.whole) if run.analysed_revision else None
    links = _failures(run, rows[:LISTED], choice, test)
    here = next((i for i, link in enumerate(links) if link.here), -1)
    return RunPage(
        run=run,
        title=visible(run.name or run.run_key),
        when=run.started_at or run.received_at,
        age=age(run.received_at, now),
        evidence_age=age(run.changed_at, now),
        headline=_headline(run, test, parts),
        verdict=_verdict_view(verdict) if verdict is not None else None,
        test=visible(test.nodeid) if test is not None else "",
        message=visible(test.message) if test is not None else "",
        detail=visible_lines(test.detail[:DETAIL_CUT]) if test is not None else "",
        facts=_facts(run, verdict, loaded),
        lineup=lineup_view(run, loaded.scene, choice) if loaded is not None and _worth(loaded.scene) else None,
        proofs=_proofs(run, loaded, verdict) if loaded is not None else (),
        failures=links,
        unlisted=max(0, run.tests_failed + run.tests_error - len(links)),
        next=links[here + 1].href if here + 1 < len(links) else "",
        previous=links[here - 1].href if here > 0 else "",
        position=here + 1,
        remarks=_remarks(run, verdict),
        parts=tuple(_part(part) for part in parts),
        progress=progress_view(run),
        lines_gone=run.lines_gone_at is not None,
    )


def _remarks(run: Run, verdict: Verdict | None) -> tuple[str, ...]:
    """What the logs leave open: contradicting clocks first, then what is not logged; nothing twice."""
    told = [*(remark for clock in clocks_of(run) for remark in clock.remarks), *run.remarks]
    return tuple(visible(remark) for remark in dict.fromkeys(told) if verdict is None or remark != verdict.missing)


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


def visible_lines(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n"))


def _chosen(run: Run, rows: list[VerdictRow], choice: Choice) -> tuple[Test | None, VerdictRow | None]:
    if not choice.test:
        return (rows[0].test, rows[0]) if rows else (None, None)
    row = next((r for r in rows if r.test.nodeid == choice.test), None)
    if row is not None:
        return row.test, row
    test = Test.objects.named(run.pk, choice.test)
    if test is None and run.analysed_revision:
        raise Test.DoesNotExist
    return test, (VerdictRow.objects.weightiest_first(run).of_test(test).first() if test is not None else None)


def _worth(scene: Scene) -> bool:
    return bool(scene.steps or scene.processes or scene.spans)


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


def _verdict_view(verdict: Verdict) -> VerdictView:
    unknown = verdict.kind is VerdictKind.UNEXPLAINED
    return VerdictView(
        kind=verdict.kind.value,
        kind_words=words.KINDS[verdict.kind.value],
        sure="" if unknown else f"{verdict.level.value} · {words.percent(verdict.confidence)}",
        sentence=pieces(verdict.summary, words.names_of((verdict.write, verdict.read))),
        reasons=tuple(
            Reason(words.weight(e.weight), visible(e.text), e.weight <= 0)
            for e in sorted(verdict.evidence, key=lambda e: -e.weight)
        ),
        advice=visible_lines(verdict.advice),
        confirm=visible_lines(verdict.confirm),
        missing=visible_lines(verdict.missing),
    )


def _facts(run: Run, verdict: Verdict | None, loaded: Loaded | None) -> tuple[Fact, ...]:
    facts = []
    if verdict is not None and verdict.mechanism is not None:
        facts.append(Fact("Mechanism", words.MECHANISMS[verdict.mechanism.value]))
    if verdict is not None and verdict.side is not None and verdict.side.value == "test":
        facts.append(Fact("Split between", "test workers"))
    processes = loaded.scene.processes if loaded is not None else ()
    if processes:
        hosts = sorted({p.host for p in processes if p.host})
        where = f"on {visible(hosts[0])}" if len(hosts) == 1 else f"on {counted(len(hosts), 'host')}" if hosts else ""
        told = sum(p.pid is not None for p in processes)
        over = "over " if len(processes) >= PROCESS_LIMIT else ""  # the page loads no more of them
        many = over + counted(told, "process", "processes") if told else "processes without PID"
        facts.append(Fact("Served by", many, where))
    for clock in clocks_of(run)[:1] if processes else ():
        offset, bounds = words.clock_words(clock)
        facts.append(Fact("Clock", offset, f"({bounds})" if bounds else ""))
    if run.tests_total:
        failed = run.tests_failed + run.tests_error
        facts.append(Fact("Tests", f"{failed:,} failed" if failed else "none failed", f"of {run.tests_total:,}"))
    return tuple(facts)


def _proofs(run: Run, loaded: Loaded, verdict: Verdict | None) -> tuple[ProofView, ...]:
    if verdict is None:
        return ()
    marked = _deciding(loaded, verdict)
    named = (("Written", loaded.write), ("Read", loaded.read))
    return tuple(_proof(run, title, proof, loaded.scene, marked) for title, proof in named if proof is not None)


def _proof(run: Run, title: str, proof: Proof, scene: Scene, marked: list[str]) -> ProofView:
    end = proof.end
    known = end.process is not None and end.process < len(scene.processes)
    who = process_name(scene.processes[end.process]) if known and end.process is not None else f"{end.unit} {end.pid}"
    href = f"{reverse('lines', args=[run.pk])}?served={end.served}" if end.served is not None else ""
    hidden = len(proof.raw) - RAW_CUT
    return ProofView(
        title=title,
        who=visible(who + (f" on {end.host}" if end.host and len({p.host for p in scene.processes}) > 1 else "")),
        colour=f"p{(end.process or 0) % 8 + 1}",
        where=f"{visible(proof.part)}, line {proof.line:,}",
        text=pieces(proof.raw[:RAW_CUT].rstrip("\n"), marked),
        cut=f"{hidden:,} more characters" if hidden > 0 else "",
        href=href,
    )


def _deciding(loaded: Loaded, verdict: Verdict) -> list[str]:
    """The words that decide: the two PIDs, the paths, and what the write's line and the test's step both name."""
    ends = [end for end in (verdict.write, verdict.read) if end is not None]
    pids = [str(end.pid) for end in ends if end.pid is not None]
    found = [pid if len(pid) >= words.TELLING_DIGITS else f"[{pid}]" for pid in pids]
    found += [end.path for end in ends if end.path and len(end.path) > 1]
    if loaded.write is not None and loaded.read is not None:
        shared = set(KEY.findall(loaded.write.message[:2000])) & set(KEY.findall(loaded.read.message[:2000]))
        found += sorted(shared, key=len, reverse=True)[:3]
    steps = [s for s in loaded.scene.steps if any(e.step == s.index for e in ends)]
    if loaded.write is not None and steps:
        quoted = [word for word in loaded.write.message[:2000].replace('"', "'").split("'")[1::2] if 2 < len(word) < 40]
        said = " ".join(step.text[:2000] for step in steps)
        found += [word for word in quoted if word in said and not said.count(f"'{word}':")][:1]
    return found


def _failures(run: Run, rows: list[VerdictRow], choice: Choice, test: Test | None) -> tuple[FailureLink, ...]:
    base = reverse("run", args=[run.pk])
    return tuple(
        FailureLink(
            href=base + msgspec.structs.replace(choice, whole=False, test=row.test.nodeid).query(),
            name=short_test(row.test.nodeid),
            nodeid=visible(row.test.nodeid),
            kind=row.kind,
            kind_words=words.KINDS.get(row.kind, row.kind),
            summary=visible(row.summary),
            here=test is not None and row.test_id == test.pk,
        )
        for row in rows
    )


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
