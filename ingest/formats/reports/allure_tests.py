"""The results of one Allure run as tests in their order: attempts counted, fixtures and attachments put in place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from ingest.formats.base import LINE_LIMIT
from ingest.formats.client_logs.log_json import decode
from ingest.formats.reports.allure_steps import STREAMS, Around, Owner, file_of, steps_of
from ingest.formats.reports.report_values import (
    TEST_NAME,
    Object,
    an_object,
    detail_of,
    epoch,
    failure_of,
    first_line,
    objects,
    text,
)
from triage.core.records import Fact, Outcome, Record, TestResult

CONTAINERS = 200_000
TEXTS = 64 << 20  # characters of attachments that are held
STATUS = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "broken": Outcome.FAILED,  # any exception but an assertion's
    "skipped": Outcome.SKIPPED,
    "unknown": Outcome.ERROR,
}
FAILING = (Outcome.FAILED, Outcome.ERROR)
THREAD = re.compile(r"^(\d{1,10})-")  # 31127-MainThread
WORKER = re.compile(r"\bgw\d{1,4}\b")


class Held(msgspec.Struct, frozen=True):
    """A result until all are known."""

    start_us: int
    stop_us: int
    line: int
    uuid: str
    history: str
    data: bytes


class Gathering:
    """All that the lines told, in memory."""

    def __init__(self) -> None:
        self.results: list[Held] = []
        self.texts: dict[str, str] = {}
        self.fixtures: defaultdict[str, list[Object]] = defaultdict(list)  # containers by the result they are about
        self._room = TEXTS
        self._logs: dict[tuple[str, str], str] = {}  # what the last attempt at a test had logged

    def attachment(self, name: str, content: str) -> None:
        if name and len(content) <= self._room:
            self._room -= len(content)
            self.texts[name] = content

    def fresh(self, history: str, name: str, content: str) -> str:
        """What this attempt added: pytest shows the log of the attempts before it again."""
        before = self._logs.get((history, name), "")
        self._logs[history, name] = content
        return content[len(before) :] if before and content.startswith(before) else content

    def container(self, told: Object) -> None:
        children = told.get("children")
        if not isinstance(children, list) or not (told.get("befores") or told.get("afters")):
            return
        for child in children[:10_000]:
            if isinstance(child, str) and len(self.fixtures) < CONTAINERS:
                self.fixtures[child].append(told)

    def result(self, line: int, data: bytes, told: Object) -> None:
        began, ended = epoch(told.get("start")), epoch(told.get("stop"))
        history = text(told.get("historyId"), 200) or text(told.get("fullName")) + text(told.get("name"))
        start = began.us if began else 0
        self.results.append(Held(start, ended.us if ended else start, line, text(told.get("uuid"), 200), history, data))


def records_of(gathering: Gathering) -> Iterator[Record]:
    """All tests by their start. What several tests share is set up with the first of them, torn down with the last."""
    held = sorted(gathering.results, key=lambda each: (each.start_us, each.stop_us, each.uuid))
    timed = [each for each in held if each.start_us]
    if timed:
        yield Fact(name="session_started_us", value=str(timed[0].start_us), line=timed[0].line)
    left: dict[str, int] = defaultdict(int)
    for each in held:
        left[each.history] += 1
    attempts: dict[str, int] = defaultdict(int)
    threads: set[str] = set()
    first: dict[int, str] = {}  # by container: the results that began first and last of those it is about
    last: dict[int, str] = {}
    for each in held:
        for container in gathering.fixtures.get(each.uuid, ()):
            first.setdefault(id(container), each.uuid)
            last[id(container)] = each.uuid
    for each in held:
        result = decode(each.data) or {}
        attempts[each.history] += 1
        left[each.history] -= 1
        own = gathering.fixtures.get(each.uuid, [])
        around = Around(
            [one for one in own if first[id(one)] == each.uuid], [one for one in own if last[id(one)] == each.uuid]
        )
        yield from _test(each, result, own, around, attempts[each.history], bool(left[each.history]), gathering)
        threads.add(_labels(result).get("thread", ""))
    workers = {found[0] for each in threads if (found := WORKER.search(each))}
    pids = {found[1] for each in threads if (found := THREAD.match(each))}
    if len(workers) > 1 or len(pids) > 1:
        yield Fact(name="xdist_workers", value=str(max(len(workers), len(pids))))


def _test(
    held: Held, result: Object, own: list[Object], around: Around, attempt: int, again: bool, all_: Gathering
) -> Iterator[Record]:
    name, lossy = node_id(result)
    labels = _labels(result)
    thread = THREAD.match(labels.get("thread", ""))
    worker = WORKER.search(labels.get("thread", ""))
    owner = Owner(held.line, name, worker[0] if worker else "", int(thread[1]) if thread else None)
    details = an_object(result.get("statusDetails"))
    message, trace = text(details.get("message"), 16 * LINE_LIMIT), text(details.get("trace"), 64 * LINE_LIMIT)
    outcome, phase = _outcome(result, own, message)
    if again and outcome in FAILING:
        outcome = Outcome.RERUN
    began, ended = epoch(result.get("start")), epoch(result.get("stop"))
    stops = [stop for each in (result, *around.after) if (stop := epoch(each.get("stop"))) is not None]
    owner.over = max(stops, key=lambda stop: stop.us, default=None)
    streams = _streams(result, held.history, all_)
    yield from steps_of(owner, result, around, all_.texts, streams, failure_of(trace))
    if message.startswith(("XFAIL ", "XPASS ")):
        message = message[6:]
    yield TestResult(
        test=name,
        outcome=outcome,
        message="" if outcome is Outcome.PASSED else first_line(message.removeprefix("Skipped: ")),
        detail=failure_of(detail_of(message, trace)).detail.text()[:LINE_LIMIT],
        phase=phase,
        started=began,
        stopped=ended,
        duration_us=ended.us - began.us if began and ended and ended.us >= began.us else None,
        worker=owner.worker,
        attempt=attempt,
        line=held.line,
        lossy=lossy,
    )


def _streams(result: Object, history: str, all_: Gathering) -> dict[str, str]:
    """What pytest captured, by the name of the stream."""
    found = {}
    for each in objects(result.get("attachments"), 200):
        name = text(each.get("name"), 200).lower()
        if name in STREAMS:
            found[name] = all_.fresh(history, name, all_.texts.get(file_of(each), ""))
    return found


def _outcome(result: Object, fixtures: list[Object], message: str) -> tuple[Outcome, str]:
    """What came of it, and in which phase: a test that a fixture broke is said to be broken as any other."""
    outcome = STATUS.get(text(result.get("status")).lower(), Outcome.ERROR)
    if outcome is Outcome.SKIPPED and message.startswith("XFAIL"):
        return Outcome.XFAILED, "call"
    if outcome is Outcome.PASSED and message.startswith("XPASS"):
        return Outcome.XPASSED, "call"
    if outcome is Outcome.FAILED:
        for kind, phase in (("befores", "setup"), ("afters", "teardown")):
            for container in fixtures:
                for fixture in objects(container.get(kind)):
                    said = text(an_object(fixture.get("statusDetails")).get("message"), 16 * LINE_LIMIT)
                    if fixture.get("status") in ("failed", "broken") and said.strip() == message.strip():
                        return Outcome.ERROR, phase
    return outcome, "call" if outcome is not Outcome.SKIPPED else ""


def _labels(result: Object) -> dict[str, str]:
    return {text(each.get("name"), 100): text(each.get("value"), 1000) for each in objects(result.get("labels"), 200)}


def node_id(result: Object) -> tuple[str, bool]:
    """(node id, whether it was put together). pytest's file stands in titlePath, in older versions in labels only."""
    name, full = text(result.get("name"), TEST_NAME), text(result.get("fullName"), TEST_NAME)
    module, sign, function = full.rpartition("#")
    labels = _labels(result)
    path = result.get("titlePath")
    if not sign or labels.get("framework", "pytest") != "pytest" or not re.fullmatch(r"[\w.]{1,1000}", module):
        return full or name, True
    parts = [text(each) for each in path] if isinstance(path, list) else []
    files = [n for n, each in enumerate(parts) if each.endswith(".py")]
    if files:
        file, classes = "/".join(parts[: files[0] + 1]), parts[files[0] + 1 :]
    else:
        package = labels.get("package") or module
        file = package.replace(".", "/") + ".py"
        inner = module[len(package) :].strip(".") if module.startswith(package) else labels.get("subSuite", "")
        classes = [each for each in inner.split(".") if each]
    if name.startswith(function) and name[len(function) :][:1] in ("", "["):
        return "::".join((file, *classes, name)), not files
    values = [text(each.get("value")).strip("'\"") for each in objects(result.get("parameters"), 20)]
    # a title in place of the name: the parameters are known, not the id that pytest made of them
    identity = f"{function}[{'-'.join(values)}]" if values else function
    return "::".join((file, *classes, identity))[:TEST_NAME], True
