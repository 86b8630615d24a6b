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
SHORTEST_KEY = 10  # characters of a line that carries a key
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
# Ending request TraceRequestEndParams(method='GET', url=URL('http://127.0.0.1:5065/cars'), …, response=<… [200 OK]>
AIOHTTP = re.compile(
    r"TraceRequest(?P<what>Start|End|Exception|Redirect)Params\(method='(?P<method>[A-Z]{3,10})', "
    r"url=URL\('(?P<url>[^']{1,4000})'\)"
)
AIOHTTP_ANSWER = re.compile(r"<ClientResponse\(\S{1,4000}\) \[(?P<status>\d{3})")
# <-- 200 GET http://127.0.0.1:5065/cars
ANSWERED = re.compile(r"(?:<-{1,2}|←|<=) (?P<status>[1-5]\d\d) (?:OK )?" + _METHOD + " " + _URL)
# send: b'GET /cars HTTP/1.1\r\nHost: 127.0.0.1:5000\r\n…       > GET /cars HTTP/1.1   (curl -v)
SENT = re.compile(r"""^(?:send: b['"]|> )(?P<method>[A-Z]{3,10}) (?P<url>\S{1,4000}) HTTP/[\d.]{1,3}""")
HOST_HEADER = re.compile(r"\\r\\nHost: (?P<target>[^\\\s]{1,260})")
# reply: 'HTTP/1.1 200 OK\r\n'      < HTTP/1.1 200 OK (curl -v)      ← 200 OK (Playwright)      HTTP/1.1 200 OK (k6)
REPLIED = re.compile(
    r"""^(?:(?:reply: ['"]|[<>] |)HTTP/[\d.]{1,3} |(?:[\dTZ:.-]{20,32} )?(?:pw:api )?← )(?P<status>\d{3})\b"""
)
NEWMAN = re.compile(r"^ {0,8}(?P<status>\d{3}) [^★]{0,60} ★ (?P<n>\d{1,6}(?:\.\d{1,3})?)(?P<unit>ms|s) time ★")
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
SAYS_STATUS = re.compile(r"[Rr]espon|RESPON|[Ss]tatus|STATUS|[Rr]esp\b|[Cc]ode")
# X-Request-ID: 7f3c…     'traceparent': '00-…-…-01'
REQUEST_ID = re.compile(
    r"""(?i)(?<![a-z0-9])(?:x[-_])?(?:request|correlation)[-_]?id["']?(?: header)?\s{0,2}[:=,]\s{0,2}b?["']?"""
    r"""(?P<value>[A-Za-z0-9][A-Za-z0-9_.:/+=-]{2,127})"""
)
TRACE = re.compile(r"(?<![0-9a-f-])[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-[0-9a-f]{2}(?![0-9a-f-])")
TRACE_SIZE = 55  # characters of a traceparent
NAMES_KEY = re.compile(r"(?i)[-_ ]id\b|requestid|correlationid|postman|pid|gmt")  # one of the keys' names, or a date
POSTMAN = re.compile(r"(?i)postman-token['\"]?\s{0,2}[:=,]\s{0,2}['\"]?(?P<value>[0-9a-f-]{36})")
# X-Worker-Pid: 31175      (b'X-Worker-Pid', b'31175')      'X-Worker-Pid': '31175'
SERVER_PID = re.compile(
    r"""(?i)(?<![a-z0-9])x-(?:worker|server|process|backend|served-by)?-?pid["']?\s{0,2}[:=,]\s{0,2}b?["']?"""
    r"""(?P<pid>\d{1,7})(?!\d)"""
)
# (b'Date', b'Mon, 23 Nov 2026 03:09:57 GMT')     header: Date: Mon, 23 Nov 2026 03:09:57 GMT
DATE = re.compile(
    r"(?i)(?:^|[\s'\"(])date['\"]?[:,] ?b?['\"]?"
    r"(?P<date>[a-z]{3}, \d\d [a-z]{3} \d{4} \d\d:\d\d:\d\d GMT)"
)
DURATION = re.compile(r"(?i)(?:\bin|\btook|,|\()\s{0,2}(?P<n>\d{1,9}(?:\.\d{1,6})?) ?(?P<unit>ms|s|sec|seconds)\b")


