"""What a run says of a project's items: a failure is new, came back, failed again, or stayed away long enough.

Only ordinary runs say so, and only once, however often they are analysed: what ran before a person decided, or is
known already, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from triage.models import Decision, FailureGroup, Item, Meeting, Run
from triage.store.horizon import ran_at
from triage.store.items.actors import LINEUP
from triage.store.items.changing import BATCH, Change, apply
from triage.store.items.deciding import WATCHED
from triage.store.notice_data import of_group
from triage.store.notices import Telling, tell_all
from triage.store.text import clean

WHAT, STATUS = Decision.What, Item.Status


def opened(run: Run, groups: Iterable[FailureGroup]) -> None:
    """`groups`: those that the run's failures belong to. Call it with the project's history held, after all else.

    Items are held only where something becomes of them, by their keys as everywhere: who decides on items waits for
    nothing that the caller holds.
    """
    if run.experiment:
        return
    failing = {group.pk: group for group in groups}
    at = ran_at(run)
    newest = Item.objects.current_of(failing) if failing else {}
    settled = _settled(run)
    concerned = {item.pk for item in newest.values() if _came_back(item, at) or _failed_again(item, at)}
    held = Item.objects.held(concerned | settled.keys()) if concerned or settled else []
    if held:  # all their meetings at once too, so that they are held in one order
        Meeting.objects.move_on(item.pk for item in held)
    back = [item for item in held if item.pk in concerned and _came_back(item, at)]
    again = [item for item in held if item.pk in concerned and _failed_again(item, at)]
    _open(run, [group for key, group in failing.items() if key not in newest], {})
    _open(run, [failing[item.group_id] for item in back], {item.group_id: item for item in back})
    _again(run, again)
    apply([(item, change) for item in held if (change := _resolved(item, settled.get(item.pk)))], LINEUP)


def _came_back(item: Any, at: datetime) -> bool:
    return item.closed_at is not None and item.closed_at < at


def _failed_again(item: Any, at: datetime) -> bool:
    return item.status in WATCHED and item.observing_since is not None and item.observing_since < at


def _open(run: Run, groups: list[FailureGroup], earlier: Mapping[int, Any]) -> None:
    """New items, each linked to the one before it where there is one."""
    if not groups:
        return
    now = datetime.now(UTC)
    what = WHAT.CAME_BACK if earlier else WHAT.OPENED
    items = Item.objects.bulk_create(
        (
            Item(
                project_id=run.project_id, group=group, earlier=earlier.get(group.pk), opened_at=now, touched_at=now,
                opened_by=run,
            )
            for group in groups
        ),
        batch_size=BATCH,
    )  # fmt: skip
    Decision.objects.bulk_create(
        (
            Decision(
                project_id=run.project_id, item=item, who=LINEUP.who, what=what, after={"run": str(run.pk)},
                text=_seen(item, run), at=now,
            )
            for item in items
        ),
        batch_size=BATCH,
    )  # fmt: skip
    tell_all(run.project_id, what, _tellings(run, {f"item:{item.pk}": item.group_id for item in items}))


def _again(run: Run, items: list[Any]) -> None:
    """The fix that was claimed or watched was none. Whoever undoes that is not told the same of this run again."""
    if not items:
        return
    known = Decision.objects.failed_again_in((item.pk for item in items), run)
    fields = {"status": STATUS.INVESTIGATING, "observing_since": None, "passes_wanted": None}
    change = Change(
        what=WHAT.FAILED_AGAIN, fields=fields, facts={"run": str(run.pk)}, text=f"It failed again in {_name(run)}."
    )
    made = apply([(item, change) for item in items if item.pk not in known], LINEUP)
    told = {f"item:{each.item_id}:run:{run.pk}": each.item.group_id for each in made}
    if told:
        tell_all(run.project_id, WHAT.FAILED_AGAIN, _tellings(run, told))


def _settled(run: Run) -> dict[int, tuple[int, datetime]]:
    """Items whose tests passed as often as was wanted: how often, since when. Not where a person took that back."""
    waiting = Item.objects.watched_in(run)
    passes = Item.objects.passes_of(item.pk for item in waiting)
    enough = [item for item in waiting if passes[item.pk].passed >= item.passes_wanted]
    before = Decision.objects.settled(item.pk for item in enough) if enough else {}
    return {
        item.pk: (passes[item.pk].passed, item.observing_since)
        for item in enough
        if item.pk not in before or before[item.pk] < item.observing_since
    }


def _resolved(item: Any, settled: tuple[int, datetime] | None) -> Change | None:
    """Passes were counted before the item was held: a fix that is watched from another moment starts anew."""
    if settled is None or item.status != STATUS.OBSERVING or item.observing_since != settled[1]:
        return None
    passed = settled[0]
    if passed < (item.passes_wanted or passed + 1):
        return None
    since = f"{item.observing_since:%-d %B %Y}"
    text = f"Its test passed in {passed:,} runs since {since}; {item.passes_wanted:,} were wanted."
    fields = {"status": STATUS.RESOLVED, "closed_at": datetime.now(UTC)}
    return Change(what=WHAT.STATUS, fields=fields, facts={"passes": passed}, text=text)


def _tellings(run: Run, told: Mapping[str, int]) -> Iterator[Telling]:
    """By key, the groups as they are weighed by now: read only where a rule asks."""
    groups = {group.pk: group for group in FailureGroup.objects.by_ids(told.values())}
    for key, group in ((key, groups[pk]) for key, pk in told.items() if pk in groups):
        data = of_group(group, run)
        yield Telling(key=key, data=data, kind=group.kind, level=group.level, branch=run.branch)


def _seen(item: Any, run: Run) -> str:
    if item.earlier_id is not None:
        return f"It came back in {_name(run)}."
    before = item.group.first_seen is not None and item.group.first_seen < ran_at(run)
    return f"{'Seen again' if before else 'First seen'} in {_name(run)}."


def _name(run: Run) -> str:
    return clean(run.name or run.run_key, 300)
