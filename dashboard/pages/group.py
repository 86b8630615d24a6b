"""A failure group: the same failure over many runs, what that proves, and what people said of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.addresses import address
from dashboard.pages.changes import ChangeView, change_view
from dashboard.pages.cursors import read_moment, write_moment
from dashboard.pages.experiments import ConclusionView, conclusion_views, plan
from dashboard.pages.facts import Fact
from dashboard.pages.groups import title_of
from dashboard.pages.history import HistoryView, group_history
from dashboard.pages.judging import JudgementLine, judgement_line
from dashboard.pages.words import age, counted, short_test
from dashboard.rows import conclusions_of, pair_of, rates_of
from dashboard.timeline.strip import Fate, Ran, Strip, strip
from dashboard.timeline.text import visible, visible_lines
from triage.core.history.fingerprint import explain_merge
from triage.core.history.records import Occasion as FoundOccasion
from triage.core.history.records import Pair, Relation
from triage.core.history.relation import observe, pair_in
from triage.models import FailureGroup, Judgement, Occasion, Run, Test, VerdictChange
from triage.store.recall import occasion_of

STRIP = 60
PAGE = 25
TOLD_FIRST = 4  # the others unfold
TOLD = 100  # changes and judgements that one page lists
NORMAL_CUT = 4_000
GONE = "What the first of them said is no longer kept, so there is nothing to lay beside the newest."
STATUSES = {"open": "open", "fixed": "fixed, verified"}
_FATES = {
    (True, Relation.DIFFERENT): Fate.FAILED_DIFFERENT,
    (True, Relation.SAME): Fate.FAILED_SAME,
    (True, Relation.UNKNOWN): Fate.FAILED_UNKNOWN,
    (False, Relation.DIFFERENT): Fate.PASSED_DIFFERENT,
    (False, Relation.SAME): Fate.PASSED_SAME,
    (False, Relation.UNKNOWN): Fate.PASSED_UNKNOWN,
}
_MET = {
    Fate.FAILED_DIFFERENT: "different processes",
    Fate.FAILED_SAME: "same process",
    Fate.FAILED_REPLACED: "holder replaced",
}


class OccurrenceLine(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    run: str
    branch: str
    at: datetime
    kind: str  # the verdict that the run alone gave
    kind_words: str
    sure: str
    met: str  # whether write and read met the same process, where known
    control: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was decided about the group: a verdict that changed, or what a person said."""

    at: datetime
    change: ChangeView | None = None
    judgement: JudgementLine | None = None
    run: str = ""
    href: str = ""


class GroupPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    title: str
    short: str
    test: str
    kind: str
    kind_words: str
    sure: str
    facts: tuple[Fact, ...]
    strip: Strip
    history: HistoryView | None
    pair: str
    conclusions: tuple[ConclusionView, ...]
    plan: str
    newest: str  # address of the newest occurrence
    occurrences: tuple[OccurrenceLine, ...]
    count: str
    older: str
    newer: str
    why: tuple[str, ...]
    normal: str
    version: int
    told: tuple[Told, ...]
    told_before: tuple[Told, ...]


def group_page(group: FailureGroup, cursor: str, now: datetime) -> GroupPage:
    """About ten queries, however often the failure came."""
    place = read_moment(cursor)
    past = list(Occasion.objects.of_test(group.project, group.test_key, STRIP))
    occasions = [occasion_of(row) for row in past]
    pair = _pair(group, occasions)
    fates = {row.pk: _fate(occasion, pair, group.key) for row, occasion in zip(past, occasions, strict=True)}
    found = Occasion.objects.occurrences_after(group, place, PAGE)
    shown = found[:PAGE]
    conclusions, told = conclusions_of(group), _told(group)
    newest = Run.objects.newest_evidence(group.project)
    return GroupPage(
        evidence_age=age(newest, now) if newest else "",
        title=title_of(group),
        short=short_test(group.test),
        test=visible(group.test),
        kind=group.kind,
        kind_words=words.KINDS.get(group.kind, group.kind),
        sure=words.sureness(group.kind, group.level, group.confidence),
        facts=_facts(group, now),
        strip=strip([_ran(row, fates[row.pk]) for row in reversed(past)]),
        history=group_history(group),
        pair=visible(" → ".join(end for end in (pair.write, pair.read) if end)),
        conclusions=conclusion_views(conclusions),
        plan=plan(group, conclusions, group.kind),
        newest=address("run", group.newest_run_id, group.test) if group.newest_run_id else "",
        occurrences=tuple(_occurrence(row, fates.get(row.pk)) for row in shown),
        count=counted(group.occurrences, "run"),
        older="?" + urlencode({"cursor": write_moment(shown[-1].at, shown[-1].pk)}) if len(found) > PAGE else "",
        newer=reverse("group", args=[group.pk]) if place is not None else "",
        why=_why(group),
        normal=visible_lines(group.normal[:NORMAL_CUT]),
        version=group.version,
        told=told[:TOLD_FIRST],
        told_before=told[TOLD_FIRST:],
    )


