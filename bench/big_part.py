"""A big journal through the running system: how long it takes, how progress moves, what memory each process takes.

.venv/bin/python -m bench.big_part [--megabytes 1000] [--form json|short]
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import psutil

from bench.logs import START, as_json, client_log, events, short, with_run
from bench.running import Running

LIMIT_MB = 300
MB = 1_000_000


class Seen(msgspec.Struct):
    """What was seen while a run was in work."""

    entries: int = 0
    kept: int = 0
    upload_s: float = 0.0
    total_s: float = 0.0
    status: str = ""
    peaks: dict[str, float] = {}  # MB of resident memory by process, the highest seen
    steps: list[tuple[str, int]] = []  # stage and done, as the API told them, each once

    @property
    def highest(self) -> tuple[str, float]:
        return max(self.peaks.items(), key=lambda item: item[1])


def write_journal(path: Path, megabytes: int, form: str) -> datetime:
    """Writes the journal and returns when in it the run took place."""
    size, lines = 0, 0
    per_line = 880 if form == "json" else 165
    count = megabytes * MB // per_line
    at = START + timedelta(seconds=count // 12 // 2)
    stream = with_run(events(count * 2), at)
    with path.open("w", encoding="utf-8", buffering=1 << 20) as file:
        for line in (as_json if form == "json" else short)(stream):
            file.write(line)
            size += len(line)
            lines += 1
            if size >= megabytes * MB:
                return at
    return at


@contextmanager
def watched(lineup: Running, peaks: dict[str, float]) -> Iterator[None]:
    """Samples the resident memory of every process of the system, ten times a second."""
    over = threading.Event()

    def sample() -> None:
        while not over.wait(0.1):
            for process in lineup.processes():
                try:
                    name = _name(process)
                    peaks[name] = max(peaks.get(name, 0.0), process.memory_info().rss / MB)
                except psutil.Error:
                    continue

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(5)


def measure(lineup: Running, journal: Path, at: datetime, patience: float) -> Seen:
    seen = Seen(peaks={}, steps=[])
    with watched(lineup, seen.peaks):
        begun = time.monotonic()
        answer = lineup.upload(
            f"big/{journal.name}/{time.time_ns()}",
            timeout=patience,
            tests=("test.log", client_log(at).encode()),
            server=(journal.name, journal),
        )
        answer.raise_for_status()
        seen.upload_s = time.monotonic() - begun
        run_id = answer.json()["id"]
        while time.monotonic() - begun < patience:
            run = lineup.run(run_id)
            step = (run["progress"]["stage"], run["progress"]["done"]) if run.get("progress") else ("", 0)
            if not seen.steps or seen.steps[-1] != step:
                seen.steps.append(step)
            if run["status"] in ("ready", "failed"):
                break
            time.sleep(0.1)
        seen.status, seen.total_s = run["status"], time.monotonic() - begun
    [row] = lineup.rows(
        "SELECT entries, kept FROM triage_part WHERE run_id = %s AND side = 'server' ORDER BY position", run_id
    )
    seen.entries, seen.kept = row
    return seen


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    known = [w for w in words if w in ("worker", "beat", "up", "interactive", "bulk")] or [
        Path((words or ["?"])[0]).name
    ]
    if any("gunicorn" in word for word in words):
        known = ["web"]
    return f"{' '.join(known)} {process.pid}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--megabytes", type=int, default=1000)
    arguments.add_argument("--form", choices=("json", "short"), default="json")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="lineup-bench-") as folder:
        journal = Path(folder) / f"journal.{options.form}"
        at = write_journal(journal, options.megabytes, options.form)
        with Running() as lineup:
            seen = measure(lineup, journal, at, patience=900)
        print(f"{journal.stat().st_size / MB:.0f} MB as {options.form}: {seen.status}")
    print(f"{seen.entries:,} entries understood, {seen.kept:,} rows kept")
    print(
        f"upload {seen.upload_s:.1f} s, upload to answer {seen.total_s:.1f} s; {len(seen.steps)} steps of progress seen"
    )
    for name, peak in sorted(seen.peaks.items(), key=lambda item: -item[1])[:12]:
        print(f"  {peak:7.0f} MB  {name}{'   OVER THE LIMIT' if peak > LIMIT_MB else ''}")


if __name__ == "__main__":
    main()
