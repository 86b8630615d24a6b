"""Playwright traces: what the browser or the API client did, with the times of a monotonic clock tied to a wall clock.

`trace.zip` holds `*.trace` (calls, in the test's words) and `*.network` (requests, as HAR entries); an archive gives
both as one part. The network tells the requests; a call tells one only where no network entry does.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator

import msgspec

from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.client_logs.log_json import decode
from ingest.formats.reports.har_entries import step_of
from ingest.formats.reports.playwright_calls import Clock, calls, settled
from ingest.formats.reports.report_values import an_object
from ingest.formats.reports.reportlog import byte_lines
from triage.core.records import Record, Request, Side, Step, Unparsed

NAME = "playwright-trace"
TITLE = "Playwright trace"
SIDE = Side.TESTS
DOCUMENT = True  # one file is one report, whatever logs stand in it
SAMPLES = (
    '{"version":10,"type":"context-options","origin":"library","browserName":"","playwrightVersion":"1.65.1",'
    '"wallTime":1795415402919,"monotonicTime":1224.474,"title":"cars.spec.js:8 \u203a missing car"}\n'
    '{"type":"before","callId":"fvdt@128","startTime":1225.774,"class":"APIRequestContext","method":"fetch","params":'
    '{"url":"/cars/swift","method":"GET"}}\n'
    '{"type":"log","callId":"fvdt@128","time":1226.278,"message":"→ GET http://127.0.0.1:5055/cars/swift"}\n'
    '{"type":"after","callId":"fvdt@128","endTime":1228.508,"result":{"response":{"url":'
    '"http://127.0.0.1:5055/cars/swift","status":200,"headers":[]}}}\n'
    '{"type":"resource-snapshot","snapshot":{"startedDateTime":"2026-11-23T06:30:02.920Z","time":2.143,"request":'
    '{"method":"GET","url":"http://127.0.0.1:5055/cars/swift","headers":[]},"response":{"status":200,"headers":[]}}}\n',
)

LINE = 8 << 20  # bytes of one event; a snapshot of a page is not needed
STEPS = 200_000  # held until the network is known
NEAR_US = 50_000  # between the end of a call and of its request
KINDS = ('"type":"context-options"', '"type":"before"', '"type":"after"', '"type":"resource-snapshot"', '"type":"log"',
         '"type":"event"', '"type":"console"', '"type":"frame-snapshot"', '"type":"screencast-frame"')  # fmt: skip


def recognises(head: Head) -> Recognition | None:
    """By the types of its events."""
    lines = [line for line in head.lines if line.strip()]
    ours = sum(1 for line in lines if line.startswith('{"') and any(kind in line[:4000] for kind in KINDS))
    telling = any(KINDS[0] in line or KINDS[3] in line[:100] for line in lines)
    if not ours or not telling:
        return None
    return Recognition(0.99 * ours / len(lines), f"{ours} of {len(lines)} lines are events of a Playwright trace")


def parse(source: Source, context: Context) -> Iterator[Record]:
    """Calls and requests by their time. Never raises on content."""
    clock = Clock()
    found: list[Step] = []
    network: list[Step] = []
    for line, data, _ in byte_lines(source.blocks(), LINE):
        if not data.strip():
            continue
        event = decode(data)
        kind = event.get("type") if event is not None else None
        if event is None or not isinstance(kind, str):
            yield Unparsed(line, data[:LINE_LIMIT].decode("utf-8", "replace").replace("\0", "\u2400"))
        elif kind == "resource-snapshot":
            step = step_of(an_object(event.get("snapshot")), line)
            if step is not None and len(network) < STEPS:
                network.append(step)
        elif len(found) < STEPS:
            found += calls(line, kind, event, clock)
    found += settled(clock)
    yield from clock.facts()
    test = clock.title or None  # the test runner's own file does not tell it
    told = [msgspec.structs.replace(step, test=test) for step in _without(found, network)]
    yield from _in_order(told, [msgspec.structs.replace(step, test=test) for step in network])


def _without(found: list[Step], network: list[Step]) -> list[Step]:
    """Calls, of which those lose their request that the network tells."""
    ends: defaultdict[tuple[str, str], deque[int]] = defaultdict(deque)
    for step in sorted(filter(_asks, network), key=_time):
        ends[_asked(step)].append(_time(step))
    told = {id(step) for step in sorted(filter(_asks, found), key=_time) if _is_told(step, ends)}
    return [msgspec.structs.replace(step, request=None) if id(step) in told else step for step in found]


def _is_told(step: Step, ends: defaultdict[tuple[str, str], deque[int]]) -> bool:
    """Steps come by their time, so an end that is too early for one is too early for all behind it."""
    times, at = ends[_asked(step)], _time(step)
    while times and times[0] < at - NEAR_US:
        times.popleft()
    if not times or times[0] > at + NEAR_US:
        return False
    times.popleft()
    return True


def _asks(step: Step) -> bool:
    return step.request is not None and step.stamp is not None


def _asked(step: Step) -> tuple[str, str]:
    request = step.request or Request()
    return request.method or "", request.path or ""


def _time(step: Step) -> int:
    return step.stamp.us if step.stamp is not None else 0


def _in_order(found: list[Step], network: list[Step]) -> Iterator[Step]:
    """By time; what has none stays behind what came before it."""
    keyed: list[tuple[int, Step]] = []
    for steps in (network, found):
        last = 0
        for step in steps:
            last = step.stamp.us if step.stamp is not None else last
            keyed.append((last, step))
    yield from (step for _, step in sorted(keyed, key=lambda pair: pair[0]))
