"""The expectations of the corpus, held against plain searches of the raw text that use none of our parsers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.formats import plain_search
from tests.formats.corpus import cases, expectations, name_of
from tests.formats.telling import MOST_LIVES

CASES = [pytest.param(folder, path, id=f"{folder.name}/{name_of(folder, path)}") for folder, path in cases()]
BYTES = ("journal-json", "journal-export", "journal-verbose")
RECKONED = ("har", "playwright-trace")  # their steps tell when an answer came: a start and a duration
FRAME = re.compile(r"\d{1,6} <\d{1,3}>")  # syslog with octet counting: the next count stands right behind a line
Told = dict[str, Any]


def requests(text: str, told: Told) -> Iterator[str]:
    """Servers write a request once; tests repeat theirs in every section of their output."""
    if told["side"] != "server":
        return
    found, known = plain_search.requests(text), told.get("requests", {})
    if any(name.endswith(" others") for name in known):
        if sum(found.values()) > sum(known.values()):
            yield f"the text has {sum(found.values())} requests, {sum(known.values())} are told"
        return
    hidden = told["format"] in BYTES  # a message as bytes, or in halves
    for name, count in found.items():
        if known.get(name, 0) < count or (known.get(name, 0) > count and not hidden):
            yield f"the text has {name} {count} times, {known.get(name, 0)} are told"


def processes(text: str, told: Told) -> Iterator[str]:
    """No PID comes from nowhere, and every worker that a server says it started was born."""
    lives = told.get("lives", [])
    pids = {name.split()[0] for name in told.get("pids", {}) if not name.endswith(" others")}
    pids |= {word for life in lives for word in life.split()[1:2] if word.isdigit()}
    yield from (f"PID {pid} is not in the text" for pid in sorted(pids) if not plain_search.has_number(text, pid))
    born = {life.split()[1] for life in lives if life.startswith("boot ")}
    if told["side"] == "server" and len(lives) < MOST_LIVES and not FRAME.match(text):
        yield from (f"worker {pid} was started" for pid in sorted(plain_search.booted(text) - born))


def times(text: str, told: Told) -> Iterator[str]:
    """The first and the last stand in the text, and no line of a server begins with one before or after them."""
    known = told.get("times")
    if not known or told["format"] in RECKONED:
        return
    yield from (f"{name} time {known[name]} is not in the text" for name in ENDS if not _stands(known[name], text))
    if told["side"] != "server" or "T" not in known["earliest"]:
        return
    starts = (line[:60].lstrip("[(") for line in text.split("\n"))
    found = [at for line in starts if plain_search.ISO.match(line) for at in plain_search.times(line)[:1]]
    first, last = (datetime.fromisoformat(known[name].split(" ")[0].rstrip("Z") + "+00:00") for name in ENDS)
    if found and (min(found) < first or max(found) > last):
        yield f"the text has lines from {min(found)} to {max(found)}"


ENDS = ("earliest", "latest")


def _stands(told: str, text: str) -> bool:
    """In any of the ways in which logs write a time."""
    wall = told.split(" ")[0].rstrip("Z")
    clock = wall.split("T")[-1]
    if clock in text or clock.replace(".", ",") in text:
        return True
    if "T" not in wall:
        return False
    return plain_search.has_instant(text, datetime.fromisoformat(wall).replace(tzinfo=UTC))


def counts_of_pytest(text: str, told: Told) -> Iterator[str]:
    """pytest's last line counts what there is; subtests and quiet modes make results fewer than counts, never more."""
    counts, known = plain_search.last_counts(text), told.get("tests", [])
    if told.get("format") != "pytest-terminal" or not counts:
        return
    outcomes = Counter(known if isinstance(known, dict) else [line.split()[0] for line in known])
    for name in ("failed", "passed", "skipped", "xfailed", "xpassed"):
        if outcomes[name] > counts[name]:
            yield f"pytest counts {counts[name]} {name}, {outcomes[name]} are told"


def cases_of_a_report(text: str, told: Told) -> Iterator[str]:
    if told.get("format") == "junit-xml":
        wanted = len(re.findall(r"<testcase[\s>/]", text))
        if told.get("results", 0) != wanted:
            yield f"the report has {wanted} cases"
    elif told.get("format") == "pytest-reportlog":
        reports = [json.loads(line) for line in text.split("\n") if line.startswith("{")]
        nodes = {each["nodeid"] for each in reports if each.get("when") == "teardown"}  # else it came to no end
        began = [each["start"] for each in reports if each.get("start")]
        digits = (
            f"{Decimal(repr(began[0])):.9f}".replace(".", "")[:-3] if began else None
        )  # floats, cut and not rounded
        if told.get("facts", {}).get("session_started_us") != digits:
            yield f"the first phase began at {digits}"
        known = told.get("tests", [])
        if isinstance(known, list):
            yield from (f"{node} is in the report" for node in nodes if not any(node in line for line in known))


def entries_of_a_journal(text: str, told: Told) -> Iterator[str]:
    name, lines = told.get("format") or "", text.split("\n")
    if name == "journal-json":
        wanted = sum(line.startswith(("{", "data: {", "\x1e{")) for line in lines)
    elif name == "journal-export":
        wanted = text.count("\n__REALTIME_TIMESTAMP=") + text.startswith("__REALTIME_TIMESTAMP=")
    elif name.startswith("journal-short"):
        wanted = sum(line[:1].isalnum() for line in lines)
    else:
        return
    halves = len(plain_search.PARTIAL.findall(text))
    if not wanted - halves <= told.get("entries", 0) <= wanted:
        yield f"the journal has {wanted} entries"


OF_A_PIECE = (processes, times)  # what is told of a piece must stand in the file
OF_A_FILE: tuple[Callable[[str, Told], Iterator[str]], ...] = (
    requests,
    processes,
    times,
    counts_of_pytest,
    cases_of_a_report,
    entries_of_a_journal,
)


def differences(text: str, told: Told) -> list[str]:
    """Between an expectation and what plain searches find, in words."""
    if "pieces" not in told:
        return [f"{each.__name__}: {said}" for each in OF_A_FILE for said in each(text, told)]
    pieces = [piece | {"side": "tests"} for piece in told["pieces"]]
    return [f"{piece['piece']}: {said}" for piece in pieces for each in OF_A_PIECE for said in each(text, piece)]


@pytest.mark.parametrize(("folder", "path"), CASES)
def test_plain_searches_find_nothing_that_the_expectation_lacks(folder: Path, path: Path):
    text, told = plain_search.text_of(path), expectations(folder).get(name_of(folder, path))
    if text is not None and told is not None:
        assert differences(text, told) == []
