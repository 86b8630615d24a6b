"""History by hand: a failure group with its occasions, as the store leaves them once it has weighed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.contrib.auth.models import User

from tests.dashboard import factory
from tests.dashboard.build import TEST, original
from triage.core.findings import Holder, Trace, Visit
from triage.core.history.experiments import Conclusion
from triage.core.history.fingerprint import FINGERPRINT_VERSION
from triage.core.history.records import ExperimentKind, Rates, Table
from triage.core.records import Outcome
from triage.models import FailureGroup, Judgement, Occasion, Project, Run, VerdictChange
from triage.models import Verdict as VerdictRow
from triage.store.judgements import judge
from triage.store.recall import test_key
from triage.store.traces import pack

MESSAGE = "Total car count doesnt match expected count"
SPLIT = Table(failed_different=11, passed_different=0, failed_same=0, passed_same=8, p_value=0.000013, unknown_passed=2)
RATES = Rates(expected=0.647, observed=11 / 19, runs=19)
OPEN = Conclusion(
    kind=ExperimentKind.ONE_PROCESS, passed=3, needed=5, chance=0.08,
    sentence="3 of 8 control runs are in, all passed; 5 more decide at 99 %.",
)  # fmt: skip


def a_group(project: Project, test: str = TEST, **more: Any) -> FailureGroup:
    now = datetime.now(UTC)
    values = {
        "key": f"{test_key(test):x}", "version": FINGERPRINT_VERSION, "test": test, "test_key": test_key(test),
        "normal": f"AssertionError: {MESSAGE}", "message": MESSAGE, "occurrences": 11, "kind": "split_state",
        "level": "confirmed", "confidence": 0.992, "mechanism": "session_key", "pair_write": "POST /cars/add",
        "pair_read": "GET /cars", "table": msgspec.to_builtins(SPLIT), "lives": msgspec.to_builtins(Table()),
        "rates": msgspec.to_builtins(RATES), "conclusions": [msgspec.to_builtins(OPEN)],
        "first_seen": now - timedelta(days=12), "last_seen": now - timedelta(minutes=5), "weighed_at": now,
    } | more  # fmt: skip
    return FailureGroup.objects.create(project=project, **values)


def an_occasion(run: Run, group: FailureGroup, *, failed: bool, same: bool | None) -> Occasion:
    """One run of the group's test; `same` says whether write and read met the same process, None that nobody knows."""
    trace = None
    if same is not None:
        visits = (
            Visit(kind="POST /cars/add", process=0, at_us=1_000_000, status=200),
            Visit(kind="GET /cars", process=0 if same else 1, at_us=2_000_000, status=200),
        )
        holders = (Holder(name="web1 gunicorn 51463", requests=9), Holder(name="web1 gunicorn 51465", requests=9))
        outcome = Outcome.FAILED if failed else Outcome.PASSED
        trace = pack(Trace(test=group.test, outcome=outcome, visits=visits, holders=holders))
    return Occasion.objects.create(
        project=run.project, run=run, test=group.test, test_key=group.test_key, at=run.received_at, failed=failed,
        group=group if failed else None, kind="split_state" if failed else "", confidence=0.8 if failed else 0.0,
        pair_write="POST /cars/add", pair_read="GET /cars", trace=trace,
    )  # fmt: skip


def a_failing_run(project: Project, group: FailureGroup, **more: Any) -> Run:
    """A run whose failure the group knows."""
    run = factory.analysed(project, original(), **more)
    an_occasion(run, group, failed=True, same=False)
    FailureGroup.objects.by_ids([group.pk]).update(newest_run=run)
    return run


def a_past(project: Project, group: FailureGroup, failed: int = 11, passed: int = 8) -> list[Run]:
    """Runs that failed on different processes and passed on the same one, by turns, the newest last."""
    runs = []
    for n in range(failed + passed):
        fails = n < failed
        run = factory.empty_run(project, ago=timedelta(hours=1 + (n * 7) % (failed + passed)), status="ready")
        an_occasion(run, group, failed=fails, same=not fails)
        runs.append(run)
    return runs


def a_change(run: Run, group: FailureGroup, reason: str = "It failed 11 of 11 times.") -> VerdictChange:
    row = VerdictRow.objects.on(run.pk, group.test)
    after = {"kind": row.kind, "level": row.level, "confidence": row.confidence, "summary": row.summary}
    before = after | {"level": "suspected", "confidence": 0.61, "summary": "This run alone only fits."}
    return VerdictChange.objects.create(
        run=run, test=group.test, test_key=group.test_key, group=group, cause="history", before=before, after=after,
        reason=reason, core_version=1,
    )  # fmt: skip


def judged(user: User, run: Run, test: str = TEST, kind: str = "", reason: str = "") -> Judgement:
    """Accepted, or overruled where a kind is given."""
    return judge(user, run, test, not kind, kind, "", reason)
