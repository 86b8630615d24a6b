"""What a run adds to history: an occasion a test, the groups of its failures, and all that these change.

Locks, always in this order: the run's row, its project's history, the rows of other runs, and last of all items and
meetings. Other runs are taken only where nobody holds them, and whoever holds an item or a meeting asks for nothing
that comes before it: so nobody who holds a project's history waits for long, and no two workers can block each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from django.db import connection, transaction

from triage.core.findings import Report, TestCase, Verdict
from triage.core.history.fingerprint import fingerprint
from triage.core.history.records import ExperimentKind, Fingerprint
from triage.core.history.relation import pair_of
from triage.core.totals import COUNTED_AS
from triage.models import FailureGroup, Occasion, Run
from triage.store.horizon import held, ran_at, remembered_from
from triage.store.items import opened
from triage.store.recall import plain, test_key
from triage.store.text import clean, node_id
from triage.store.traces import pack
from triage.store.weighing import Changed, keep_changes, weigh_groups

GROUPS = 100  # of failures that one analysis weighs: those that were not weighed for longest
PASSING = 10  # and of tests that passed but failed once: those that were not weighed for longest
TESTS = 20_000  # of one run that are remembered
NOTE, PAIR = 300, 300  # characters


def record(run: Run, report: Report) -> list[Changed]:
    """Adds a saved report to history and weighs every group that it touches; returns the run's verdicts that changed.

    Call it in the transaction that saved the report. A repeated analysis replaces what the run added before. Changes
    of other runs' verdicts are kept here; those of the run's own are for the caller, who knows what was there before.
    """
    with transaction.atomic():
        now = Run.objects.locked(run.pk)
        if now is None or now.received_on < remembered_from(now.project, datetime.now(UTC).date()):
            return []
        held(now.project_id)
        before = Occasion.objects.groups_of_run(now.pk)
        groups = _groups(now, report)
        occasions = list(_occasions(now, report, groups))
        rows = Occasion.objects.of_run(now)
        rows._raw_delete(rows.db)
        Occasion.objects.bulk_create(occasions, batch_size=1_000)
        failed = [*(occasion.group_id for occasion in occasions if occasion.failed), *before]
        changed = weigh_groups(_touched(now, failed, (occasion.test_key for occasion in occasions)), now)
        keep_changes(each for each in changed if each.row.run_id != now.pk)
        opened(now, groups.values())
    return [each for each in changed if each.row.run_id == now.pk]


def weigh_run(run: Run) -> None:
    """Weighs the groups of a run's tests anew: not what its logs say has changed, but what the run is."""
    with transaction.atomic():
        held(run.project_id)
        keys, failed = Occasion.objects.keys_of_run(run.pk), Occasion.objects.groups_of_run(run.pk)
        keep_changes(weigh_groups(_touched(run, failed, keys), run))
        opened(run, FailureGroup.objects.by_ids(failed))


def mark_experiment(run: Run, kind: str, note: str = "") -> Run:
    """Says what a run was made for; "" makes it a normal one again. Raises ValueError where there is no such kind."""
    kind = ExperimentKind(kind).value if kind else ""
    with transaction.atomic():
        locked: Run = Run.objects.locked(run.pk)
        changed = locked.experiment != kind
        locked.experiment = kind
        locked.experiment_note = clean(note.strip(), NOTE) if kind else ""
        locked.touched_at = datetime.now(UTC)
        locked.save(update_fields=["experiment", "experiment_note", "touched_at"])
        if changed:
            weigh_run(locked)
    return locked


def _passed(case: TestCase) -> bool | None:
    """None: it asserted nothing, so it is no occasion."""
    counted = COUNTED_AS[case.outcome]
    return None if counted == "skipped" else counted == "passed"


