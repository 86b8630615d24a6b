"""What people say of verdicts: only ever added to, with the verdict as it was; what is taken back counts no more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from triage.core.findings import Level, Mechanism, Verdict, VerdictKind
from triage.core.records import Outcome
from triage.models import FailureGroup, Judgement, Occasion, Run
from triage.models import Verdict as VerdictRow
from triage.store.recall import plain, shown_verdict, test_key
from triage.store.text import clean, written

REASON = 2_000  # characters
WITH_MECHANISM = (VerdictKind.SPLIT_STATE, VerdictKind.LOST_STATE)


class NoVerdict(Exception):
    """There is no verdict that could be judged."""


class SaysTheSame(Exception):
    """The verdict is overruled with what it says itself."""


def judge(
    user: Any,
    run: Run | None,
    test: str,
    accepted: bool,
    kind: str = "",
    mechanism: str = "",
    reason: str = "",
    *,
    group: FailureGroup | None = None,
    who: str = "",
) -> Judgement:
    """Keeps what a person says of the verdict on a run's test, or on a group as a whole where `run` is None.

    `kind` is what it was instead; where the verdict is accepted, it is the verdict's. `user` is None where a token
    speaks, which `who` then names. Saying the same twice is saying it once. Raises NoVerdict, SaysTheSame, and
    ValueError for a kind or mechanism that there is none of.
    """
    if not accepted and not kind:
        raise ValueError("kind")
    kind = VerdictKind(kind).value if kind and not accepted else ""
    mechanism = Mechanism(mechanism).value if mechanism and (accepted or kind in WITH_MECHANISM) else ""
    with transaction.atomic():
        verdict, version, about, target = _judged(run, test, group)
        if not accepted and (kind, mechanism) == (verdict.kind, verdict.mechanism or ""):
            raise SaysTheSame
        judgement = Judgement(
            project_id=run.project_id if run is not None else about.project_id,
            target=target,
            group=about,
            run=run,
            test=verdict.test,
            user=user,
            who=clean(who or user.get_username(), 150),
            accepted=accepted,
            kind=kind or verdict.kind.value,
            mechanism=mechanism or (verdict.mechanism or "" if accepted else ""),
            reason=written(reason, REASON),
            verdict=plain(verdict),
            was_kind=verdict.kind.value,
            was_level=verdict.level.value,
            was_confidence=verdict.confidence,
            was_mechanism=verdict.mechanism or "",
            core_version=version,
        )
        last = Judgement.objects.about(judgement.project_id, target).first()
        if last is not None and _same(last, judgement):
            return last
        judgement.save(force_insert=True)
        if run is not None:  # whoever keeps the run's document has to fetch it again
            Run.objects.by_id(run.pk).update(touched_at=datetime.now(UTC))
    return judgement


def withdraw(judgement: Judgement, user: Any, who: str) -> Judgement:
    """Takes a judgement back with another one: neither counts any more. Doing so twice is doing so once."""
    copied = (
        "project_id", "target", "group_id", "run_id", "test", "accepted", "kind", "mechanism", "verdict", "was_kind",
        "was_level", "was_confidence", "was_mechanism", "core_version",
    )  # fmt: skip
    facts = {name: getattr(judgement, name) for name in copied}
    return Judgement.objects.get_or_create(
        withdraws=judgement, defaults={**facts, "user": user, "who": clean(who, 150)}
    )[0]


def of_run(run: Run, test: str) -> str:
    """The target of what is said of one test in one run."""
    return f"run:{run.pk}:{test_key(test)}"


def of_group(group: FailureGroup) -> str:
    return f"group:{group.pk}"


def _judged(run: Run | None, test: str, group: FailureGroup | None) -> tuple[Verdict, int, Any, str]:
    """The verdict as it is shown, the version that gave it, the group it belongs to, and the target's name."""
    if run is None:
        if group is None or not group.kind:
            raise NoVerdict
        return _of_group(group), _version(group), group, of_group(group)
    row = VerdictRow.objects.on(run.pk, test)
    if row is None:
        raise NoVerdict
    return shown_verdict(row), row.core_version, Occasion.objects.group_of(run, test_key(test)), of_run(run, test)


def _of_group(group: FailureGroup) -> Verdict:
    newest = VerdictRow.objects.on(group.newest_run_id, group.test) if group.newest_run_id else None
    if newest is not None:
        return shown_verdict(newest)
    return Verdict(
        test=group.test,
        outcome=Outcome.FAILED,
        message=group.message,
        kind=VerdictKind(group.kind),
        level=Level(group.level),
        confidence=group.confidence,
        summary=group.summary,
        mechanism=Mechanism(group.mechanism) if group.mechanism else None,
    )


def _version(group: FailureGroup) -> int:
    return int(group.newest_run.core_version) if group.newest_run is not None else 0


def _same(one: Judgement, other: Judgement) -> bool:
    names = ("user_id", "who", "accepted", "kind", "mechanism", "reason", "was_kind", "was_level", "was_confidence")
    return all(getattr(one, name) == getattr(other, name) for name in names)
