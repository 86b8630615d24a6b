"""A run was decided on: what rules are told of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse

from triage.core.findings import VerdictKind
from triage.core.notices.choose import asks_for, on_branch
from triage.core.notices.records import ITEMS, Event
from triage.models import NoticeRule, Run, Verdict
from triage.store.notices import ON_GITHUB, Telling, note, renew
from triage.store.work import GONE

log = logging.getLogger(__name__)
FRESH = timedelta(days=2)  # a run whose newest upload is older is being analysed again: nobody waits for it
LONGEST_PATH = 1_500  # characters; chats refuse longer links
_WEIGHT = {kind.value: place for place, kind in enumerate(VerdictKind)}


def tell_of_run(run: Run, counts: dict[str, int], verdicts: Sequence[Verdict]) -> None:
    """Notes a run for the rules that ask for it. Call it in the transaction that keeps its report.

    Chats and mail hear once of a run with failures; while they have not, later logs change what they will hear. Pull
    requests hear of every revision, and of runs that pass, so that what stands there is true. Never raises for a defect
    of its own: a run must not lose its answer to it.
    """
    if run.experiment or run.changed_at < datetime.now(UTC) - FRESH:
        return
    try:
        with transaction.atomic():
            for rule in NoticeRule.objects.asking_for(run.project_id, Event.RUN):
                _tell(rule, run, counts, verdicts)
    except GONE:
        raise
    except Exception:
        log.exception("run %s could not be noted for its project's notifications", run.pk)


def _tell(rule: NoticeRule, run: Run, counts: dict[str, int], verdicts: Sequence[Verdict]) -> None:
    if rule.created_at > run.received_at or not on_branch(rule.branches, run.branch):
        return
    wanted = [one for one in verdicts if asks_for(rule.kinds, rule.level, one.kind, one.level)]
    on_github = rule.channel in ON_GITHUB
    if not wanted and not on_github:
        return
    key = f"run:{run.pk}:{run.revision}" if on_github else f"run:{run.pk}"
    telling = Telling(key=key, data=_data(run, counts, wanted), branch=run.branch)
    note(run.project_id, Event.RUN, [(rule, telling)])
    renew(rule, Event.RUN, telling)


def _data(run: Run, counts: dict[str, int], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    first = sorted(verdicts, key=lambda one: _WEIGHT.get(one.kind, len(_WEIGHT)))[:ITEMS]
    environment = run.environment if isinstance(run.environment, dict) else {}
    return {
        "run_id": str(run.pk),
        "run": run.name or run.run_key,
        "run_key": run.run_key,
        "branch": run.branch,
        "commit": run.commit,
        "ci_url": run.ci_url,
        "pull_request": str(environment.get("pull_request", ""))[:20],
        "received_at": run.received_at.isoformat(),
        "counts": counts,
        "failures": [_failure(run, one) for one in first],
        "more": len(verdicts) - len(first),
    }


def _failure(run: Run, one: Verdict) -> dict[str, Any]:
    page = reverse("run", args=[run.pk])
    path = f"{page}?{urlencode({'test': one.test.nodeid})}"
    return {
        "test": one.test.nodeid,
        "sentence": one.summary,
        "kind": one.kind,
        "level": one.level,
        "confidence": one.confidence,
        "path": path if len(path) <= LONGEST_PATH else page,
    }
