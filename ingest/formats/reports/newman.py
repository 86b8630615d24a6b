"""newman's JSON report (`-r json`): every request of a Postman collection with its answer and its assertions.

It tells when the run began and ended and how long each answer took, but not when: `Date` headers and Postman-Tokens do.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.client_logs.http_trace import keys_in, split_url
from ingest.formats.client_logs.log_json import decode
from ingest.formats.reports.json_stream import Faulty, values
from ingest.formats.reports.report_values import MILLI, Object, an_object, epoch, first_line, objects, span, text, whole
from triage.core.records import Fact, Outcome, Record, Request, Side, Stamp, Step, TestResult, Unparsed

NAME = "newman-json"
TITLE = "newman JSON report (Postman)"
SIDE = Side.TESTS
DOCUMENT = True  # one file is one report, whatever logs stand in it
SAMPLES = (
    '{"collection": {"item": []}, "run": {"stats": {"requests": {"total": 1}}, "timings": {"started": 1795415363962, '
    '"completed": 1795415364107}, "executions": [{"cursor": {"iteration": 0}, "item": {"name": "list cars"}, '
    '"request": {"method": "GET", "url": {"protocol": "http", "host": ["127", "0", "0", "1"], "port": "5055", "path": '
    '["cars"], "query": [{"key": "page", "value": "1"}]}, "header": [{"key": "Postman-Token", "value": '
    '"5cd82749-5e09-44b3-ab1f-944d8101a9b3"}]}, "response": {"code": 200, "responseTime": 16, "responseSize": 239, '
    '"header": [{"key": "Date", "value": "Mon, 23 Nov 2026 06:29:23 GMT"}]}, "assertions": [{"assertion": "has three", '
    '"error": {"name": "AssertionError", "message": "expected 14 to deeply equal 3"}}]}], "failures": []}}',
)

INTO = ((), ("run",), ("run", "executions"))
TOLD = ("postman-token", "date", "request-id", "traceparent")


def recognises(head: Head) -> Recognition | None:
    """By its collection and run; a collection alone is none."""
    start = head.data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"{") or b'"collection"' not in start[:200]:
        return None
    if b'"run"' in start and b'"executions"' in start:
        return Recognition(0.99, "a JSON object with collection, run and executions, as newman reports")
    if b'"_postman' in start[:20_000] or b'"exec"' in start:
        return Recognition(0.6, "a long JSON object that begins as newman's report does")
    return None


def parse(source: Source, context: Context) -> Iterator[Record]:
    """Each request as a step and each of its assertions as a test. Never raises on content."""
    ended: Stamp | None = None
    for value in values(source.blocks(), INTO):
        if isinstance(value, Faulty):
            yield Fact(name="problem", value=value.problem, line=value.line)
        elif value.path == ("run", "timings"):
            timings = decode(value.data) or {}
            began, ended = epoch(timings.get("started")), epoch(timings.get("completed"))
            if began is not None:
                yield Fact(name="session_started_us", value=str(began.us), line=value.line)
                if ended is not None and ended.us >= began.us:
                    yield Fact(name="session_duration_us", value=str(ended.us - began.us), line=value.line)
        elif value.path == ("run", "executions", "*"):
            execution = decode(value.data) if value.whole else None
            if execution is None or not isinstance(execution.get("request"), dict):
                yield Unparsed(value.line, value.data[:LINE_LIMIT].decode("utf-8", "replace").replace("\0", "\u2400"))
                continue
            name = text(an_object(execution.get("item")).get("name"), 1000) or "(no name)"
            yield _step(value.line, name, execution, ended)
            yield from _results(value.line, name, execution)


def _step(line: int, name: str, execution: Object, ended: Stamp | None) -> Step:
    asked, answered = an_object(execution.get("request")), an_object(execution.get("response"))
    target, path, query = split_url(_url(asked.get("url")))
    status, took = whole(answered.get("code"), 999) or None, span(answered.get("responseTime"), MILLI)
    method = text(asked.get("method"), 40).upper()
    error = text(an_object(execution.get("requestError")).get("code") or execution.get("requestError"), 500)
    headers = (*objects(asked.get("header"), 200), *objects(answered.get("header"), 200))
    keys = [key for each in headers for key in _key(each)]
    said = f"{name}: {method} {target}{path}{'?' + query if query else ''} → {status or error or 'no answer'}"
    return Step(
        line=line,
        raw=said,
        text=said,
        test=name,
        level="error" if error else "",
        request=Request(
            method=method or None,
            path=path,
            query=query,
            status=status,
            size=whole(answered.get("responseSize"), 1 << 40),
            duration_us=took,
            target=target,
            ended=status is not None,
        ),
        mark="fail" if error else "",
        keys=tuple(dict.fromkeys(keys)),
        after=ended,
    )


def _results(line: int, name: str, execution: Object) -> Iterator[TestResult]:
    """One result a request: failed where any assertion failed. Each iteration of the collection is an attempt."""
    errors = [
        an_object(each.get("error")) for each in objects(execution.get("assertions"), 10_000) if each.get("error")
    ]
    refused = an_object(execution.get("requestError"))
    messages = [f"{text(each.get('test'), 500)}: {text(each.get('message'))}" for each in errors]
    messages += [f"{text(refused.get('code'), 100)} {text(refused.get('message'))}".strip()] if refused else []
    number = (whole(an_object(execution.get("cursor")).get("iteration"), 1_000_000) or 0) + 1
    outcome = Outcome.ERROR if refused else Outcome.FAILED if errors else Outcome.PASSED
    yield TestResult(
        test=name,
        outcome=outcome,
        message=first_line(messages[0]) if messages else "",
        detail="\n".join([*messages, *(text(each.get("stack"), LINE_LIMIT) for each in errors)])[:LINE_LIMIT],
        duration_us=span(an_object(execution.get("response")).get("responseTime"), MILLI),
        attempt=number,
        line=line,
        lossy=True,
    )


def _url(told: object) -> str:
    """A URL as text or in its parts."""
    if isinstance(told, str):
        return told[:8000]
    url = an_object(told)
    host, path = url.get("host"), url.get("path")
    name = ".".join(text(each, 300) for each in host[:50]) if isinstance(host, list) else text(host, 300)
    port = f":{text(url.get('port'), 10)}" if text(url.get("port"), 10) else ""
    way = "/".join(text(each, 1000) for each in path[:200]) if isinstance(path, list) else text(path).lstrip("/")
    pairs = [(text(each.get("key"), 300), text(each.get("value"), 1000)) for each in objects(url.get("query"), 200)
             if not each.get("disabled")]  # fmt: skip
    query = "&".join(f"{key}={value}" if value else key for key, value in pairs)
    return f"{text(url.get('protocol'), 10) or 'http'}://{name}{port}/{way}{'?' + query if query else ''}"


def _key(header: Object) -> tuple[tuple[str, str], ...]:
    name = text(header.get("key"), 100)
    return keys_in(f"{name}: {text(header.get('value'), 300)}") if name.lower().endswith(TOLD) else ()
