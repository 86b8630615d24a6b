"""Rows for the pages: projects, people, and runs that were analysed for real rows."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from tests.dashboard.build import NOON, Build
from triage.core.records import SECOND, Entry, PartRecords, PidTrust, Side, Stamp, Step
from triage.models import Membership, Part, Project, Run
from triage.store import readings, reports
from triage.store.text import clean

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def person(name: str = "ada", *, superuser: bool = False) -> User:
    user = User.objects.create(username=name, is_superuser=superuser)
    user.set_password(PASSWORD)
    user.save()
    return user


def project(slug: str = "cars-api", *members: User, role: str = "admin") -> Project:
    made = Project.objects.create(slug=slug, name=slug)
    for user in members:
        Membership.objects.create(project=made, user=user, role=role)
    return made


def empty_run(made: Project, *, ago: timedelta = timedelta(minutes=5), **more: Any) -> Run:
    """A run as the upload leaves it: queued, with no part."""
    at = datetime.now(UTC) - ago
    n = next(_numbers)
    more = {"run_key": f"ci/{n}", "name": f"nightly #{4000 + n}", "branch": "main", "commit": "9f2c1ab7d0"} | more
    return Run.objects.create(project=made, received_at=at, changed_at=at, received_on=at.date(), **more)


def part(run: Run, side: Side, name: str, **more: Any) -> Part:
    return Part.objects.create(
        run=run, position=run.parts.count(), side=side, name=name, sha256=f"{next(_numbers):064x}", size=1000, **more
    )


def analysed(made: Project, b: Build, **more: Any) -> Run:
    """A run with a test log and, where the build has one, a journal; both read, the report saved."""
    run = empty_run(made, **more)
    _tests_part(part(run, Side.TESTS, "pytest.log"), b)
    if b.processes:
        _server_part(part(run, Side.SERVER, "journal.txt"), b)
    assert reports.save(run, b.report())
    run.refresh_from_db()
    return run


def _tests_part(row: Part, b: Build) -> None:
    steps = tuple(
        Step(line=i + 1, raw=clean(line), text=clean(b.steps[i].text), stamp=None)
        for i, line in enumerate(b.test_lines)
    )
    records = PartRecords(name=row.name, side=Side.TESTS, format="loguru", steps=steps)
    readings.keep_tests(row, readings.Read(format="loguru", entries=len(steps)), records)


def _server_part(row: Part, b: Build) -> None:
    entries = []
    for one in b.served:
        process, line = b.processes[one.process], one.entries[0].line
        entries.append(
            Entry(
                line=line, raw=b.server_lines[line - 1], message=b.server_lines[line - 1].split("]: ", 1)[-1],
                stamp=Stamp(us=one.low_us, zoned=False, tick_us=SECOND), host=process.host, unit=process.unit,
                pid=process.pid, pid_trust=PidTrust.PROVEN, request=one.request,
            )
        )  # fmt: skip
    readings.keep_server(row, readings.Read(format="journal-short", entries=len(entries)), entries)


__all__ = ["NOON", "PASSWORD", "analysed", "empty_run", "part", "person", "project"]
