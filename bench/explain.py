"""How long `manage.py explain` takes on the original case, beside a bare start of the interpreter.

`python -m bench.explain [N]` prints the medians of N alternating runs.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "tests" / "incidents" / "cars-count-two-workers"
EXPLAIN = [
    *(sys.executable, "manage.py", "explain"),
    *(str(CASE / "tests" / "test_api_example.log"), str(CASE / "server" / "journal.txt")),
]
BARE = [sys.executable, "-c", "pass"]


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    seconds(EXPLAIN)  # compiles, warms the disk
    pairs = [(seconds(EXPLAIN), seconds(BARE)) for _ in range(rounds)]
    explain, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"explain {explain * 1000:.0f} ms, bare interpreter {bare * 1000:.0f} ms (medians of {rounds}; target 400 ms)"
    )


if __name__ == "__main__":
    main()
