"""From upload to answer: the original case, POST to `ready`, through the whole running system.

.venv/bin/python -m bench.latency [--runs 20]
"""

from __future__ import annotations

import argparse
import statistics
import time
from datetime import datetime

from bench.logs import client_log, served, short
from bench.running import Running

LOCAL = datetime(2024, 5, 23, 12, 11, 7)  # noqa: DTZ001  a wall clock in a log has no zone


def seconds(lineup: Running, runs: int) -> list[float]:
    took = []
    for number in range(runs):
        journal = "".join(short(iter(served(LOCAL))))
        begun = time.perf_counter()
        answer = lineup.upload(
            f"latency/{number}",
            tests=("test.log", client_log(LOCAL).encode()),
            server=("journal.log", journal.encode()),
        )
        answer.raise_for_status()
        lineup.wait_done(answer.json()["id"])
        took.append(time.perf_counter() - begun)
    return took


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=20)
    runs = arguments.parse_args().runs
    with Running() as lineup:
        first, *rest = seconds(lineup, runs + 1)
    print(f"first {first:.3f} s")
    print(f"median of {runs}: {statistics.median(rest):.3f} s, slowest {max(rest):.3f} s (must stay under 2 s)")


if __name__ == "__main__":
    main()
