"""pytest-sugar's way to print a session: signs and a bar that fills, failures as they come, results as a list."""

from __future__ import annotations

import re

from ingest.formats.pytest_terminal.progress import Progress
from triage.core.records import SECOND

CROSS = "\u2a2f"
SIGN = "―"  # of which its bars are made
_BLOCKS = "█▉▊▋▌▍▎▏ "
_WORDS = {"✓": "PASSED", CROSS: "FAILED", "s": "SKIPPED", "x": "XFAIL", "X": "XPASS", "E": "ERROR", "R": "RERUN"}
_SIGNS = frozenset(("✓", CROSS, "s", "x", "X", "E", "R", "F", "P", ".", "…"))
# Test session starts (platform: linux, Python 3.11.7, pytest 9.2.0, pytest-sugar 1.1.1)
_SESSION = re.compile(
    r"^Test session starts \(platform: (?P<platform>[^\s,]{1,40}), Python (?P<python>[^\s,]{1,40}), "
    r"pytest (?P<pytest>[^\s,]{1,40}), pytest-sugar "
)
_RESULTS = re.compile(r"^Results \((?P<secs>\d{1,9}(?:\.\d{1,6})?)s(?: \([\d:, a-z]{1,40}\))?\):$")
_COUNT = re.compile(r"^ {1,12}(?P<n>\d{1,9}) (?P<what>passed|failed|errors?|skipped|xfailed|xpassed|deselected|rerun)$")
_LISTED = re.compile(r"^ {2,20}- \S")  # - tests/test_cars.py:14 test_count


def session(text: str) -> tuple[tuple[str, str], ...] | None:
    """The facts of a session's first line."""
    found = _SESSION.match(text)
    return tuple((name, found[name]) for name in ("platform", "python", "pytest")) if found else None


def progress(text: str) -> Progress | None:
    """` tests/test_cars.py::test_add ✓      1% ▏`: its node is "" where only a file is named."""
    body = text.rstrip(_BLOCKS)
    if not body.endswith("%") or not text.startswith(" "):
        return None
    pieces = body.rsplit(None, 2)
    if len(pieces) == 1:
        return Progress("")
    if not pieces[-1][:-1].isdigit() or not _SIGNS.issuperset(pieces[-2]):
        return None
    name = pieces[0].strip() if len(pieces) == 3 else ""
    if "::" not in name or len(pieces[-2]) != 1:
        return Progress("")
    path, _, names = name.partition("::")
    names, bracket, parameters = names.partition("[")
    return Progress(f"{path}::{names.replace('.', '::')}{bracket}{parameters}", _WORDS.get(pieces[-2], ""))


def took(text: str) -> int | None:
    """Microseconds of `Results (0.48s):`, behind which the counts stand."""
    found = _RESULTS.match(text)
    return round(float(found["secs"]) * SECOND) if found else None


def count(text: str) -> tuple[str, str] | None:
    """(what, how many) of a line of the results; ("", "") for a test that is listed under its count."""
    if found := _COUNT.match(text):
        return found["what"].replace("errors", "error"), found["n"]
    return ("", "") if not text.strip() or _LISTED.match(text) else None
