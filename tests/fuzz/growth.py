"""How the time to read grows with the input: `python -m tests.fuzz.growth [FORMAT …]` prints the worst per format.

Four times the input may take about four times as long. A command and no test, because a busy machine would fail it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from ingest.formats.base import Format
from ingest.formats.messages.registry import GRAMMARS
from ingest.formats.messages.understand import understand
from ingest.formats.registry import FORMATS
from tests.fuzz.growing import LINE, UNITS, Growing, growing
from tests.fuzz.promises import CONTEXT, part

SMALL, LARGE = LINE // 4, LINE  # bytes: within one line, so that its cut does not hide a square
LONG = 16  # times as much, for what grows over many lines
WORTH_TIMING = 0.004  # seconds; below this the clock is too coarse
BAD = 8.0  # times as long for four times as much: a square takes 16, a cache that overflows in between some 6


def seconds(work: Callable[[], object], tries: int = 3) -> float:
    best = float("inf")
    for _ in range(tries):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def reading(format: Format, content: bytes) -> Callable[[], object]:
    def work() -> None:
        source = part(content)
        format.recognises(source.head())
        for _ in format.parse(source, CONTEXT):
            pass

    return work


def ratio(format: Format, made: Growing, within_a_line: bool, remembered: bool) -> tuple[float, float]:
    """(times as long, seconds of the larger input)."""
    size = LARGE if within_a_line else LARGE * (LONG * 4 if remembered else LONG)
    larger = seconds(reading(format, made(size)), 1)
    if within_a_line and larger < WORTH_TIMING * 4:
        size *= LONG
        larger = seconds(reading(format, made(size)), 1)
    smaller = seconds(reading(format, made(size // 4)), 1)
    if larger > BAD * max(smaller, WORTH_TIMING):  # perhaps the machine was busy: look twice
        larger = seconds(reading(format, made(size)))
        smaller = seconds(reading(format, made(size // 4)))
    return larger / max(smaller, WORTH_TIMING), larger


def worst(format: Format) -> tuple[float, float, str]:
    return max(
        (*ratio(format, made, " last line" in what, "each time" in what), what) for what, made in growing(format)
    )


def message_ratio(prefix: str) -> tuple[float, float, str]:
    """Of the grammars on one long message, which understands it or not."""

    def work(length: int, unit: str) -> Callable[[], object]:
        text = (prefix + unit * (length // len(unit)))[:length]
        return lambda: [understand(text) for _ in range(3)]

    found = []
    for unit in UNITS:
        larger, smaller = seconds(work(LARGE, unit)), seconds(work(SMALL, unit))
        found.append((larger / max(smaller, WORTH_TIMING), larger, f"{unit!r} behind {prefix[:60]!r}"))
    return max(found)


def main(wanted: list[str]) -> int:
    bad = 0
    for format in FORMATS:
        if wanted and format.NAME not in wanted:
            continue
        bad += told(format.NAME, *worst(format))
    for grammar in GRAMMARS:
        if not wanted or grammar.NAME in wanted:
            bad += told(f"message {grammar.NAME}", *max(message_ratio(sample) for sample in grammar.SAMPLES[:6]))
    return 1 if bad else 0


def told(name: str, times: float, took: float, what: str) -> bool:
    print(f"{name:28} {times:5.1f} times as long for 4 times as much, {took:6.3f} s: {what}", flush=True)
    return times > BAD


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