def _groups(run: Run, report: Report) -> Mapping[str, FailureGroup]:
    """The group of each failing test, made where there is none yet. The unique constraint decides who makes it."""
    verdicts = {verdict.test: verdict for verdict in report.verdicts}
    found = {
        case.test: fingerprint(node_id(case.test), case.message, case.detail)
        for case in report.lineup.tests[:TESTS]
        if _passed(case) is False
    }
    known = {group.key: group for group in FailureGroup.objects.with_keys(run.project_id, _keys(found))}
    fresh = {
        print_.key: _group(run, test, print_, verdicts.get(test))
        for test, print_ in found.items()
        if print_.key not in known
    }
    if fresh:
        # In the order of their keys: whoever makes the same ones at once then waits for one of them, holding none.
        FailureGroup.objects.bulk_create((fresh[key] for key in sorted(fresh)), ignore_conflicts=True, batch_size=500)
        known |= {group.key: group for group in FailureGroup.objects.with_keys(run.project_id, fresh)}
    return {test: known[print_.key] for test, print_ in found.items()}


def _keys(found: Mapping[str, Fingerprint]) -> set[str]:
    return {print_.key for print_ in found.values()}


def _group(run: Run, test: str, print_: Fingerprint, verdict: Verdict | None) -> FailureGroup:
    group = FailureGroup(
        project_id=run.project_id, key=print_.key[:40], version=print_.version, test=node_id(test),
        test_key=test_key(test), normal=clean(print_.normal, 8_000), rules=plain(print_.rules),
    )  # fmt: skip
    if verdict is not None:
        said = plain(verdict)
        group.message = said["message"][:1_000]
        for name in ("kind", "level", "confidence", "side", "mechanism", "summary"):
            setattr(group, name, said[name])
    return group


def _occasions(run: Run, report: Report, groups: Mapping[str, FailureGroup]) -> Iterator[Occasion]:
    verdicts = {verdict.test: verdict for verdict in report.verdicts}
    traces = {trace.test: trace for trace in report.traces}
    seen: set[int] = set()
    for case in report.lineup.tests[:TESTS]:
        passed, key = _passed(case), test_key(case.test)
        if passed is None or key in seen:
            continue
        seen.add(key)
        verdict, trace = verdicts.get(case.test), traces.get(case.test)
        pair = pair_of(verdict, trace) if verdict is not None else None
        yield Occasion(
            project_id=run.project_id,
            run_id=run.pk,
            test_key=key,
            test=node_id(case.test),
            at=ran_at(run),
            failed=not passed,
            group=None if passed else groups[case.test],
            kind=verdict.kind if verdict is not None else "",
            confidence=verdict.confidence if verdict is not None else 0.0,
            side=(verdict.side or "") if verdict is not None else "",
            mechanism=(verdict.mechanism or "") if verdict is not None else "",
            pair_write=clean(pair.write, PAIR) if pair is not None else "",
            pair_read=clean(pair.read, PAIR) if pair is not None else "",
            trace=pack(trace) if trace is not None else None,
        )


def _touched(run: Run, failing: Iterable[int | None], test_keys: Iterable[int]) -> list[FailureGroup]:
    """The groups to weigh: of what failed, now or before this analysis, then of what passed but failed once."""
    first = [key for key in dict.fromkeys(failing) if key is not None]
    groups = list(FailureGroup.objects.by_ids(first).in_turn()[:GROUPS])
    chosen = {group.pk for group in groups}
    _recount([key for key in first if key not in chosen])
    rest = FailureGroup.objects.of_tests(run.project_id, test_keys).apart_from(first)[:PASSING]
    return [*groups, *rest]


def _recount(groups: list[int]) -> None:
    """Where more fails than can be weighed, the groups at least count what is theirs."""
    if not groups:
        return
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, [groups])


_RECOUNT = """
    UPDATE triage_failuregroup one
    SET occurrences = one.forgotten + told.n, first_seen = least(one.first_seen, told.first), last_seen = told.last,
        newest_run_id = told.newest
    FROM (
        SELECT key, count(at) AS n, min(at) AS first, max(at) AS last, (array_agg(run_id ORDER BY at DESC))[1] AS newest
        FROM unnest(%s) AS key LEFT JOIN triage_occasion ON group_id = key GROUP BY key
    ) AS told
    WHERE told.key = one.id
"""
