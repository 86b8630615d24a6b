"""The write of an upload: a run with its parts, once, however often and by however many processes it arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from triage.models import Part, Project, Run, Token
from triage.store import history

PARTS_IN_A_RUN = 2000  # over all its uploads


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMeta:
    """What the sender says of a run. None: it does not say."""

    run_key: str
    name: str | None = None
    branch: str | None = None
    commit: str | None = None
    ci_url: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    client_timezone: str | None = None  # IANA name
    server_timezone: str | None = None
    environment: dict[str, str | int | float] = field(default_factory=dict)
    experiment: str | None = None  # history.records.ExperimentKind
    experiment_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPart:
    """A file that lies in the storage already."""

    side: str
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Received:
    run: Run
    created: bool  # the first upload of that run_key
    changed: bool  # there is something new to read or to analyse


class TooManyParts(Exception):
    """The run has as many parts as a run may have."""


LABELS = ("name", "branch", "commit", "ci_url", "experiment_note")  # shown, never reasoned with
DECIDING = ("started_at", "finished_at", "client_timezone", "server_timezone")  # the lineup depends on them
WEIGHED = "experiment"  # the lineup does not depend on it, but what many runs say together does


def store_upload(
    project: Project,
    meta: RunMeta,
    parts: Sequence[NewPart],
    now: datetime,
    *,
    token: Token | None = None,
    dropped_by: Any = None,
) -> Received:
    """Makes the run of that key, or adds to it what it does not have yet. The run remembers who delivered it first.

    Committed when it returns, unless the caller holds a transaction open. Uploads of one key queue up on the run's
    row, in whichever process they are; the unique constraint decides which of them makes it. Raises TooManyParts.
    """
    # The parts may have taken an hour to arrive: the connection that knew the token may be gone since then.
    connection.health_check_done = False
    connection.close_if_health_check_failed()
    with transaction.atomic():
        day = now.astimezone(UTC).date()
        run, created = Run.objects.get_or_create(
            project=project,
            run_key=meta.run_key,
            defaults={
                "received_at": now,
                "changed_at": now,
                "received_on": day,
                "token": token,
                "dropped_by": dropped_by,
                **_said(meta),
            },
        )
        if not created:
            # Not a full lock: rows that refer to the run may be written meanwhile, by the work on its last revision.
            run = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
        fresh = _add_parts(run, parts)
        changed = [] if created else _update(run, meta)
        decides_anew = any(name in DECIDING or name == "environment" for name in changed)
        if not created and (fresh or decides_anew):
            _queue_again(run, now)
        elif WEIGHED in changed:
            history.weigh_run(run)
    return Received(run, created, created or bool(fresh) or decides_anew)


def _said(meta: RunMeta) -> dict[str, Any]:
    said = {name: getattr(meta, name) for name in (*LABELS, *DECIDING, WEIGHED)}
    return {name: value for name, value in said.items() if value is not None} | {"environment": meta.environment}


def _add_parts(run: Run, parts: Sequence[NewPart]) -> list[Part]:
    known = run.parts.identities()  # pieces of parts among them: they have positions as well
    position = 1 + max((k.position for k in known), default=-1)
    seen = {(k.side, k.name, k.sha256) for k in known if k.parent_id is None}
    fresh: list[Part] = []
    for part in parts:
        identity = (part.side, part.name, part.sha256)
        if identity in seen:
            continue
        seen.add(identity)
        fresh.append(
            Part(
                run=run,
                position=position + len(fresh),
                side=part.side,
                name=part.name,
                sha256=part.sha256,
                size=part.size,
            )
        )
    if len(seen) > PARTS_IN_A_RUN:
        raise TooManyParts
    Part.objects.bulk_create(fresh)
    return fresh


def _update(run: Run, meta: RunMeta) -> list[str]:
    """Takes over what a later upload says; what it does not say stays. Returns the names of what changed."""
    said = _said(meta)
    said["environment"] = {**run.environment, **meta.environment}
    changed = [name for name, value in said.items() if getattr(run, name) != value]
    for name in changed:
        setattr(run, name, said[name])
    if changed:
        run.save(update_fields=changed)
    return changed


def _queue_again(run: Run, now: datetime) -> None:
    run.revision += 1
    run.changed_at = run.touched_at = now
    run.status = Run.Status.QUEUED
    run.error = run.stage = ""
    run.done = run.total = run.attempts = 0
    run.save(
        update_fields=[
            "revision", "changed_at", "touched_at", "status", "error", "stage", "done", "total", "attempts",
        ]
    )  # fmt: skip
