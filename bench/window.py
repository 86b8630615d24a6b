"""Finds one run in one long journal and reads its window, as `bench.reading` compares it: FILE FORM TIME [ZONE]."""

from __future__ import annotations

import io
import sys
from datetime import datetime
from pathlib import Path

from bench.logs import client_log
from ingest.formats.base import Context
from ingest.formats.detect import detect
from ingest.formats.journal import json_lines as journal_json
from ingest.formats.journal import short as journal_short
from ingest.formats.long_logs.skim import skim
from ingest.formats.read import read
from ingest.formats.source import PartSource
from triage.core.records import Entry, PartRecords, RunEvidence, Side, Step, micros
from triage.core.window import Traces


def main() -> None:
    path, form, at, *zone = sys.argv[1:]
    begun = datetime.fromisoformat(at)
    context = Context(reference_us=micros(begun))
    tests = PartSource("test.log", io.BytesIO(client_log(begun).encode()))
    steps = tuple(r for r in read(tests, detect(tests, Side.TESTS).format, context) if isinstance(r, Step))
    evidence = RunEvidence(
        parts=(PartRecords(name="test.log", side=Side.TESTS, steps=steps),),
        client_timezone=zone[0] if zone else None,
        started_us=micros(begun) if zone else None,
        finished_us=micros(begun) + 120_000_000 if zone else None,
    )
    with Path(path).open("rb") as file:
        source = PartSource(path, file)
        format = {"short": journal_short, "json": journal_json}[form]
        found = skim(source, format, context, Traces(evidence))
        if found is None:
            sys.exit("the window was not found")
        entries = sum(isinstance(record, Entry) for record in read(found.part_of(source), format, context))
        print(f"{found.lines:,} lines, {entries:,} entries read in full")


if __name__ == "__main__":
    main()