def request_in(text: str) -> Request | None:
    """The request that this line of a test log tells of, or None. Linear in the text, which is cut at 8 KiB."""
    if len(text) > TEXT_LIMIT:
        text = text[:TEXT_LIMIT]
    return _library(text) or refused_in(text) or _free(text)


def keys_in(text: str, limit: int = TEXT_LIMIT) -> tuple[tuple[str, str], ...]:
    """Exact keys that the line carries: request_id, trace, server_date_us (the server's own clock, to a second), and
    server_pid, where the answer's headers name the process.
    """
    if len(text) < SHORTEST_KEY:
        return ()
    return tuple(dict.fromkeys(_keys(text[:limit])))


def is_library_line(text: str) -> bool:
    """Whether an HTTP library wrote the line itself, so that a tester's own words repeat it rather than add to it."""
    if "HTTP" not in text:
        return "TraceRequestEnd" in text and AIOHTTP.search(text[:TEXT_LIMIT]) is not None
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
    if "TraceRequest" in text and (found := AIOHTTP.search(text)):
        target, path, query = split_url(found["url"])
        answer = AIOHTTP_ANSWER.search(text, found.end())
        status = int(answer["status"]) if answer and found["what"] == "End" else None
        return Request(
            method=found["method"], path=path, query=query, status=status, target=target, ended=status is not None
        )
    if "ClientResponse(" in text and (found := AIOHTTP_ANSWER.search(text)):
        return Request(status=int(found["status"]), ended=True)
    if "★" in text and (found := NEWMAN.match(text)):
        unit = 1000 if found["unit"] == "ms" else SECOND
        return Request(status=int(found["status"]), duration_us=round(float(found["n"]) * unit), ended=True)
    if "←" in text and (found := REPLIED.match(text)):
        return Request(status=int(found["status"]), ended=True)
    if "onnection" in text and (found := CONNECTING.search(text)):
        return Request(target=found["target"])
    return None


def refused_in(text: str) -> Request | None:
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
    if "/" in text and (found := FREE.search(text)):
        target, path, query = split_url(found["url"].rstrip(".:"))
        answer = ANSWER.match(
            text[found.end("url") :].lstrip(".:") if found["url"][-1] in ".:" else text[found.end("url") :]
        )
        status = int(answer["status"]) if answer else None
        if status is None and text[: found.start()].rstrip()[-3:].isdigit() and (before := ANSWERED.search(text)):
            status = int(before["status"])
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
            duration_us=round(float(took["n"]) * unit) if took else None,
            ended=status is not None,
        )
    if SAYS_STATUS.search(text) and (found := STATUS.search(text)):
        return Request(status=int(found["status"]), ended=True)
    return None


def _request(method: str, path: str, query: str, status: int, target: str, size: int | None = None) -> Request:
    return Request(method=method, path=path, query=query, status=status, target=target, size=size, ended=True)


def _keys(text: str) -> Iterator[tuple[str, str]]:
    names = text.lower() if NAMES_KEY.search(text) else ""
    if "id" in names:
        for found in REQUEST_ID.finditer(text):
            yield "request_id", found["value"]
        for found in POSTMAN.finditer(text):
            yield "request_id", found["value"]
    if len(text) >= TRACE_SIZE and "-" in text:
        for found in TRACE.finditer(text):
            yield "trace", found["trace"]
    if "pid" in names:
        for found in SERVER_PID.finditer(text):
            yield "server_pid", found["pid"]
    if "gmt" in names and (dated := DATE.search(text)) is not None:
        try:
            yield "server_date_us", str(micros(parsedate_to_datetime(dated["date"])))
        except (ValueError, OverflowError, TypeError):
            return
