"""Rows and records that the tests of the store begin with."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from triage.core.records import SECOND, Entry, PidTrust, Request, Stamp, micros
from triage.models import Part, Project, Run

NOON = datetime(2026, 5, 23, 12, 0, tzinfo=UTC)


def a_project(slug: str = "cars") -> Project:
    return Project.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0]


def a_run(key: str = "ci/1", at: datetime = NOON, **fields: object) -> Run:
    return Run.objects.create(
        project=a_project(), run_key=key, received_at=at, changed_at=at, received_on=at.date(), **fields
    )


def a_part(run: Run, side: str = "server", name: str = "journal.txt", **fields: object) -> Part:
    position = run.parts.count()
    digest = hashlib.sha256(f"{run.pk}{position}".encode()).hexdigest()
    return Part.objects.create(
        run=run, side=side, name=name, position=position, **{"sha256": digest, "size": 100, **fields}
    )


def an_entry(line: int, message: str = "Processing", **fields: object) -> Entry:
    facts = {
        "raw": f"May 23 12:00:00 web1 gunicorn[7]: {message}",
        "stamp": Stamp(micros(NOON) + line * SECOND, zoned=False, tick_us=SECOND),
        "host": "web1",
        "unit": "gunicorn",
        "pid": 7,
        "pid_trust": PidTrust.PROVEN,
        "message": message,
    }
    return Entry(line=line, **{**facts, **fields})


def a_request(method: str = "GET", path: str = "/cars", status: int | None = 200) -> Request:
    return Request(method=method, path=path, status=status)
