"""Which true request each logged step is about: by the lines that the hook noted, else by test, route and order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from triage.core.records import Request, RunEvidence

Truth = dict[str, Any]
SHORTEST = 4  # characters by which a text can be recognised inside a longer one
CUT = 190  # what a noted message is sure to have of a longer one


class Said(Protocol):
    """A step, as a parser or as the lineup gives it."""

    @property
    def test(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def request(self) -> Request | None: ...


def name_of(test: str) -> str:
    """What every format keeps of a node id."""
    name, bracket, parameters = test.partition("[")
    return name.rpartition("::")[2] + bracket + parameters


def about(steps: Sequence[Said], truth: Truth) -> dict[int, int | None]:
    """Position in `steps` (in the order of their log) → index in truth's requests; None: about no request.

    Steps that neither a noted line nor an unmistakable order explains are left out.
    """
    found = _by_line(steps, truth)
    for position, request in _by_route(steps, truth, found).items():
        found.setdefault(position, request)
    return found


def lines_of(steps: Sequence[Said], truth: Truth) -> dict[int, int]:
    """Position in `steps` → index in truth's lines."""
    lines = truth.get("lines") or ()
    of_test: dict[str, list[int]] = defaultdict(list)
    for n, line in enumerate(lines):
        of_test[name_of(line["test"])].append(n)
    messages = [_plain(line["message"]) for line in lines]
    found: dict[int, int] = {}
    cursors: dict[str | None, int] = defaultdict(int)
    every = range(len(lines))
    for position, step in enumerate(steps):
        name = name_of(step.test) if step.test else None
        mine: Sequence[int] = every if name is None else of_test.get(name, ())
        text = _plain(step.text)
        place = _next(text, mine, messages, cursors[name])
        if place is not None:
            found[position] = mine[place]
            cursors[name] = place + 1
    return found


def _next(text: str, mine: Sequence[int], messages: Sequence[str], cursor: int) -> int | None:
    """The next line that says it, from the cursor on; a log may tell a test twice, so then from the beginning."""
    for place in (*range(cursor, len(mine)), *range(min(cursor, len(mine)))):
        if _says(text, messages[mine[place]]):
            return place
    return None


def _plain(text: str) -> str:
    return " ".join(text.split())


def _says(text: str, message: str) -> bool:
    if text == message:
        return True
    if min(len(text), len(message)) < SHORTEST:
        return False
    if len(message) >= CUT:
        return message[:CUT] in text or text[:CUT] in message
    return message.endswith(text) or text.startswith(message) or text.endswith(message)


def _by_line(steps: Sequence[Said], truth: Truth) -> dict[int, int | None]:
    lines = truth.get("lines") or ()
    return {position: lines[n]["request"] for position, n in lines_of(steps, truth).items()}


def _by_route(steps: Sequence[Said], truth: Truth, known: dict[int, int | None]) -> dict[int, int]:
    """Steps that tell method and path, where their log has as many of a test's as there were."""
    told: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for position, step in enumerate(steps):
        request = step.request
        if position not in known and step.test and request is not None and request.method and request.path:
            told[name_of(step.test), request.method, request.path].append(position)
    true: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for n, each in enumerate(truth["requests"]):
        true[name_of(each["test"]), each["method"], each["path"]].append(n)
    return {
        position: n
        for key, positions in told.items()
        if len(positions) == len(true.get(key, ()))
        for position, n in zip(positions, true[key], strict=True)
    }


def chains(truth: Truth, evidence: RunEvidence) -> list[str | None]:
    """For each request the chain of requests that followed one another; None where the test sent several at once.

    Tests that ran side by side are chains of their own, or of their test process where the reports name it.
    """
    requests = truth["requests"]
    aside = _overlap(requests) or any(request.get("worker") for request in requests)
    if not aside:
        return [""] * len(requests)
    of_test: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for request in requests:
        of_test[request["test"]].append(request)
    at_once = {test for test, mine in of_test.items() if _overlap(mine)}
    named = {name_of(result.test) for part in evidence.parts for result in part.results if result.worker}
    return [
        None
        if request["test"] in at_once
        else request["worker"]
        if request.get("worker") and name_of(request["test"]) in named
        else request["test"]
        for request in requests
    ]


def _overlap(requests: Iterable[dict[str, Any]]) -> bool:
    until = float("-inf")
    for request in sorted(requests, key=lambda each: float(each["sent"])):
        if request["sent"] < until:
            return True
        until = max(until, request["received"])
    return False
