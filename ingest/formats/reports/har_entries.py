"""One entry of a HAR: a request with its start and its duration, as browsers, Playwright and proxies write it.

The step stands at the end of the request, where every other client tells of it too: start and `time` make it exact, and
`duration_us` leads back to the start.
"""

from __future__ import annotations

from ingest.formats import stamps
from ingest.formats.client_logs.http_trace import keys_in, split_url
from ingest.formats.reports.report_values import MILLI, Object, an_object, later, objects, span, text, whole
from triage.core.records import Request, Step

URL = 8_000
HEADERS = 200
TOLD = ("request-id", "correlation-id", "traceparent", "postman-token", "date")  # ends of names of exact keys


def step_of(entry: Object, line: int, test: str | None = None) -> Step | None:
    """The request of a HAR entry; None where it has neither method nor URL."""
    asked, answered = an_object(entry.get("request")), an_object(entry.get("response"))
    method, url = text(asked.get("method"), 40).upper(), text(asked.get("url"), URL)
    if not method or not url.startswith(("http://", "https://", "/")):
        return None
    target, path, query = split_url(url)
    status = whole(answered.get("status"), 999) or None  # 0 and -1: never answered
    read = stamps.iso(text(entry.get("startedDateTime"), 80))
    took = span(entry.get("time"), MILLI)
    ended = later(read[0], took) if read else None
    content = an_object(answered.get("content"))
    keys = [key for part in (asked, answered) for each in objects(part.get("headers"), HEADERS) for key in _key(each)]
    said = f"{method} {url} → {status if status is not None else 'no answer'}"
    if took is not None:
        said += f" ({took / MILLI:.1f} ms)"
    failed = text(answered.get("_failureText") or entry.get("_error") or answered.get("_error"), 500)
    return Step(
        line=line,
        raw=said,
        text=f"{said} {failed}".rstrip(),
        stamp=ended or (read[0] if read else None),
        test=test,
        request=Request(
            method=method,
            path=path,
            query=query,
            status=status,
            size=whole(content.get("size"), 1 << 40),
            duration_us=took,
            target=target,
            ended=status is not None and ended is not None,
        ),
        level="error" if failed else "",
        keys=tuple(dict.fromkeys(keys)),
    )


def _key(header: Object) -> tuple[tuple[str, str], ...]:
    name = text(header.get("name") or header.get("key"), 100)
    return keys_in(f"{name}: {text(header.get('value'), 300)}") if name.lower().endswith(TOLD) else ()
