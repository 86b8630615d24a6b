"""The last runs of a failure group's test as a strip: what failed, what passed, and on which processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from dashboard.rows import pair_of
from dashboard.timeline.strip import Fate, Ran, Strip, strip
from dashboard.timeline.text import visible
from triage.core.history.records import Occasion as FoundOccasion
from triage.core.history.records import Pair, Relation
from triage.core.history.relation import observe, pair_in
from triage.models import FailureGroup, Occasion
from triage.store.recall import occasion_of

MOST = 60
_FATES = {
    (True, Relation.DIFFERENT): Fate.FAILED_DIFFERENT,
    (True, Relation.SAME): Fate.FAILED_SAME,
    (True, Relation.UNKNOWN): Fate.FAILED_UNKNOWN,
    (False, Relation.DIFFERENT): Fate.PASSED_DIFFERENT,
    (False, Relation.SAME): Fate.PASSED_SAME,
    (False, Relation.UNKNOWN): Fate.PASSED_UNKNOWN,
}


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """The newest runs of a group's test, newest first, as this group sees them."""

    rows: tuple[Any, ...]
    occasions: tuple[FoundOccasion, ...]  # the same as the core weighs them
    pair: Pair
    fates: dict[int, Fate]  # by key of the row

    def strip(self) -> Strip:
        return strip([ran(row, self.fates[row.pk]) for row in reversed(self.rows)])


def group_strip(group: FailureGroup, most: int = MOST) -> Strip:
    """One query; the newest run on the right."""
    return past_of(group, most).strip()


def past_of(group: FailureGroup, most: int = MOST) -> Past:
    """One query."""
    rows = tuple(Occasion.objects.of_test(group.project_id, group.test_key, most))
    occasions = tuple(occasion_of(row) for row in rows)
    pair = _pair(group, occasions)
    fates = {row.pk: _fate(one, pair, group.key) for row, one in zip(rows, occasions, strict=True)}
    return Past(rows=rows, occasions=occasions, pair=pair, fates=fates)


def ran(row: Any, fate: Fate) -> Ran:
    return Ran(
        fate=fate,
        label=f"{visible(row.run.name or row.run.run_key)}, {row.at:%-d %b %Y}",
        control=bool(row.run.experiment),
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
