"""Which occasions of a test say something of one failure: the runs as the project stands, around its failures.

A bug that came with one commit and went with another says nothing of the runs before and after, and they say nothing
of it. So what passed counts from the first failure to the last, and as far around them as failures lie apart. Where the
period ends is told by outcomes alone, never by processes, so that a test of independence stays honest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from triage.core.history.records import ExperimentKind, Occasion, Pair, Rates, Relation, Table
from triage.core.history.relation import Meeting, meet
from triage.core.history.statistics import expected_rate, fisher

REACH = 3  # runs around the failures that count at the least
ALONE = 40  # and around a failure that came once only
MOST = 300  # occasions looked at, those nearest in time


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One occasion with how its write and read met."""

    occasion: Occasion
    meeting: Meeting
    spread: float | None  # how often two requests of that run would meet different processes, by its shares


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """The occasions of a failure, oldest first; other failures of the test are neither passes nor failures of it."""

    inner: tuple[Seen, ...] = ()  # from the first failure to the last
    before: tuple[Seen, ...] = ()  # nearest runs around them, all passed
    after: tuple[Seen, ...] = ()

    @property
    def seen(self) -> tuple[Seen, ...]:
        return (*self.before, *self.inner, *self.after)


def standing(occasions: Iterable[Occasion], fingerprint: str, *, mended: bool = False) -> list[Occasion]:
    """The runs as the project stands, oldest first: no experiments, no other failures; before a fix or with it."""
    occasions = sorted(occasions, key=_when)
    since = fixed_since(occasions)
    return [
        each
        for each in occasions
        if (each.experiment is None or (mended and each.experiment is ExperimentKind.FIX))
        and with_fix(each, since) is mended
        and (not each.failed or each.fingerprint == fingerprint)
    ]


def with_fix(occasion: Occasion, since: Mapping[str, int]) -> bool:
    """Whether a run came with what is claimed to be the fix, or after it on the same branch."""
    return occasion.branch in since and occasion.at_us >= since[occasion.branch]


def fixed_since(occasions: Iterable[Occasion]) -> dict[str, int]:
    """Since when each branch has what is claimed to be the fix."""
    found: dict[str, int] = {}
    for each in occasions:
        if each.experiment is ExperimentKind.FIX:
            found[each.branch] = min(found.get(each.branch, each.at_us), each.at_us)
    return found


def period(seen: Sequence[Seen]) -> Period:
    """The period of the failures among runs as `standing` gives them."""
    failed = [place for place, each in enumerate(seen) if each.occasion.failed]
    if not failed:
        return Period()
    first, last = failed[0], failed[-1]
    gaps = [later - earlier for earlier, later in pairwise(failed)]
    reach = max(*gaps, REACH) if gaps else ALONE
    return Period(
        inner=tuple(seen[first : last + 1]),
        before=tuple(seen[max(first - reach, 0) : first]),
        after=tuple(seen[last + 1 : last + 1 + reach]),
    )


def nearest(own: Occasion, others: Iterable[Occasion]) -> list[Occasion]:
    """The occasions nearest in time to one run, that run's own among them; each run once."""
    known = {each.run: each for each in others}
    known[own.run] = own
    return sorted(known.values(), key=lambda each: (abs(each.at_us - own.at_us), each.run))[:MOST]


def _when(occasion: Occasion) -> tuple[int, str]:
    return occasion.at_us, occasion.run


def see(occasion: Occasion, pair: Pair | None) -> Seen:
    """An occasion with what the pair's requests met in it."""
    holders = occasion.trace.holders if occasion.trace is not None else ()
    return Seen(
        occasion=occasion,
        meeting=meet(occasion.trace, pair or Pair()),
        spread=expected_rate(holder.requests for holder in holders),
    )


def processes(seen: Iterable[Seen]) -> Table:
    """Failed and passed where write and read met different processes, all of them alive, and where they met one.

    Without its p-value, which `with_p` adds.
    """
    return _table((each.occasion.failed, apart(each.meeting)) for each in seen)


def lives(seen: Iterable[Seen]) -> Table:
    """Failed and passed where the holder of what was written was replaced in between, and where it was not."""
    return _table((each.occasion.failed, each.meeting.replaced) for each in seen)


def with_p(table: Table) -> Table:
    return msgspec.structs.replace(table, p_value=fisher(table))


def apart(meeting: Meeting) -> bool | None:
    """Whether write and read met different processes, both alive; None where that is not known."""
    if meeting.relation is Relation.UNKNOWN or meeting.replaced:
        return None  # where the holder is gone, another process is its consequence
    return meeting.relation is Relation.DIFFERENT


def _table(outcomes: Iterable[tuple[bool, bool | None]]) -> Table:
    counts = {(failed, which): 0 for failed in (True, False) for which in (True, False, None)}
    for outcome in outcomes:
        counts[outcome] += 1
    return Table(
        failed_different=counts[True, True],
        passed_different=counts[False, True],
        failed_same=counts[True, False],
        passed_same=counts[False, False],
        unknown_failed=counts[True, None],
        unknown_passed=counts[False, None],
    )


def rates(seen: Sequence[Seen]) -> Rates:
    """How often write and read would part by the worker shares alone, beside how often the test failed."""
    spreads = [each.spread for each in seen if each.spread is not None]
    return Rates(
        expected=sum(spreads) / len(spreads) if spreads else None,
        observed=sum(each.occasion.failed for each in seen) / len(seen) if seen else None,
        runs=len(seen),
    )
