"""What newman prints of a Postman collection's run: items with their requests, assertions with a tick or a number."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from ingest.formats import ansi
from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.client_logs.client_steps import Place, StepReader
from triage.core.records import Outcome, Record, Side, Step, TestResult, Unparsed

NAME = "newman-cli"
TITLE = "newman (Postman) console output"
SIDE = Side.TESTS
SAMPLES = (
    """\
newman

cars

→ add car
  POST http://127.0.0.1:5065/cars/add [201 CREATED, 232B, 101ms]
  ✓  status 201

❏ folder
↳ read missing
  GET http://127.0.0.1:5065/cars/none?q=1 [404 NOT FOUND, 245B, 15ms]
  1. status 200

┌─────────────────────────┬───────────────────┬──────────────────┐
│                         │          executed │           failed │
└─────────────────────────┴───────────────────┴──────────────────┘
""",
)

ITEM = re.compile(r"^(?:→|↳) (?P<name>\S.{0,1000}?)$")
FOLDER = re.compile(r"^❏ (?P<name>\S.{0,1000}?)$")
ITERATION = re.compile(r"^Iteration (?P<n>\d{1,9})/\d{1,9}$")
REQUEST = re.compile(r"^  (?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S{1,4000} (?: ?|\[.{1,200}\])$")
PASSED = re.compile(r"^  (?:✓|√) {1,4}(?P<name>\S.{0,1000})$")
FAILED = re.compile(r"^ {1,4}\d{1,6}\. (?P<name>\S.{0,1000})$")
AGAIN = re.compile(r"^(?: {1,4}(?:#|\d{1,6}\.) {1,4}| {5})")  # behind the table every failure is told once more
ERRORED = "[errored]"
FRAME = "┌├└│"
DETAIL_LINES = 40


class _Item(msgspec.Struct):
    """One request of the collection and its assertions."""

    test: str
    line: int
    attempt: int = 1
    failed: list[str] = msgspec.field(default_factory=list)
    checked: int = 0


def recognises(head: Head) -> Recognition | None:
    """By items that a request follows."""
    items = requests = 0
    for text in head.lines:
        items += ITEM.match(text) is not None
        requests += REQUEST.match(text) is not None
    if not items or not requests:
        return None
    sure = any(text.strip() == "newman" for text in head.lines[:400])
    return Recognition(0.98 if sure else 0.8, f"{items} items of a Postman collection with {requests} requests")


def parse(source: Source, context: Context) -> Iterator[Record]:
    """A step a request and an assertion, a result an item. Never raises on content."""
    steps = StepReader()
    item: _Item | None = None
    place = Place()
    folder = ""
    attempt = 1
    named = begun = ended = False  # its own name and the collection's stand before the first item
    for line, raw in source.lines():
        text = ansi.strip(raw).rstrip()
        if not text.strip() or (begun and text.lstrip()[:1] in FRAME):
            ended = ended or text.startswith("┌─")
            continue
        if ended:
            if not AGAIN.match(text):
                yield Unparsed(line, raw)
            continue
        found = ITEM.match(text)
        if found is not None or FOLDER.match(text) or ITERATION.match(text):
            yield from steps.flush()
            if item is not None:
                yield _result(item)
            item, begun = None, True
        if found is not None:
            name = f"{folder} / {found['name']}" if folder and text.startswith("↳") else found["name"]
            item, place = _Item(name, line, attempt), Place(test=name, phase="call")
        elif box := FOLDER.match(text):
            folder = box["name"]
        elif turn := ITERATION.match(text):
            attempt, folder = int(turn["n"]), ""
        elif item is None:
            named = named or text.strip() == "newman"
            if begun or not named:
                yield Unparsed(line, raw)
        else:
            yield from _line(item, steps, place, line, ansi.strip(raw))
    yield from steps.flush()
    if item is not None:
        yield _result(item)


def _line(item: _Item, steps: StepReader, place: Place, line: int, text: str) -> Iterator[Step]:
    mark = ""
    if told := PASSED.match(text):
        mark = "pass"
        item.checked += 1
    elif told := FAILED.match(text):
        mark = "fail"
        if len(item.failed) < DETAIL_LINES:
            item.failed.append(told["name"].strip())
    if text.endswith(ERRORED) and REQUEST.match(text):
        item.failed.append("the request got no answer")
    if not mark or told is None:
        yield from steps.feed(line, text, place)
        return
    yield from steps.flush()
    yield Step(line=line, raw=text, text=told["name"].strip(), test=item.test, phase="call", mark=mark)


def _result(item: _Item) -> TestResult:
    return TestResult(
        test=item.test,
        outcome=Outcome.FAILED if item.failed else Outcome.PASSED,
        message=item.failed[0] if item.failed else "",
        detail="\n".join(item.failed),
        phase="call",
        attempt=item.attempt,
        line=item.line,
    )
