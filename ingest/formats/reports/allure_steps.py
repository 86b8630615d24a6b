"""The steps of one Allure result: fixtures before, nested steps with their times, what was logged, fixtures after.

The log of a test tells its requests exactly but without times, its steps have times. Where both tell of the same
request it is told once, by the step.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

import msgspec

from ingest.formats.base import LINE_LIMIT
from ingest.formats.client_logs import log_line
from ingest.formats.client_logs.client_steps import Place, StepReader, Told, library_request, mark_in
from ingest.formats.client_logs.http_trace import keys_in, request_in
from ingest.formats.pytest_terminal.failure import Failure
from ingest.formats.reports.report_values import Object, epoch, objects, text, within
from triage.core.records import Request, Stamp, Step

STEPS = 20_000  # of one test
DEEP = 40
SHOWN = 2_000  # characters shown of an attachment that is no log
STREAMS = {"log": True, "stdout": False, "stderr": False}  # whether it is a stream of log records
FAILED = ("failed", "broken")
FINALIZER = "::<lambda>"  # pytest's own, of no test's making


class Owner(msgspec.Struct):
    """The test that steps belong to."""

    line: int
    test: str
    worker: str
    pid: int | None
    over: Stamp | None = None  # when its last fixture had ended: the latest time of what it logged


class Around(msgspec.Struct, frozen=True):
    """The containers whose fixtures were set up before the test, and those torn down after it."""

    before: Sequence[Object]
    after: Sequence[Object]


def steps_of(
    owner: Owner,
    result: Object,
    around: Around,
    texts: Mapping[str, str],
    streams: Mapping[str, str],
    failure: Failure,
) -> Iterator[Step]:
    """In the order of their starts, what has no time behind what the test did."""
    ended = epoch(result.get("stop"))
    before = [step for each in around.before for step in _walk(owner, objects(each.get("befores")), "setup", texts)]
    doing = _walk(owner, objects(result.get("steps")), "call", texts)
    logged = list(_logged(owner, streams))
    yield from sorted(before, key=_when)
    told, logged = _told_once(list(doing), logged)
    yield from told
    yield from logged
    shown = [each for each in objects(result.get("attachments"), 200) if text(each.get("name")).lower() not in STREAMS]
    yield from _shown(owner, {"attachments": shown, "stop": result.get("stop")}, "call", texts)
    if (request := failure.unanswered) is not None:
        yield Step(line=owner.line, raw=failure.message, text=failure.message, test=owner.test, phase="call",
                   worker=owner.worker, level="error", request=request, mark="fail", pid=owner.pid,
                   after=ended)  # fmt: skip
    after = [step for each in around.after for step in _walk(owner, objects(each.get("afters")), "teardown", texts)]
    yield from sorted(after, key=_when)


def _when(step: Step) -> int:
    return step.stamp.us if step.stamp is not None else step.after.us if step.after is not None else 0


def _told_once(doing: list[Step], logged: list[Step]) -> tuple[list[Step], list[Step]]:
    """A log that has requests has all of them, so a step that names one names it in other words. Where as many steps
    as log lines are of a request, each step gets its answer; else nobody can tell which is whose (a fixture may have
    asked the same), and the log alone tells them. A log line without a time came before the next that has one.
    """
    answers = [n for n, step in enumerate(logged) if step.request is not None and library_request(step.text)]
    if not answers:
        return doing, logged
    naming: defaultdict[Told, list[int]] = defaultdict(list)  # steps by the request that they name
    of: defaultdict[Told, list[int]] = defaultdict(list)  # log lines by their request
    for n in answers:
        of[_key(logged[n].request)].append(n)
    for n, step in enumerate(doing):
        key = next((key for key in of if _names(step.text, key)), None) if step.request is not None else None
        if key is not None:
            naming[key].append(n)
    told = [
        step if step.request is None or step.request.method is None else msgspec.structs.replace(step, request=None)
        for step in doing
    ]
    ends: dict[int, Stamp | None] = {}  # of the log lines whose request a step tells
    for key, places in naming.items():
        if len(places) != len(of[key]) or any(logged[n].stamp is not None for n in of[key]):
            continue
        for place, n in zip(places, of[key], strict=True):
            told[place] = msgspec.structs.replace(told[place], request=logged[n].request)
            ends[n] = doing[place].after
    return told, _bounded(logged, ends)


def _bounded(logged: list[Step], ends: Mapping[int, Stamp | None]) -> list[Step]:
    found = []
    latest: Stamp | None = None
    for n in reversed(range(len(logged))):
        step = logged[n]
        if n in ends:
            latest = ends[n] or latest
            step = msgspec.structs.replace(step, request=None)
        if latest is not None and step.stamp is None:
            step = msgspec.structs.replace(step, after=latest)
        found.append(step)
    return found[::-1]


def _key(request: Request | None) -> Told:
    return (request.method or "", request.path or "") if request is not None else ("", "")


def _names(said: str, key: Told) -> bool:
    """Whether a step's words are of that request: its method, and its path as a person writes it."""
    asked = request_in(said)
    if asked is None or asked.method != key[0]:
        return False
    path = unquote(key[1])
    place = said.find(path)
    return place >= 0 and said[place + len(path) : place + len(path) + 1] in (
        "",
        "?",
        " ",
        "'",
        '"',
        ",",
        ";",
        ")",
        ":",
    )


