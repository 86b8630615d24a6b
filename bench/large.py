"""Years of a team's runs in a Postgres that is kept: 5,000 runs, 200,000 tests, 10 million entries.

    .venv/bin/python -m bench.large FOLDER [--runs 5000]

FOLDER becomes a LINEUP_HOME, so `LINEUP_HOME=FOLDER manage.py up` shows it. One run of 5,000 requests is read, lined up
and decided as any other; the others are slices of it, multiplied in Postgres (bench/large_rows.py), with groups, items,
decisions and meetings around them (bench/large_team.py). It takes some minutes, and about 12 GB.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from config.embedded import running_postgres

REQUESTS, ENTRIES = 5_000, 60_000  # of the one run that all others are slices of
PROJECTS = ("shop", "cars", "site")  # of ten runs the first has eight
PEOPLE, PASSWORD = 12, "a long bench password"
MADE = "made"  # what says that the data set is whole


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--runs", type=int, default=5_000)
    given = arguments.parse_args()
    with served(given.folder, given.runs) as url:
        print(f"There: {url.rpartition('@')[2]}")


@contextmanager
def served(folder: Path, runs: int = 5_000, durable: bool = False) -> Iterator[str]:
    """Its Postgres, with Django set up on it; the data set is made first where it is not there yet."""
    folder = folder.absolute()
    ready = folder / MADE
    if not ready.exists():
        shutil.rmtree(folder / "postgres", ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    with running_postgres(folder / "postgres", durable) as url:
        os.environ |= {"DATABASE_URL": url, "LINEUP_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("createcachetable")
        if not ready.exists():
            fill(runs)
            ready.write_text(f"{runs} runs\n")
            (folder / "demonstration-done").write_text("not wanted here\n")
        yield url


def fill(runs: int) -> None:
    from django.contrib.auth.models import User
    from django.db import connection

    from bench.large_rows import Slices
    from bench.large_team import Team
    from triage.models import Membership, Project

    begun = time.monotonic()
    for slug in PROJECTS:
        Project.objects.create(slug=slug, name=slug.title(), retention_days=365)
    for number in range(PEOPLE):
        user = User.objects.create_user(f"person{number}", password=PASSWORD)
        for project in Project.objects.all():
            Membership.objects.create(project=project, user=user, role="admin" if number == 0 else "triager")
    the_one()
    said(begun, f"the run of {REQUESTS:,} requests")
    for what in Slices(runs).make():
        said(begun, what)
    for what in Team().make():
        said(begun, what)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    said(begun, "vacuumed")
    connection.close()


def said(begun: float, what: str) -> None:
    print(f"  {time.monotonic() - begun:5.0f} s  {what}", flush=True)


def the_one() -> None:
    """A run as reading and deciding leave it, whole."""
    from bench.busy import HOSTS, START, Busy
    from triage.core.analyse import analyse
    from triage.core.records import PartRecords, RunEvidence, Side
    from triage.models import Part, Project, Run
    from triage.store import decisions, readings

    busy, now = Busy(ENTRIES, REQUESTS), datetime.now(UTC)
    began = datetime.fromtimestamp(START / 1e6, UTC)
    run = Run.objects.create(
        project=Project.objects.get(slug=PROJECTS[0]), run_key="the/one", name="nightly, 5,000 requests", branch="main",
        commit="9f2c1ab7d0", received_at=now, changed_at=now, received_on=now.date(), read_revision=1,
        started_at=began, finished_at=now,
    )  # fmt: skip
    tests = Part.objects.create(run=run, position=0, side="tests", name="pytest.log", sha256="0" * 64, size=10**6)
    readings.keep_tests(tests, readings.Read(format="pytest", entries=len(busy.tests.steps)), busy.tests)
    parts = [busy.tests]
    for number, host in enumerate(HOSTS, start=1):
        part = Part.objects.create(
            run=run, position=number, side="server", name=f"{host}.log", sha256=f"{number:064}", size=10**7
        )
        entries = tuple(busy.entries(host))
        readings.keep_server(part, readings.Read(format="journal-short", entries=len(entries)), entries)
        parts.append(PartRecords(name=part.name, side=Side.SERVER, entries=entries))
    report = analyse(RunEvidence(parts=tuple(parts)))
    decisions.keep(run, report)


if __name__ == "__main__":
    main()
