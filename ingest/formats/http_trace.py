"""What HTTP client libraries and testers write of a request: one line in, the request and its exact keys out.

A `Request` with neither method nor path is no request of its own: only a target (a connection was opened) or only a
status (an answer was seen). Library lines are exact; free forms are read only where a method stands by a URL or path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from triage.core.records import SECOND, Request, micros

TEXT_LIMIT = 8192  # characters of one message that are searched
_METHOD = "(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE|CONNECT)"
_URL = r"""(?P<url>(?:https?://[^\s"'<>|,;)]{1,2000}|/[^\s"'<>|,;)]{0,2000}))"""

# http://127.0.0.1:5000 "POST /cars/add HTTP/1.1" 200 105
URLLIB3 = re.compile(
    r'(?P<scheme>https?)://(?P<host>\[[0-9a-fA-F:.%]{1,60}\]|[^\s/"\[\]]{1,253}?)(?::(?P<port>\d{1,5}|None))? '
    r'"(?P<method>[A-Z]{3,10}) (?P<url>\S{1,4000}) HTTP/[\d.]{1,3}" (?P<status>\d{3})(?: (?P<size>\d{1,18}|None))?'
)
# Starting new HTTP connection (1): 127.0.0.1:5000        Resetting dropped connection: 127.0.0.1
CONNECTING = re.compile(
    r"(?:Starting new HTTPS? connection \(\d{1,9}\)|Resetting dropped connection): (?P<target>\S{1,260})"
)
# HTTP Request: GET http://127.0.0.1:5000/cars?x=1 "HTTP/1.1 200 OK"
HTTPX = re.compile(r'HTTP Request: (?P<method>[A-Z]{3,10}) (?P<url>\S{1,4000}) "HTTP/[\d.]{1,3} (?P<status>\d{3})')
# send: b'GET /cars HTTP/1.1\r\nHost: 127.0.0.1:5000\r\n…       > GET /cars HTTP/1.1   (curl -v)
SENT = re.compile(r"""^(?:send: b['"]|> )(?P<method>[A-Z]{3,10}) (?P<url>\S{1,4000}) HTTP/[\d.]{1,3}""")
HOST_HEADER = re.compile(r"\\r\\nHost: (?P<target>[^\\\s]{1,260})")
# reply: 'HTTP/1.1 200 OK\r\n'                               < HTTP/1.1 200 OK      (curl -v)
REPLIED = re.compile(r"""^(?:reply: ['"]|< )HTTP/[\d.]{1,3} (?P<status>\d{3})\b""")
# HTTPConnectionPool(host='127.0.0.1', port=1): Max retries exceeded with url: /cars (Caused by NewConnectionError(…
POOL = re.compile(r"HTTPS?ConnectionPool\(host='(?P<host>[^']{1,260})', port=(?P<port>\d{1,5}|None)\): ")
POOL_URL = re.compile(r"with url: (?P<url>\S{1,2000})")
# POST /cars/add -> 200      GET http://127.0.0.1:5000/cars 200      [GET] /cars: 404      must not: "GETTING /cars"
FREE = re.compile(r"(?<![A-Za-z0-9_.])" + _METHOD + r"\]?(?: request)?(?: to| on| for| against)?:? {0,3}[\"'`]?" + _URL)
# GET of http://…: what follows the address in the free form, " -> 200", " 200", ": 404", " status=200", " returned 200"
ANSWER = re.compile(
    r"""^["'`)]?(?: HTTP/[\d.]{1,3}["']?)?[ ,;:|]{0,3}(?:[-=]{1,2}>|→|=>|:)? {0,3}"""
    r"""(?:returned|answered|got|gave|status(?:[ _]code)?|response|resp|code)?[ :=]{0,3}"""
    r"""[\[(<]{0,2}(?:Response ?\[)?(?P<status>[1-5]\d\d)(?![\d.])"""
)
# response: 200       status code: 404       <Response [200]>      must not: "took 200 ms"
STATUS = re.compile(
    r"(?i)(?:^|[\s,(\[<])(?:response(?: ?status)?(?: ?code)?|status[ _]?code|http status|status)"
    r"[ \[:=]{1,4}(?:is |was )?(?P<status>[1-5]\d\d)(?![\d.])"
)
# X-Request-ID: 7f3c…     'traceparent': '00-…-…-01'
REQUEST_ID = re.compile(
    r"""(?i)(?<![a-z0-9])(?:x[-_])?(?:request|correlation)[-_]?id["']?(?: header)?\s{0,2}[:=,]\s{0,2}b?["']?"""
    r"""(?P<value>[A-Za-z0-9][A-Za-z0-9_.:/+=-]{2,127})"""
)
TRACE = re.compile(r"(?<![0-9a-f-])[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-[0-9a-f]{2}(?![0-9a-f-])")
POSTMAN = re.compile(r"(?i)postman-token['\"]?\s{0,2}[:=,]\s{0,2}['\"]?(?P<value>[0-9a-f-]{36})")
# (b'Date', b'Mon, 23 Nov 2026 03:09:57 GMT')     header: Date: Mon, 23 Nov 2026 03:09:57 GMT
DATE = re.compile(
    r"(?i)(?:^|[\s'\"(])date['\"]?[:,] ?b?['\"]?"
    r"(?P<date>[a-z]{3}, \d\d [a-z]{3} \d{4} \d\d:\d\d:\d\d GMT)"
)
DURATION = re.compile(r"(?i)(?:\bin|\btook|,|\()\s{0,2}(?P<n>\d{1,9}(?:\.\d{1,6})?) ?(?P<unit>ms|s|sec|seconds)\b")


def request_in(text: str) -> Request | None:
    """The request that this line of a test log tells of, or None. Linear in the text, which is cut at 8 KiB."""
    text = text[:TEXT_LIMIT]
    return _library(text) or _refused(text) or _free(text)


def keys_in(text: str) -> tuple[tuple[str, str], ...]:
    """Exact keys that the line carries: request_id, trace, and server_date_us (the server's own clock, to a second)."""
    text = text[:TEXT_LIMIT]
    return tuple(dict.fromkeys(_keys(text)))


def is_library_line(text: str) -> bool:
    """Whether an HTTP library wrote the line itself, so that a tester's own words repeat it rather than add to it."""
    return URLLIB3.search(text[:TEXT_LIMIT]) is not None or HTTPX.search(text[:TEXT_LIMIT]) is not None


def split_url(url: str) -> tuple[str, str, str]:
    """(target, path, query) of an absolute URL or of a path; target is "" for a path, the fragment is dropped."""
    target = ""
    scheme, found, rest = url.partition("://")
    if found and scheme.lower() in ("http", "https"):
        cut = min((at for at in (rest.find(c) for c in "/?#") if at >= 0), default=len(rest))
        target, url = rest[:cut].rpartition("@")[2], rest[cut:]
    url = url.partition("#")[0]
    path, _, query = url.partition("?")
    return target, path or "/", query


def _library(text: str) -> Request | None:
    if "HTTP" in text:
        if found := URLLIB3.search(text):
            target, path, query = split_url(found["url"])
            port = found["port"] if found["port"] and found["port"] != "None" else ""
            size = int(found["size"]) if found["size"] and found["size"] != "None" else None
            own = found["host"] + (f":{port}" if port else "")
            return _request(found["method"], path, query, int(found["status"]), target or own, size)
        if found := HTTPX.search(text):
            target, path, query = split_url(found["url"])
            return _request(found["method"], path, query, int(found["status"]), target)
        if found := SENT.match(text):
            target, path, query = split_url(found["url"])
            host = HOST_HEADER.search(text)
            return Request(
                method=found["method"], path=path, query=query, target=target or (host["target"] if host else "")
            )
        if found := REPLIED.match(text):
            return Request(status=int(found["status"]), ended=True)
    if "onnection" in text and (found := CONNECTING.search(text)):
        return Request(target=found["target"])
    return None


def _refused(text: str) -> Request | None:
    """A request that got no answer, from the text of the library's exception or retry warning."""
    if "ConnectionPool(" not in text or not (pool := POOL.search(text)):
        return None
    target = pool["host"] + (f":{pool['port']}" if pool["port"] != "None" else "")
    url = POOL_URL.search(text, pool.end())
    if url is None:
        return Request(target=target)
    _, path, query = split_url(url["url"])
    return Request(path=path, query=query, target=target)


def _free(text: str) -> Request | None:
    if found := FREE.search(text):
        target, path, query = split_url(found["url"].rstrip(".:"))
        answer = ANSWER.match(
            text[found.end("url") :].lstrip(".:") if found["url"][-1] in ".:" else text[found.end("url") :]
        )
        status = int(answer["status"]) if answer else None
        if status is None and (later := STATUS.search(text, found.end())):
            status = int(later["status"])
        took = DURATION.search(text, found.end())
        unit = 0 if took is None else (1000 if took["unit"].lower() == "ms" else SECOND)
        return Request(
            method=found["method"],
            path=path,
            query=query,
            status=status,
            target=target,
            duration_us=int(float(took["n"]) * unit) if took else None,
            ended=status is not None,
        )
    if found := STATUS.search(text):
        return Request(status=int(found["status"]), ended=True)
    return None


def _request(method: str, path: str, query: str, status: int, target: str, size: int | None = None) -> Request:
    return Request(method=method, path=path, query=query, status=status, target=target, size=size, ended=True)


def _keys(text: str) -> Iterator[tuple[str, str]]:
    for found in REQUEST_ID.finditer(text):
        yield "request_id", found["value"]
    for found in POSTMAN.finditer(text):
        yield "request_id", found["value"]
    for found in TRACE.finditer(text):
        yield "trace", found["trace"]
    if (dated := DATE.search(text)) is not None:
        try:
            yield "server_date_us", str(micros(parsedate_to_datetime(dated["date"])))
        except (ValueError, OverflowError, TypeError):
            return
