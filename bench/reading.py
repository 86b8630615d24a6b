"""Reading a journal of a million entries: every entry, and only the window of a two-minute run beside lnav.

    .venv/bin/python -m bench.reading [--entries 1000000] [--rounds 5]

Rates are entries a second of one core's own time (user and system), the best of the rounds; what is compared is run in
turns. lnav counts the entries of the same file without its screen; where it is not installed, that is said.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from pathlib import Path
from statistics import median

import msgspec
import orjson

from bench.logs import START, as_json, events, short, with_run
from ingest.formats.base import Context
from ingest.formats.journal import json_lines as journal_json
from ingest.formats.journal import short as journal_short
from ingest.formats.journal.fields import Fields
from ingest.formats.source import PartSource
from triage.core.records import micros

FORMS = {"short": (short, journal_short), "json": (as_json, journal_json)}
CONTEXT = Context(reference_us=micros(START))
MB = 1_000_000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    at = START + timedelta(seconds=given.entries // 24)
    with tempfile.TemporaryDirectory(prefix="lineup-bench-") as folder:
        for form, (write, _) in FORMS.items():
            path = Path(folder) / f"{form}.log"
            with path.open("w", encoding="utf-8", buffering=1 << 20) as file:
                file.writelines(write(with_run(events(given.entries), at)))
            print(f"\n{form}: {given.entries:,} entries, {path.stat().st_size / MB:,.0f} MB", flush=True)
            window(path, form, at.isoformat(), given.rounds)  # first: a child begins with its parent's memory
            every_entry(path, form, min(given.entries, 200_000), given.rounds)


def every_entry(path: Path, form: str, count: int, rounds: int) -> None:
    """Rates of reading the first `count` entries in full."""

    def parsed(context: Context) -> Callable[[], None]:
        def run() -> None:
            with path.open("rb") as file:
                for _ in islice(FORMS[form][1].parse(PartSource(path.name, file), context), count):
                    pass

        return run

    ways = {
        "every entry: time, host, unit, PID, level, message": parsed(msgspec.structs.replace(CONTEXT, worth=_no)),
        "every entry, every message understood": parsed(CONTEXT),
    }
    if form == "json":
        with path.open("rb") as file:
            lines = list(islice(file, count))
        needed, whole = msgspec.json.Decoder(Fields).decode, msgspec.json.Decoder(dict[str, object]).decode
        ways |= {
            "decoding alone: orjson.loads": lambda: _each(orjson.loads, lines),
            "decoding alone: into a dict": lambda: _each(whole, lines),
            "decoding alone: only the fields needed": lambda: _each(needed, lines),
        }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, way in ways.items():
            begun = time.process_time()
            way()
            best[name] = min(best[name], time.process_time() - begun)
    for name, took in best.items():
        print(f"  {name:52} {count / took:>10,.0f} entries/s")


def _each(decode: Callable[[bytes], object], lines: list[bytes]) -> None:
    for line in lines:
        decode(line)


def _no(message: str) -> object:
    return None


def window(path: Path, form: str, at: str, rounds: int) -> None:
    """Seconds and memory of whole programs, each from its start to its answer."""
    ours = [sys.executable, "-m", "bench.window", str(path), form, at]
    programs = {"the run's window, clocks without a zone": ours, "the run's window, both clocks named": [*ours, "UTC"]}
    lnav = shutil.which("lnav")
    if lnav:
        programs["lnav"] = [lnav, "-n", "-c", ";select count(*) from all_logs", "-c", ":write-csv-to -", str(path)]
    else:
        print("  lnav is not installed: apt-get install lnav")
    seen: dict[str, list[tuple[float, float, int]]] = {name: [] for name in programs}
    answers = {}
    for _ in range(rounds):
        for name, words in programs.items():
            begun = time.perf_counter()
            child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            answers[name] = child.stdout.read().strip() if child.stdout else ""
            _, _, used = os.wait4(child.pid, 0)
            child.returncode = 0
            seen[name].append((time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss))
    for name, rows in seen.items():
        wall, own = median(row[0] for row in rows), median(row[1] for row in rows)
        print(f"  {name:52} {wall:6.2f} s, {own:5.2f} s of processor, {max(r[2] for r in rows) / 1000:,.0f} MB "
              f"({' '.join(answers[name].split())})")  # fmt: skip


if __name__ == "__main__":
    main()
