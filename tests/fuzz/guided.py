"""Coverage-guided fuzzing, for an hour now and then: `python -m tests.fuzz.guided [FOLDER] [libFuzzer options]`.

Needs atheris (not among the requirements: a throw-away environment will do). FOLDER holds the inputs that reach new
code between two runs, and under `found/` one input for every defect: an exception, a broken promise, a slow line.
"""

from __future__ import annotations

import hashlib
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import atheris

atheris.enabled_hooks.add("str")
with atheris.instrument_imports(include=["ingest", "triage", "xml.sax", "defusedxml", "email", "json"]):
    from ingest.formats.registry import FORMATS
    from tests.fuzz.doors import DOORS, seeds

SLOW_S = 0.2  # processor time of one input of at most 4 KB: a linear reader takes some 5 ms, instrumented
LONGEST = 4_096


class Hunt:
    """What was found so far: one input for each place of a defect, the shortest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: dict[str, int] = {}
        self.runs = 0
        folder.mkdir(parents=True, exist_ok=True)

    def one(self, data: bytes) -> None:
        """One input: its first byte chooses the door."""
        if not data:
            return
        self.runs += 1
        name, door = DOORS[data[0] % len(DOORS)]
        began = time.process_time()
        try:
            said = door(data[1:])
        except Exception as error:  # every kind is a defect: that is what we look for
            last = [frame for frame in traceback.extract_tb(error.__traceback__) if "/ingest/" in frame.filename]
            where = f"{Path(last[-1].filename).stem}-{last[-1].lineno}" if last else "outside"
            said = [f"{type(error).__name__} at {where}"]
        took = time.process_time() - began
        if took > SLOW_S:
            said = [*said, f"slow in {name}"]
        for sentence in said:
            self._keep(name, sentence, data, took)

    def _keep(self, name: str, sentence: str, data: bytes, took: float) -> None:
        kind = sentence.split(":")[0]
        kind = f"{name}: " + "".join(c for c in kind if not c.isdigit() or "at " in kind)
        if len(data) >= self.found.get(kind, 1 << 40):
            return
        first = kind not in self.found
        self.found[kind] = len(data)
        digest = hashlib.sha256(kind.encode()).hexdigest()[:12]
        (self.folder / f"{digest}.bin").write_bytes(data)
        (self.folder / f"{digest}.txt").write_text(f"{kind}\n{sentence}\n{took:.3f} s, {len(data)} bytes\n")
        if first:
            print(f"FOUND {kind} ({sentence[:160]}) after {self.runs} runs", flush=True)


def main(arguments: list[str]) -> None:
    given = [word for word in arguments if not word.startswith("-")]
    options = [word for word in arguments if word.startswith("-")]
    folder = Path(given[0] if given else "var/fuzz")
    inputs = folder / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(LONGEST - 1)):
        (inputs / f"seed-{number:04d}").write_bytes(seed)
    hunt = Hunt(folder / "found")
    print(f"{len(FORMATS)} formats, {len(DOORS)} doors", flush=True)
    target: Callable[[bytes], None] = hunt.one
    atheris.Setup(
        [sys.argv[0], str(inputs), f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=2000", *options], target
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
