"""What the tests' uploaded logs tell of each request, and when it was; read with the truth in hand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lab.instants import SECOND, Pair, shifts
from lab.pairs import Truth, about, chains, lines_of, name_of
from triage.core.records import Request, RunEvidence, Side, Stamp, Step

NEVER, FOREVER = -(1 << 62), 1 << 62
# matches "3c60e5b5", "10423", "b7e6c0f2-…"; must not match "items", "GET", "v1"
_ID = re.compile(r"\b(?=[0-9a-fA-F-]*\d)[0-9a-fA-F][0-9a-fA-F-]{3,63}\b")
_WORD = re.compile(r"[A-Za-z][A-Za-z]{2,40}")
_ATTRIBUTES = ("method", "path", "query", "status", "size")


def ids(text: str) -> frozenset[str]:
    """The words of a text that name one thing: long ones of digits, or hexadecimal."""
    return frozenset(found.lower() for found in _ID.findall(text[:2_000]))


@dataclass(slots=True)
class Told:
    """Of one request: every value that its lines give, and when it was at the earliest and latest by true time."""

    values: dict[str, set[object]] = field(default_factory=lambda: defaultdict(set))
    keys: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    ids: set[str] = field(default_factory=set)
    around: set[str] = field(default_factory=set)  # client: the ids of its whole test
    words: set[str] = field(default_factory=set)
    low_us: int = NEVER  # client: not sent before; server: its first line was not written before
    high_us: int = FOREVER  # client: received by then; server: its first line was written by then
    last_us: int = NEVER  # server: its last line was not written before
    lines: int = 0
    pid: int | None = None  # server: a PID that can be trusted
    prose: bool = True  # nothing but a tester's own words

    def add(self, text: str, request: Request | None, keys: Iterable[tuple[str, str]]) -> None:
        self.lines += 1
        self.ids |= ids(text)
        self.words.update(word.lower() for word in _WORD.findall(text[:2_000]))
        for name, value in keys:
            self.keys[name].add(value)
        for name in _ATTRIBUTES if request is not None else ():
            value = getattr(request, name)
            if value not in (None, ""):
                self.values[name].add(value)
        if request is not None and (request.path or request.method):
            self.prose = False


def client_side(evidence: RunEvidence, truth: Truth) -> list[Told]:
    """One record for each of truth's requests; `lines` is 0 where the tests' logs do not tell of it."""
    told = [Told() for _ in truth["requests"]]
    links = chains(truth, evidence)
    for part in evidence.parts:
        if part.side is not Side.TESTS or not part.steps:
            continue
        found = about(part.steps, truth)
        times = _client_times(part.steps, found, lines_of(part.steps, truth), truth)
        for position, request in found.items():
            if request is not None:
                step = part.steps[position]
                told[request].add(step.text, step.request, step.keys)
        _intervals(told, part.steps, found, times, links)
    _within_tests(told, evidence, truth)
    around: dict[str, set[str]] = defaultdict(set)
    for one, request in zip(told, truth["requests"], strict=True):
        around[request["test"]] |= one.ids
        one.around = around[request["test"]]
    return told


def _client_times(
    steps: Sequence[Step], found: dict[int, int | None], lines: dict[int, int], truth: Truth
) -> dict[int, tuple[int, int]]:
    """Position of a step → true interval of its stamp, as wide as the stamp is coarse."""
    by_kind: dict[tuple[bool, bool, int], list[tuple[int, Pair]]] = defaultdict(list)
    for position, step in enumerate(steps):
        stamp = step.stamp
        if stamp is None:
            continue
        request = found.get(position)
        if position in lines:
            at = truth["lines"][lines[position]]["at"]
        elif request is not None and step.request is not None and step.request.ended:
            at = truth["requests"][request]["received"]
        else:
            continue
        kind = (stamp.zoned, stamp.dated, stamp.tick_us)
        by_kind[kind].append((position, Pair(stamp.us, stamp.tick_us, round(at * SECOND))))
    times: dict[int, tuple[int, int]] = {}
    for placed in by_kind.values():
        placed.sort(key=lambda each: each[1].true_us)
        for (position, pair), shift in zip(placed, shifts([pair for _, pair in placed]), strict=True):
            times[position] = (pair.us - shift, pair.us - shift + pair.tick_us)
    return times


def _intervals(
    told: list[Told],
    steps: Sequence[Step],
    found: dict[int, int | None],
    times: dict[int, tuple[int, int]],
    links: Sequence[str | None],
) -> None:
    """Bounds of when each request was under way, as the stamps of its own lines and of the line before them tell."""
    latest: dict[str, tuple[int, int]] = {}  # chain: its latest line's time and request
    sent: dict[int, int] = {}
    for position in sorted((p for p in found if p in times), key=lambda p: (times[p][0], p)):
        request, step = found[position], steps[position]
        if request is None:
            continue
        low, high = times[position]
        asked = step.request
        if asked is not None and not asked.ended and asked.path is None and asked.status is None:
            sent[request] = max(sent.get(request, NEVER), low)  # "Starting new HTTP connection"
        else:
            told[request].high_us = min(told[request].high_us, high)
        chain = links[request]
        if chain is None:
            continue
        known = latest.get(chain)
        if known is not None and known[1] != request:
            sent[request] = max(sent.get(request, NEVER), known[0])
        latest[chain] = (low, request)
    for request, low in sent.items():
        told[request].low_us = max(told[request].low_us, min(low, told[request].high_us))


def _within_tests(told: list[Told], evidence: RunEvidence, truth: Truth) -> None:
    """Where a report says when each test began and ended, its requests lie between."""
    requests = truth["requests"]
    named: dict[str, list[int]] = defaultdict(list)
    for n, request in enumerate(requests):
        named[name_of(request["test"])].append(n)
    for part in evidence.parts:
        known = [(r, named[name_of(r.test)]) for r in part.results if r.started and r.stopped]
        known = [(result, mine) for result, mine in known if mine]
        early = [_us(r.started) - round(requests[mine[0]]["sent"] * SECOND) for r, mine in known]
        late = [_us(r.stopped) - round(requests[mine[-1]]["received"] * SECOND) for r, mine in known]
        if not known or max(early) > min(late):
            continue  # of the call alone, or a clock that jumped
        shift = (max(early) + min(late)) // 2
        for result, mine in known:
            for n in mine:
                told[n].low_us = max(told[n].low_us, _us(result.started) - shift)
                told[n].high_us = min(told[n].high_us, _us(result.stopped) - shift)


def _us(stamp: Stamp | None) -> int:
    return stamp.us if stamp is not None else 0