def _walk(owner: Owner, steps: Sequence[Object], phase: str, texts: Mapping[str, str], deep: int = 0) -> Iterator[Step]:
    """A step, then those inside it."""
    reader = StepReader() if deep == 0 else None
    for told in steps[:STEPS]:
        if deep == 0 and text(told.get("name")).endswith(FINALIZER):
            continue
        inner = objects(told.get("steps"), STEPS)
        found = [_step(owner, told, inner, phase)]
        found += _shown(owner, told, phase, texts)
        if deep < DEEP:
            found += _walk(owner, inner, phase, texts, deep + 1)
        if reader is None:
            yield from found
        else:
            for step in found:
                yield from reader.add(step)
    if reader is not None:
        yield from reader.flush()


def _step(owner: Owner, told: Object, inner: Sequence[Object], phase: str) -> Step:
    said = text(told.get("name"), LINE_LIMIT)
    began, ended = epoch(told.get("start")), epoch(told.get("stop"))
    request = request_in(said)
    values = ", ".join(
        f"{text(each.get('name'), 100)}={text(each.get('value'), 500)}" for each in objects(told.get("parameters"), 20)
    )
    failed = told.get("status") in FAILED and not any(each.get("status") in FAILED for each in inner)
    return Step(
        line=owner.line,
        raw=f"{said} ({values})" if values else said,
        text=said,
        stamp=within(began, ended) if request is not None and request.method is not None else began,
        test=owner.test,
        phase=phase,
        worker=owner.worker,
        request=request,
        mark="fail" if failed else mark_in(said),
        pid=owner.pid,
        keys=keys_in(said),
        after=ended,
    )


def _shown(owner: Owner, told: Object, phase: str, texts: Mapping[str, str]) -> list[Step]:
    """What a step attached, such as an answer's JSON, as the text of a step of its own."""
    ended = epoch(told.get("stop"))
    found = []
    for each in objects(told.get("attachments"), 100):
        content = texts.get(file_of(each), "")
        if content.strip():
            name = text(each.get("name"), 200)
            shown = f"{name}: {content.strip()[:SHOWN]}"
            found.append(
                Step(
                    line=owner.line,
                    raw=shown,
                    text=shown,
                    test=owner.test,
                    phase=phase,
                    worker=owner.worker,
                    pid=owner.pid,
                    keys=keys_in(shown),
                    after=ended,
                )
            )
    return found


def _logged(owner: Owner, streams: Mapping[str, str]) -> Iterator[Step]:
    """What pytest captured: the log first, because the library's lines in it are exact."""
    told: Counter[Told] = Counter()
    for name in STREAMS:
        content = streams.get(name, "")
        log = STREAMS[name]
        lines = content.split("\n")
        if log:
            told.update(filter(None, (library_request(line) for line in lines[:5000] if "HTTP" in line)))
        reader = StepReader(log_line.learn(lines[:200]) if log else log_line.PLAIN)
        place = Place(test=owner.test, worker=owner.worker, after=owner.over, log=log, told=None if log else told)
        for raw in lines:
            for step in reader.feed(owner.line, raw[:LINE_LIMIT], place):
                yield step if step.pid is not None else msgspec.structs.replace(step, pid=owner.pid)
        for step in reader.flush():
            yield step if step.pid is not None else msgspec.structs.replace(step, pid=owner.pid)


def file_of(attachment: Object) -> str:
    """The attachment's own name: a stranger's path, of which only the last word is looked up."""
    return text(attachment.get("source"), 1000).replace("\\", "/").rsplit("/", 1)[-1]
