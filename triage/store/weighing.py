"""Weighs failure groups anew and changes the verdicts that history says otherwise of; the old ones stay on record.

Call it with the project's history held (`horizon.held`): no two workers weigh one project at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from triage.core.findings import Verdict as FoundVerdict
from triage.core.history.experiments import VERIFIED, conclusions
from triage.core.history.records import ExperimentKind, Weighed
from triage.core.history.records import Occasion as FoundOccasion
from triage.core.history.relation import pair_of
from triage.core.history.weigh import weigh
from triage.models import FailureGroup, Occasion, Run, Verdict, VerdictChange
from triage.querysets.history import HISTORY, OCCURRENCES, Remembered
from triage.store import many
from triage.store.recall import own_verdict, plain, record_of, shown_verdict, test_key
from triage.store.text import clean

ROWS = 5_000  # occasions that one analysis weighs with: up to 16 groups with all that a look-up gives, more with fewer
FEWEST = 50  # but never with less than so many of a test
VERDICTS = 500  # newest occurrences, of all groups together, that one analysis may change the verdicts of
OLDER_S = 0.15  # seconds that one analysis spends on older verdicts; those that are left are looked at by the next one
BATCH = 10
BACK = "The other runs no longer say otherwise, so the verdict is again what this run alone gave."
SAID = (
    "kind", "level", "confidence", "side", "mechanism", "summary", "write", "read", "evidence", "advice", "confirm",
    "missing",
)  # fmt: skip
DECIDING = ("kind", "level", "side", "mechanism")  # a verdict that differs in one of them is another verdict
_GROUP = (
    "occurrences", "first_seen", "last_seen", "newest_run", "message", "kind", "level", "confidence", "side",
    "mechanism", "summary", "reason", "pair_write", "pair_read", "table", "lives", "rates", "conclusions", "status",
    "weighed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Changed:
    """A verdict that is shown as another one than before."""

    row: Verdict  # as it is now
    group: FailureGroup
    before: FoundVerdict  # as it was shown
    own: FoundVerdict  # what its run alone gave
    after: FoundVerdict
    reason: str


def weigh_groups(groups: Sequence[FailureGroup], run: Run) -> list[Changed]:
    """Weighs these groups, in this order, and returns what became of verdicts. `run` is what made it necessary.

    Verdicts of runs that somebody else works on are left out, never waited for: that work ends in weighing as well.
    """
    if not groups:
        return []
    pasts = _pasts(groups, run.project_id)
    known = _Known(pasts)
    changed = list(_newest(pasts, known, run))
    changed += _older(pasts, known)
    _count(pasts)
    many.update(FailureGroup, groups, _GROUP)
    many.update(Verdict, (change.row for change in changed), (*SAID, "own", "decided_at"))
    now = datetime.now(UTC)
    Verdict.objects.by_keys(known.weighed).update(weighed_at=now)
    # Whoever keeps the document of one of these runs has to fetch it again.
    Run.objects.by_ids(list({change.row.run_id for change in changed})).update(touched_at=now)
    return changed


def keep_changes(changes: Iterable[Changed]) -> None:
    """Keeps what these verdicts were, with the reason why they are that no longer."""
    kept = (
        change_row(each.row, each.group, VerdictChange.Cause.HISTORY, each.before, each.after, each.reason)
        for each in changes
        if differ(each.before, each.after)
    )
    VerdictChange.objects.bulk_create(kept, batch_size=500)


def change_row(
    row: Verdict, group: FailureGroup | None, cause: str, before: FoundVerdict, after: FoundVerdict, reason: str
) -> VerdictChange:
    return VerdictChange(
        run_id=row.run_id, test=row.test.nodeid, test_key=test_key(row.test.nodeid), group=group, cause=cause,
        before=plain(before), after=plain(after), reason=clean(reason, 2_000), core_version=row.core_version,
    )  # fmt: skip


def differ(one: FoundVerdict, other: FoundVerdict) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in DECIDING)


def _pasts(groups: Sequence[FailureGroup], project_id: int) -> list[_Past]:
    rows: dict[int, list[Remembered]] = {group.test_key: [] for group in groups}
    most = max(FEWEST, min(HISTORY, ROWS // len(rows)))
    for row in Occasion.objects.remembered(project_id, rows, most):
        rows[row.test_key].append(row)
    records = {key: [record_of(row) for row in found] for key, found in rows.items()}
    newest = max(1, min(OCCURRENCES, VERDICTS // len(groups)))
    return [_Past(group, rows[group.test_key], records[group.test_key], newest) for group in groups]


class _Past:
    """All that is remembered of a group's test, newest first."""

    def __init__(self, group: FailureGroup, rows: list[Remembered], records: list[FoundOccasion], newest: int) -> None:
        self.group = group
        self.rows = rows
        self.records = records
        self.occurrences = [place for place, row in enumerate(rows) if row.group_id == group.pk][:newest]

    def key_at(self, place: int) -> Key:
        return self.rows[place].run_id, self.group.test_key

    def others(self, place: int) -> list[FoundOccasion]:
        return self.records[:place] + self.records[place + 1 :]


Key = tuple[UUID, int]  # run and test_key: what names a verdict
NEVER = datetime.min.replace(tzinfo=UTC)


