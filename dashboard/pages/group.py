"""A failure group: the same failure over many runs, what that proves, and what its team does about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.addresses import address
from dashboard.pages.cursors import read_moment, write_moment
from dashboard.pages.decided import DecidedLine, decided
from dashboard.pages.experiments import ConclusionView, conclusion_views, plan
from dashboard.pages.facts import Fact
from dashboard.pages.groups import title_of
from dashboard.pages.history import HistoryView, expected_rate, group_history
from dashboard.pages.item import Care, Deciding, Earlier, care, deciding, earlier_times, number_words
from dashboard.pages.judging import JudgingView, group_judging
from dashboard.pages.ran import past_of
from dashboard.pages.rates import Shares, rates_over_time, shares_of
from dashboard.pages.told import Told, told
from dashboard.pages.words import age, counted, middle, short_test
from dashboard.rows import conclusions_of, rates_of
from dashboard.timeline.rates import RateChart
from dashboard.timeline.strip import Fate, Strip
from dashboard.timeline.text import visible, visible_lines
from triage.core.history.fingerprint import explain_merge
from triage.models import AgendaItem, Decision, FailureGroup, Item, Judgement, Meeting, Mention, Occasion, Run, Test
from triage.store.items import passes_of
from triage.store.judgements import of_group

PAGE = 25
TOLD_FIRST = 8  # the others unfold
SHORT = 64  # characters of a test's name in the path to it
NORMAL_CUT = 4_000
GONE = "What the first of them said is no longer kept, so there is nothing to lay beside the newest."
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


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """A failure that came back after it was resolved."""

    number: str
    since: str  # when it was resolved the last time
    earlier: tuple[Earlier, ...]


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """The meeting that the project is in."""

    name: str
    href: str
    add: str  # "" where it is on the agenda already: then `href` leads to it there


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants this person to look here, and they have not said yet that they did."""

    who: str  # ada and rob
    href: str  # the newest note
    action: str


class GroupPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    mark: str  # what a poll compares
    fresh: str  # where it asks
    pk: int
    title: str
    short: str
    test: str
    kind: str
    kind_words: str
    sure: str
    facts: tuple[Fact, ...]
    care: Care | None  # None where no item was made for it
    times: Times | None  # where it came before
    deciding: Deciding | None
    meeting: Running | None  # where it may be put on the agenda
    asked: Asked | None
    judging: JudgingView | None
    rates: RateChart
    shares: Shares | None
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


def group_page(group: FailureGroup, cursor: str, user: Any, now: datetime, *, may: bool) -> GroupPage:
    """About twenty queries, however often the failure came."""
    mark = group_mark(group)  # first: what is decided while the rest is read is then asked for again
    place = read_moment(cursor)
    past = past_of(group)
    found = Occasion.objects.occurrences_after(group, place, PAGE)
    shown = found[:PAGE]
    conclusions, line = conclusions_of(group), Item.objects.line_of(group)
    people = Item.objects.people_of(group.project) if line else []
    said = told(group, line, people, user, may=may)
    here = reverse("group", args=[group.pk])
    return GroupPage(
        evidence_age=_evidence_age(group, now),
        mark=mark,
        fresh=reverse("fresh-group", args=[group.pk]),
        pk=group.pk,
        title=title_of(group),
        short=middle(short_test(group.test), SHORT),
        test=visible(group.test),
        kind=group.kind,
        kind_words=words.KINDS.get(group.kind, group.kind),
        sure=words.sureness(group.kind, group.level, group.confidence),
        facts=_facts(group, now),
        care=_care(line[0], user, now) if line else None,
        times=_times(line),
        deciding=deciding(group.project, people, may=may, back=here, item=line[0]) if line else None,
        meeting=_running(group, line[0]) if line and may else None,
        asked=_asked(group, user),
        judging=_judging(group, line[0], here, may) if line and group.kind else None,
        rates=rates_over_time(group, expected_rate(group), now),
        shares=shares_of(past.occasions),
        strip=past.strip(),
        history=group_history(group),
        pair=visible(" → ".join(end for end in (past.pair.write, past.pair.read) if end)),
        conclusions=conclusion_views(conclusions),
        plan=plan(group, conclusions, group.kind),
        newest=address("run", group.newest_run_id, group.test) if group.newest_run_id else "",
        occurrences=tuple(_occurrence(row, past.fates.get(row.pk)) for row in shown),
        count=counted(group.occurrences, "run"),
        older="?" + urlencode({"cursor": write_moment(shown[-1].at, shown[-1].pk)}) if len(found) > PAGE else "",
        newer=here if place is not None else "",
        why=_why(group),
        normal=visible_lines(group.normal[:NORMAL_CUT]),
        version=group.version,
        told=said[:TOLD_FIRST],
        told_before=said[TOLD_FIRST:],
    )


def group_mark(group: FailureGroup) -> str:
    """Differs once somebody decided something about it."""
    return f'"{Decision.objects.newest_on(group)}"'


def newest_decision(group: FailureGroup) -> DecidedLine | None:
    found = Decision.objects.of_group(group, 1)
    return decided(found[0]) if found else None


def _evidence_age(group: FailureGroup, now: datetime) -> str:
    newest = Run.objects.newest_evidence(group.project)
    return age(newest, now) if newest else ""


def _care(item: Any, user: Any, now: datetime) -> Care:
    observing = item.status == Item.Status.OBSERVING
    return care(item, user, now, passes_of([item]).get(item.pk) if observing else None)


def _running(group: FailureGroup, item: Any) -> Running | None:
    found = Meeting.objects.running(group.project)
    if found is None:
        return None
    there = AgendaItem.objects.about(found, item)
    return Running(
        name=visible(found.name),
        href=reverse("meeting", args=[found.pk]) + (f"?look={there.pk}" if there is not None else ""),
        add=reverse("meeting-add", args=[found.pk]) if there is None else "",
    )


def _asked(group: FailureGroup, user: Any) -> Asked | None:
    found = Mention.objects.askers_on(user, group)
    if not found:
        return None
    names = list(dict.fromkeys(visible(who) for who, _ in found))
    who = ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
    return Asked(who=who, href=f"#d{found[0][1]}", action=reverse("seen", args=[group.pk]))


def _times(line: Sequence[Any]) -> Times | None:
    before = earlier_times(line)
    if not before:
        return None
    return Times(number=number_words(len(line)), since=before[0].resolved, earlier=before)


def _judging(group: FailureGroup, item: Any, here: str, may: bool) -> JudgingView:
    rows = Judgement.objects.about(group.project_id, of_group(group))
    return group_judging(reverse("decide", args=[group.project.slug]), item.pk, here, rows, may=may)


def _facts(group: FailureGroup, now: datetime) -> tuple[Fact, ...]:
    facts = [Fact("Seen in", counted(group.occurrences, "run"))]
    rates = rates_of(group)
    if rates.observed is not None and rates.runs:
        facts.append(Fact("Fails", f"{100 * rates.observed:.0f} %", f"of {counted(rates.runs, 'run')}"))
    if group.mechanism:
        facts.insert(0, Fact("Mechanism", words.MECHANISMS.get(group.mechanism, group.mechanism)))
    facts.append(Fact("First seen", age(group.first_seen, now)))
    facts.append(Fact("Last seen", age(group.last_seen, now)))
    if group.status == FailureGroup.Status.FIXED:
        facts.append(Fact("Fix", "verified", "by control runs"))
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
