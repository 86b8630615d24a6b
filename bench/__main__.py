"""All measurements, one after the other: `python -m bench [--quick]`. Takes some minutes; the quick one about one."""

from __future__ import annotations

import subprocess
import sys

QUICK = "--quick" in sys.argv[1:]
MEASUREMENTS = (
    ("explain: start to answer", ["bench.explain"]),
    ("upload to answer", ["bench.latency"]),
    ("the picture of a big run", ["bench.picture", *(["--rounds", "3"] if QUICK else [])]),
    ("reading a journal", ["bench.reading", *(["--entries", "100000", "--rounds", "3"] if QUICK else [])]),
    ("ingest against a bare COPY", ["bench.copy_rows", *(["--entries", "100000"] if QUICK else [])]),
    ("lining up", ["bench.lineup", *(["--entries", "200000", "--requests", "2000"] if QUICK else [])]),
    ("a test's history", ["bench.history", *(["--runs", "10000"] if QUICK else [])]),
    ("the verdicts of a lined-up run", ["bench.diagnose", *(["--entries", "50000"] if QUICK else [])]),
    ("every page", ["bench.pages", *(["--runs", "200", "--rounds", "5"] if QUICK else [])]),
    ("a big journal", ["bench.big_part", "--megabytes", "100" if QUICK else "1000"]),
)

for title, words in MEASUREMENTS:
    print(f"\n{title}", flush=True)
    if subprocess.run([sys.executable, "-m", *words], check=False).returncode:
        sys.exit(f"{title}: the measurement failed")
