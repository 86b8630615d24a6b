"""Ingest against a bare COPY of the very same rows, in the same run.

    .venv/bin/python -m bench.copy_rows [--entries 1000000] [--rounds 3]

"Ingest" is all that happens to a journal's lines on their way into Postgres: read, understood, redacted, encoded and
copied. It starts a Postgres of its own, without fsync, so that the disk does not hide the difference. The bare COPY is
given its rows ready made, from a file.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, BinaryIO

from bench.logs import START, events, short
from config.embedded import temporary_postgres

DAY = datetime(2024, 5, 23, tzinfo=UTC).date()


def journal(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", buffering=1 << 20) as file:
        file.writelines(short(events(count)))


def entries_of(path: Path, file: BinaryIO) -> Iterator[Any]:
    """The journal's entries as ingest hands them to the store."""
    from ingest.formats.base import Context
    from ingest.formats.journal import short as journal_short
    from ingest.formats.source import PartSource
    from ingest.redaction.redactor import Redactor
    from triage.core.records import micros

    records = journal_short.parse(PartSource(path.name, file), Context(reference_us=micros(START)))
    return Redactor(b"k" * 32).records(records)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="lineup-bench-") as folder:
        where = Path(folder)
        where.chmod(0o755)  # the database runs as another user
        journal(where / "journal.txt", given.entries)
        with temporary_postgres(where) as url:
            os.environ |= {"DATABASE_URL": url, "LINEUP_HOME": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            measure(where, given.rounds)


def measure(where: Path, rounds: int) -> None:
    from django.db import connection, transaction

    from triage.store import entries, partitions

    partitions.ensure(DAY)
    rows, size = 0, 0
    with (where / "journal.txt").open("rb") as file, (where / "rows").open("wb") as made:
        for row in entries.encoded(1, DAY, entries_of(where, file)):
            rows, size = rows + 1, size + made.write(row)
    sql = f"COPY {partitions.name_of(DAY)} ({', '.join(entries.COLUMNS)}) FROM STDIN"
    bare, whole = [], []
    for _ in range(rounds):
        with (where / "rows").open("rb") as made, transaction.atomic(), connection.cursor() as cursor:
            begun = time.perf_counter()
            cursor.copy_expert(sql, made, entries.CHUNK)
            bare.append(time.perf_counter() - begun)
            transaction.set_rollback(True)
        with (where / "journal.txt").open("rb") as file, transaction.atomic():
            begun = time.perf_counter()
            entries.write(1, DAY, entries_of(where, file))
            whole.append(time.perf_counter() - begun)
            transaction.set_rollback(True)
    print(f"{rows:,} rows, {size / 1e6:.0f} MB: bare COPY {median(bare):.2f} s, ingest {median(whole):.2f} s (medians)")
    ratio = median(ours / theirs for ours, theirs in zip(whole, bare, strict=True))
    print(f"{ratio:.2f} times a bare COPY (may be 2)")
    connection.close()


if __name__ == "__main__":
    main()
