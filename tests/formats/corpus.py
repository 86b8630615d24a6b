"""The corpus: files that real programs wrote, and the expectation of each, which people review.

Of an expectation three names are written by hand and kept by a rewrite: `slot` (the side the file is sent as),
`reference` (an ISO time near the run, where the log leaves out its year or day) and `known_unparsed`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.formats.base import Context
from tests.formats.reading import Stretch, lines_outside, read_file
from tests.formats.telling import tell
from triage.core.records import Side, micros

ROOT = Path(__file__).parent
NOT_EVIDENCE = ("ABOUT.md", "expected.json")
BY_HAND = ("slot", "reference", "known_unparsed")
REFERENCE = "2026-11-23T01:30:00+00:00"
LEAST_UNDERSTOOD = 0.999  # of a file's lines, where no reason is given for the others

Expectation = dict[str, Any]


def folders() -> list[Path]:
    return sorted(path for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__")


def files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.name not in NOT_EVIDENCE
        and path.suffix not in (".py", ".pyc")
        and "__pycache__" not in path.parts
    )


def cases() -> Iterator[tuple[Path, Path]]:
    """(folder, file) of the whole corpus."""
    for folder in folders():
        for path in files(folder):
            yield folder, path


def name_of(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def expectations(folder: Path) -> dict[str, Expectation]:
    """What is expected of the files of a folder, by their name; nothing where none is written yet."""
    path = folder / "expected.json"
    found: dict[str, Expectation] = json.loads(path.read_text()) if path.exists() else {}
    return found


def slot_of(expected: Expectation) -> Side | None:
    return Side(expected["slot"]) if "slot" in expected else None


def stretches(path: Path, expected: Expectation) -> list[Stretch]:
    """What a file is read as, under the settings that people wrote for it."""
    reference = micros(datetime.fromisoformat(expected.get("reference", REFERENCE)))
    return read_file(path, slot_of(expected), Context(reference_us=reference, host_hint=path.name))


def told(path: Path, expected: Expectation) -> Expectation:
    """What reading a file comes to, with what people wrote of it."""
    kept = {name: expected[name] for name in BY_HAND if name in expected}
    found = tell(stretches(path, expected))
    if "pieces" in found:
        found["outside"] = lines_outside(path, slot_of(expected))
    return kept | found


def rewrite(folder: Path, name: str, found: Expectation) -> None:
    """Puts one file's expectation in place and leaves out those of files that are gone."""
    there = {name_of(folder, path) for path in files(folder)}
    kept = {old: value for old, value in expectations(folder).items() if old in there}
    kept[name] = found
    ordered = {key: kept[key] for key in sorted(kept)}
    (folder / "expected.json").write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
