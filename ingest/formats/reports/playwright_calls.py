"""The calls of a Playwright trace as steps: what was called with what, when it ended, and what it failed with."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ingest.formats import ansi
from ingest.formats.base import LINE_LIMIT
from ingest.formats.client_logs.client_steps import mark_in
from ingest.formats.client_logs.http_trace import keys_in, split_url
from ingest.formats.reports.report_values import MILLI, Object, an_object, objects, span, text, whole, within
from triage.core.records import Fact, Request, Stamp, Step

OPEN = 10_000  # calls under way at once
ARGUMENTS = ("url", "selector", "expression", "value", "text", "key", "name")
ARROW = " \u203a "  # between a file, its groups and a test
VERBS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"))


class Call(msgspec.Struct):
    line: int
    began: Stamp | None
    said: str
    asked: Request | None
    runner: bool  # told by the test runner: the same call is told again by the library


class Clock:
    """Ties the trace's own times to the wall clock, and holds the calls that have not ended."""

    def __init__(self) -> None:
        self._wall_us: int | None = None
        self._monotonic_us = 0
        self._started: list[tuple[int, int]] = []
        self.title = ""
        self.runner = False
        self.open: dict[str, Call] = {}

    def options(self, line: int, event: Object) -> None:
        """A new file begins."""
        self._wall_us = span(event.get("wallTime"), MILLI)
        self._monotonic_us = span(event.get("monotonicTime"), MILLI) or 0
        self.runner = event.get("origin") == "testRunner"
        self.title = self.title or named(text(event.get("title"), 2000))
        if self._wall_us:
            self._started.append((self._wall_us, line))

    def at(self, told: object) -> Stamp | None:
        """The wall clock at that time of the trace: to the millisecond, because it is tied by one."""
        us = span(told, MILLI)
        if us is None or self._wall_us is None:
            return None
        return Stamp(self._wall_us + us - self._monotonic_us, True, MILLI)

    def facts(self) -> Iterator[Fact]:
        if self._started:
            at, line = min(self._started)
            yield Fact(name="session_started_us", value=str(at), line=line)


def calls(line: int, kind: str, event: Object, clock: Clock) -> list[Step]:
    """The steps that this event completes."""
    if kind == "context-options":
        ended = list(settled(clock))
        clock.options(line, event)
        return ended
    if kind == "before":
        identity = text(event.get("callId"), 200)
        if identity and len(clock.open) < OPEN:
            clock.open[identity] = _call(line, event, clock)
        return []
    if kind == "after":
        call = clock.open.pop(text(event.get("callId"), 200), None)
        return [_ended(call, event, clock)] if call is not None else []
    if kind in ("console", "stdout", "stderr"):
        return _printed(line, kind, event, clock)
    if kind == "error":
        message = ansi.strip(text(event.get("message"), LINE_LIMIT))
        return [Step(line=line, raw=message, text=message, test=clock.title or None, level="error", mark="fail")]
    return []


def settled(clock: Clock) -> Iterator[Step]:
    """Calls that never ended."""
    for call in clock.open.values():
        yield Step(line=call.line, raw=call.said, text=call.said, stamp=call.began, test=clock.title or None)
    clock.open.clear()


def _call(line: int, event: Object, clock: Clock) -> Call:
    params = an_object(event.get("params"))
    what = ".".join(filter(None, (text(event.get("class"), 100), text(event.get("method"), 100))))
    title = " ".join(filter(None, (text(event.get("title")), text(event.get("subtitle")))))
    values = " ".join(f"{name}={text(params.get(name), 500)}" for name in ARGUMENTS if text(params.get(name)))
    asked = None
    if what == "APIRequestContext.fetch" and text(params.get("url")):
        target, path, query = split_url(text(params.get("url"), 8000))
        method = text(params.get("method"), 10).upper() or "GET"
        asked = Request(method=method if method in VERBS else "GET", path=path, query=query, target=target)
        values = f"{asked.method} {text(params.get('url'), 2000)}"
    return Call(line, clock.at(event.get("startTime")), title or f"{what} {values}".strip(), asked, clock.runner)


def _ended(call: Call, event: Object, clock: Clock) -> Step:
    ended = clock.at(event.get("endTime"))
    response = an_object(an_object(event.get("result")).get("response"))
    request = call.asked
    if request is not None and not call.runner:
        target, path, query = split_url(text(response.get("url"), 8000)) if text(response.get("url")) else ("", "", "")
        status = whole(response.get("status"), 999) or None
        request = Request(
            method=request.method,
            path=path or request.path,
            query=query or request.query,
            status=status,
            duration_us=ended.us - call.began.us if ended and call.began else None,
            target=target or request.target,
            ended=status is not None,
        )
    error = an_object(event.get("error"))
    message = ansi.strip(text(error.get("message") or an_object(error.get("error")).get("message"), LINE_LIMIT))
    said = f"{call.said}: {message}" if message else call.said
    headers = (
        f"{text(each.get('name'), 100)}: {text(each.get('value'), 300)}"
        for each in objects(response.get("headers"), 100)
    )
    return Step(
        line=call.line,
        raw=said[:LINE_LIMIT],
        text=said[:LINE_LIMIT],
        stamp=ended if request is not None else within(call.began, None),
        test=clock.title or None,
        request=request,
        level="error" if message else "",
        mark="fail" if message else "",
        keys=tuple(dict.fromkeys(key for each in headers for key in keys_in(each))),
        after=ended,
    )


def _printed(line: int, kind: str, event: Object, clock: Clock) -> list[Step]:
    stamp = clock.at(event.get("timestamp") if kind != "console" else event.get("time"))
    said = text(event.get("text"), LINE_LIMIT).rstrip("\n")
    level = {"error": "error", "warning": "warning"}.get(text(event.get("messageType"), 20), "")
    return [
        Step(
            line=line,
            raw=each,
            text=ansi.strip(each),
            stamp=stamp,
            test=clock.title or None,
            level=level,
            mark=mark_in(each),
            keys=keys_in(each),
        )
        for each in said.split("\n")[:1000]
        if each.strip()
    ]


def named(title: str) -> str:
    """`cars.spec.js:8 > cars api > missing car` (with its own arrows) as the report names it, joined by `::`."""
    first, *names = title.split(ARROW)
    file = first.rpartition(":")
    return "::".join((file[0] if file[2].isdigit() else first, *names))
