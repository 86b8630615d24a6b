"""Writing entries against a bare COPY of the very same rows, in the same run: what the encoding costs.

    .venv/bin/python -m bench.copy_rows [--entries 200000]

It starts a Postgres of its own, without fsync, so that the disk does not hide the difference.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.logs import HOST, events
from config.embedded import temporary_postgres

DAY = datetime(2024, 5, 23, tzinfo=UTC).date()


def made(count: int) -> Iterator[object]:
    from triage.core.records import Entry, PidTrust, Request, Stamp, micros

    for line, (at, pid, message) in enumerate(events(count), 1):
        yield Entry(
            line=line,
            raw=f"{at:%b %d %H:%M:%S} {HOST} gunicorn[{pid}]: {message}",
            stamp=Stamp(micros(at), False, 1_000_000),
            host=HOST,
            unit="gunicorn",
            pid=pid,
            pid_trust=PidTrust.PROVEN,
            message=message,
            request=Request(method="GET", path="/cars", status=200, size=105, ended=True) if line % 3 else None,
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=200_000)
    count = arguments.parse_args().entries
    with tempfile.TemporaryDirectory(prefix="lineup-bench-") as folder, temporary_postgres(Path(folder)) as url:
        os.environ |= {"DATABASE_URL": url, "LINEUP_HOME": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(list(made(count)))


def measure(records: list[object]) -> None:
    from django.db import connection, transaction

    from triage.store import entries, partitions

    partitions.ensure(DAY)
    data = b"".join(entries.encoded(1, DAY, records))
    sql = f"COPY {partitions.name_of(DAY)} ({', '.join(entries.COLUMNS)}) FROM STDIN"
    for _ in range(2):  # the first round warms both
        with transaction.atomic(), connection.cursor() as cursor:
            begun = time.perf_counter()
            cursor.copy_expert(sql, io.BytesIO(data), entries.CHUNK)
            bare = time.perf_counter() - begun
            transaction.set_rollback(True)
        with transaction.atomic():
            begun = time.perf_counter()
            entries.write(1, DAY, iter(records))
            ours = time.perf_counter() - begun
            transaction.set_rollback(True)
    print(f"{len(records):,} rows, {len(data) / 1e6:.0f} MB: bare COPY {bare:.2f} s, ours {ours:.2f} s")
    print(f"{ours / bare:.2f} times a bare COPY (may be 2)")
    connection.close()


if __name__ == "__main__":
    main()
