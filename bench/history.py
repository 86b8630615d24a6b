"""Look-ups of a test's history, and what a run adds to it, with 100,000 runs in the database.

    .venv/bin/python -m bench.history [--runs 100000] [--look-ups 200]

It fills a throw-away Postgres by COPY: each run ran 20 of 2,000 tests, so the 300 occasions that one look-up gives lie
in 300 places of the table, and so do their runs. A look-up is timed from the question to records that can be weighed.
Judged is the processor's time, of this process and of the Postgres process that answers; what a clock on the wall
says beside it depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from config.embedded import temporary_postgres

TESTS, EACH = 2_000, 20  # of the project, of one run
FAILING = 50  # tests of the run that is kept, out of TESTS
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LOOK_UP_S, KEEP_S = 0.050, 1.0  # what is promised


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=100_000)
    arguments.add_argument("--look-ups", type=int, default=200)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="lineup-bench-") as folder:
        Path(folder).chmod(0o755)  # the database runs as another user
        with temporary_postgres(Path(folder)) as url:
            os.environ |= {"DATABASE_URL": url, "LINEUP_HOME": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
            import django

            django.setup()
            from django.core.management import call_command
            from django.db import connection

            call_command("migrate", verbosity=0)
            fill(given.runs)
            look_up(given.look_ups)
            keep()
            connection.close()


def fill(runs: int) -> None:
    from bench.history_rows import Rows, copied

    begun = time.perf_counter()
    rows = Rows(Random(20240523), runs)  # noqa: S311
    for model, made in rows.tables():
        copied(model, made)
    rows.settle()
    print(
        f"  {runs:,} runs, {runs * EACH:,} occasions of {TESTS:,} tests, filled in {time.perf_counter() - begun:.0f} s"
    )


def look_up(number: int) -> None:
    from bench.history_rows import test_name
    from triage.models import Occasion, Project
    from triage.store.recall import record_of, test_key

    project, chance = Project.objects.get(), Random(7)  # noqa: S311
    keys = [test_key(test_name(chance.randrange(TESTS))) for _ in range(number)]
    found = 0

    def one(key: int) -> None:
        nonlocal found
        found += len([record_of(row) for row in Occasion.objects.remembered(project.pk, [key])])

    one(keys[0])  # the connection and its plans are there
    found = 0
    taken = [timed(lambda key=key: one(key)) for key in keys]  # type: ignore[misc]
    walls, busy = sorted(wall for wall, _ in taken), sorted(busy for _, busy in taken)
    print(f"  {number} look-ups of {found / number:.0f} occasions: median {median(busy) * 1000:.1f} ms,", end=" ")
    print(f"worst {busy[-1] * 1000:.1f} ms (may be {LOOK_UP_S * 1000:.0f}): {_met(busy[-1], LOOK_UP_S)};", end=" ")
    print(f"on the wall {median(walls) * 1000:.1f} and {walls[-1] * 1000:.1f} ms")


def keep() -> None:
    """A run of all tests, a few of them failing as they did before: with its history and without."""
    from bench.history_rows import a_report
    from triage.models import Project, Run
    from triage.store import decisions, reports

    report = a_report(FAILING)
    whole, alone = [], []
    for number in range(5):
        at = BEGIN + timedelta(days=300, minutes=number)
        run = Run.objects.create(
            project=Project.objects.get(), run_key=f"new/{number}", received_at=at, changed_at=at, received_on=at.date()
        )
        alone.append(timed(lambda run=run: reports.save(run, report)))  # type: ignore[misc]
        whole.append(timed(lambda run=run: decisions.keep(run, report)))  # type: ignore[misc]
    wall, busy = (median(row[place] for row in whole) - median(row[place] for row in alone) for place in (0, 1))
    print(f"  a run of {TESTS:,} tests, {FAILING} of them failing: {busy:.2f} s for its history", end=" ")
    print(f"(may be {KEEP_S:.0f}): {_met(busy, KEEP_S)}; on the wall {wall:.2f} s")


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds on the wall, and of the processors that this process and its Postgres process used."""
    begun, used = time.perf_counter(), _used()
    work()
    return time.perf_counter() - begun, _used() - used


def _used() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        server = Path(f"/proc/{cursor.connection.info.backend_pid}/schedstat")
    return time.process_time() + int(server.read_text().split()[0]) / 1e9


def _met(value: float, limit: float) -> str:
    return "met" if value <= limit else "MISSED"


if __name__ == "__main__":
    main()