def _pair(group: FailureGroup, occasions: Sequence[FoundOccasion]) -> Pair:
    """The group's own pair; where its verdict names none, the one that its failures' requests suggest."""
    own = pair_of(group)
    if own.write and own.read:
        return own
    return pair_in(one for one in occasions if one.fingerprint == group.key) or own


def _fate(occasion: FoundOccasion, pair: Pair, fingerprint: str) -> Fate:
    if occasion.failed and occasion.fingerprint != fingerprint:
        return Fate.FAILED_OTHERWISE
    relation, replaced = observe(occasion, pair)
    if replaced:  # another process is then only the consequence
        return Fate.FAILED_REPLACED if occasion.failed else Fate.PASSED_REPLACED
    return _FATES[(occasion.failed, relation)]


def _ran(row: Any, fate: Fate) -> Ran:
    return Ran(
        fate=fate,
        label=f"{visible(row.run.name or row.run.run_key)}, {row.at:%-d %b %Y}",
        control=bool(row.run.experiment),
    )


def _facts(group: FailureGroup, now: datetime) -> tuple[Fact, ...]:
    facts = [Fact("Seen in", counted(group.occurrences, "run"))]
    rates = rates_of(group)
    if rates.observed is not None and rates.runs:
        facts.append(Fact("Fails", f"{100 * rates.observed:.0f} %", f"of {counted(rates.runs, 'run')}"))
    if group.mechanism:
        facts.insert(0, Fact("Mechanism", words.MECHANISMS.get(group.mechanism, group.mechanism)))
    facts.append(Fact("First seen", age(group.first_seen, now)))
    facts.append(Fact("Last seen", age(group.last_seen, now)))
    facts.append(Fact("Status", STATUSES.get(group.status, group.status)))
    return tuple(facts)


def _occurrence(row: Any, fate: Fate | None) -> OccurrenceLine:
    return OccurrenceLine(
        href=address("run", row.run_id, row.test),
        run=visible(row.run.name or row.run.run_key),
        branch=visible(row.run.branch),
        at=row.at,
        kind=row.kind,
        kind_words=words.KINDS.get(row.kind, row.kind),
        sure=f"{sure} alone" if (sure := words.sureness(row.kind, "", row.confidence)) else "",
        met=_MET.get(fate, "") if fate is not None else "",
        control=words.EXPERIMENTS.get(row.run.experiment, row.run.experiment),
    )


def _why(group: FailureGroup) -> tuple[str, ...]:
    """What the first and the newest occurrence have in common, as far as their runs still tell."""
    if group.occurrences < 2:
        return ()
    first, newest = Occasion.objects.ends_of(group)
    if first is None or first.pk == newest.pk:
        return (GONE,)
    tests = [Test.objects.named(row.run_id, row.test) for row in (first, newest)]
    if None in tests:
        return (GONE,)
    said = [(test.nodeid, test.message, test.detail) for test in tests]
    return tuple(visible(sentence) for sentence in explain_merge(said[0], said[1]))


def _told(group: FailureGroup) -> tuple[Told, ...]:
    changes = [_change(row) for row in VerdictChange.objects.of_group(group, TOLD)]
    judged = [
        Told(at=row.at, judgement=judgement_line(row), run=_run_name(row.run), href=_href(row))
        for row in Judgement.objects.of_group(group)[:TOLD]
    ]
    return tuple(sorted([*changes, *judged], key=lambda one: one.at, reverse=True))


def _change(row: Any) -> Told:
    return Told(at=row.at, change=change_view(row), run=_run_name(row.run), href=_href(row))


def _run_name(run: Any) -> str:
    return visible(run.name or run.run_key) if run is not None else ""


def _href(row: Any) -> str:
    return address("run", row.run_id, row.test) if row.run_id else ""