class _Known:
    """The verdicts of all occurrences in brief; whole where they are asked for and nobody else works on the run."""

    def __init__(self, pasts: Sequence[_Past]) -> None:
        keys = {past.key_at(place) for past in pasts for place in past.occurrences}
        named = Verdict.objects.named_in({run_id for run_id, _ in keys})
        self.brief = {key: row for row in named if (key := (row.run_id, test_key(row.nodeid))) in keys}
        self.weighed: set[int] = set()  # keys of the rows

    def rows(self, keys: Iterable[Key]) -> dict[Key, Verdict]:
        asked = list(keys)
        free = set(Run.objects.held_where_free({run_id for run_id, _ in asked}))
        wanted = {self.brief[key].pk: key for key in asked if key[0] in free}
        self.weighed |= wanted.keys()
        return {wanted[row.pk]: row for row in Verdict.objects.by_keys(wanted)}


def _newest(pasts: Sequence[_Past], known: _Known, run: Run) -> Iterator[Changed]:
    """Weighs each group's newest occurrence, which speaks for the group, and the one in `run`."""
    places = []
    for past in pasts:
        here = [place for place in past.occurrences if past.key_at(place) in known.brief]
        places += [(past, p, n == 0) for n, p in enumerate(here) if n == 0 or past.rows[p].run_id == run.pk]
    rows = known.rows(past.key_at(place) for past, place, _ in places)
    for past, place, newest in places:
        row = rows.get(past.key_at(place))
        if row is None:
            continue
        own = own_verdict(row)
        weighed = weigh(own, past.records[place], past.others(place))
        if newest:
            _describe(past.group, weighed, past.records[place])
        yield from _changed(past.group, row, own, weighed)


def _older(pasts: Sequence[_Past], known: _Known) -> list[Changed]:
    """Weighs older occurrences that say otherwise than their group, or that were never weighed, until time is up.

    Those come first that were not weighed for longest, so that each has its turn.
    """
    waiting = []
    for past in pasts:
        for place in past.occurrences:
            brief = known.brief.get(past.key_at(place))
            if brief is None or brief.pk in known.weighed:
                continue
            if brief.weighed_at is None or (brief.kind, brief.level) != (past.group.kind, past.group.level):
                waiting.append((brief.weighed_at or NEVER, len(waiting), past, place))
    waiting.sort()
    changed: list[Changed] = []
    until = time.monotonic() + OLDER_S
    for begin in range(0, len(waiting), BATCH):
        batch = waiting[begin : begin + BATCH]
        if time.monotonic() > until:
            break
        rows = known.rows(past.key_at(place) for _, _, past, place in batch)
        for _, _, past, place in batch:
            row = rows.get(past.key_at(place))
            if row is not None:
                own = own_verdict(row)
                changed += _changed(past.group, row, own, weigh(own, past.records[place], past.others(place)))
    return changed


def _changed(group: FailureGroup, row: Verdict, own: FoundVerdict, weighed: Weighed) -> Iterator[Changed]:
    before = shown_verdict(row)
    if weighed.verdict != before and plain(weighed.verdict) != plain(before):
        _say(row, weighed.verdict, own)
        yield Changed(row, group, before, own, weighed.verdict, weighed.reason or BACK)


def _say(row: Verdict, verdict: FoundVerdict, own: FoundVerdict) -> None:
    said, alone = plain(verdict), plain(own)
    for name in SAID:
        setattr(row, name, said[name])
    row.own = None if said == alone else alone
    row.decided_at = datetime.now(UTC)


def _describe(group: FailureGroup, weighed: Weighed, newest: FoundOccasion) -> None:
    """The group says what its newest occurrence says in the light of all the others."""
    said = plain(weighed.verdict)
    for name in ("kind", "level", "confidence", "side", "mechanism", "summary"):
        setattr(group, name, said[name])
    group.message = said["message"][:1_000]
    group.reason = clean(weighed.reason, 2_000)
    pair = newest.pair or pair_of(weighed.verdict, newest.trace)
    if pair is not None:
        group.pair_write, group.pair_read = clean(pair.write, 300), clean(pair.read, 300)
    group.table, group.lives = plain(weighed.processes), plain(weighed.lives)
    group.rates = plain(weighed.rates)


def _count(pasts: Sequence[_Past]) -> None:
    """What holds of a group whatever its verdict is."""
    spans, now = Occasion.objects.spans_of(past.group.pk for past in pasts), datetime.now(UTC)
    for past in pasts:
        group, span = past.group, spans.get(past.group.pk, {"n": 0, "first": None, "last": None})
        group.occurrences = group.forgotten + span["n"]
        group.first_seen = min(filter(None, (group.first_seen, span["first"])), default=None)
        group.last_seen = span["last"] or group.last_seen
        if past.occurrences:
            group.newest_run_id = past.rows[past.occurrences[0]].run_id
        concluded = conclusions(ExperimentKind, past.records, group.key)
        group.conclusions = plain(concluded)
        verified = any(one.kind is ExperimentKind.FIX and one.state == VERIFIED for one in concluded)
        group.status = FailureGroup.Status.FIXED if verified else FailureGroup.Status.OPEN
        group.weighed_at = now
