"""Which release each process runs, where the processes say so as they start, and whether two were asked at once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from triage.core.common_time import CommonTime
from triage.core.findings import LineRef
from triage.core.lineup import Scene

_FIRST = 40  # lines of a process in which it may say what it is
_LENGTH = 400
# matches `release 2 (build d4735e3a) starts`, `version: 1.4.2`, `image=web:7f3c1a9b`; must not match `version of`
_NAMED = re.compile(
    r"(?i)\b(?P<what>release|version|build|revision|commit|git_sha|sha|image|tag)\b(?: is)?[ =:#\"']{1,4}"
    r"(?P<value>v?[\w.:/+-]{0,40}[0-9][\w.:/+-]{0,40})"
)


class Release(msgspec.Struct, frozen=True):
    """What a process said of itself."""

    name: str  # `release 2`
    line: LineRef


def releases(scene: Scene, time: CommonTime) -> dict[int, Release]:
    """By process, where two or more releases were asked by turns; empty where all run one, or one followed another."""
    said: dict[str, dict[int, Release]] = defaultdict(dict)
    torn: set[tuple[str, int]] = set()
    seen: dict[int, int] = defaultdict(int)
    for line in scene.lines.lines:
        if line.process < 0 or line.entry.request is not None or seen[line.process] >= _FIRST:
            continue
        seen[line.process] += 1
        for found in _NAMED.finditer(line.entry.message[:_LENGTH]):
            what, value = found["what"].lower(), found["value"].rstrip(".:,/")
            before = said[what].get(line.process)
            if before is not None and before.name != f"{what} {value}":
                torn.add((what, line.process))  # it speaks of other things' versions
            said[what].setdefault(line.process, Release(f"{what} {value}", LineRef(line.part, line.entry.line)))
    told = {what: mine for what, mine in said.items() if len({each.name for each in mine.values()}) > 1}
    spans = _spans(scene, time) if told else {}
    for what, mine in told.items():
        known = {process: each for process, each in mine.items() if process in spans and (what, process) not in torn}
        if _at_once((each.name, spans[process]) for process, each in known.items()):
            return known
    return {}


def _spans(scene: Scene, time: CommonTime) -> dict[int, tuple[int, int]]:
    """When each process served its first and its last request."""
    spans: dict[int, tuple[int, int]] = {}
    for served in scene.lineup.served:
        if served.request is None:
            continue
        at = time.of(served)
        first, last = spans.get(served.process, (at, at))
        spans[served.process] = min(first, at), max(last, at)
    return spans


def _at_once(named: Iterable[tuple[str, tuple[int, int]]]) -> bool:
    """Whether requests went to two releases by turns, and not to one after the other."""
    whole: dict[str, tuple[int, int]] = {}
    for name, (first, last) in named:
        known = whole.get(name, (first, last))
        whole[name] = min(known[0], first), max(known[1], last)
    ordered = sorted(whole.values())
    return any(later[0] < earlier[1] for n, earlier in enumerate(ordered) for later in ordered[n + 1 : n + 2])
