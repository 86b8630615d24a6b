"""Access lines whose request is not quoted: custom formats made of atoms, and morgan's short ones.

`1795416070.031 127.0.0.1 POST http://127.0.0.1/cars/add 201 22 0.033 …`, `GET /cars 200 1.234 ms - 5`,
`… method=GET path=/cars status=200 …`. Method, path and status stand in this order, or each with its name.
"""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages import access
from ingest.formats.messages.said import METHODS, Said, split_target
from triage.core.records import SECOND, Request, Stamp

NAME = "access-words"
TITLE = "access log in a custom format, without quotes"
STARTS = "0123456789<[GPDHOT:-+mrpsc"
SAMPLES = (
    "1795416070.031 127.0.0.1 POST http://127.0.0.1/cars/add 201 22 0.033 127.0.0.1:7181 24416",
    "<28003> [23/Nov/2026:01:54:01 +0000] GET /cars q=1 200 0.004512 r1-17",
    "GET /cars?q=1 200 1.234 ms - 5",
    "remote=127.0.0.1 pid=<28003> method=GET path=/cars query=q=1 status=200 bytes=359 us=4512 request_id=r1-17",
)

VERBS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
# POST http://127.0.0.1/cars/add 201 · GET /cars q=1 200 · GET /cars 1.1 200      not GET /cars/7 from 10.0.0.7, not
# `"GET /cars"`, not HTTP Request: GET http://…, which goes out
WORDS = re.compile(
    rf"(?:^|(?<=[ \]>]))({VERBS}) ((?:https?://[^/\s]{{1,255}})?/[^\s\"]{{0,8192}})"
    r"(?: (?:HTTP/)?\d(?:\.\d)?)?(?: \??([\w.%=&+-]{1,2000}))? {1,2}([1-5]\d\d)(?= |$)"
)
NAMED = re.compile(rf"(?:^|[ ,])(?:request_)?method=\"?({VERBS})\b")
NAMED_PATH = re.compile(r"(?:^|[ ,])(?:path|uri|url|request_uri)=\"?(/[^\s\",]{0,8192})")
NAMED_QUERY = re.compile(r"(?:^|[ ,])(?:query|query_string|args)=\"?\??([^\s\",]{1,2000})")
NAMED_STATUS = re.compile(r"(?:^|[ ,])(?:status|status_code)=\"?([1-5]\d\d)(?=[\s\",]|$)")
NAMED_SIZE = re.compile(r"(?:^|[ ,])(?:bytes|size|length|body_bytes_sent)=\"?(\d{1,18})(?=[\s\",]|$)")
NAMED_CLIENT = re.compile(r"(?:^|[ ,])(?:remote|remote_addr|client|ip)=\"?([0-9A-Fa-f.:]{2,45})(?=[\s\",]|$)")
SIZE_BEHIND = re.compile(r"(?: [A-Z][A-Za-z-]{1,20}){0,4} (\d{1,18})(?= |$)")  # `201 22`, `200 OK 17`
BARE_REST = re.compile(r"(?: (?:-|\d{1,18}(?:\.\d{1,6})?|ms)){0,4}$")  # ` 1.234 ms - 5`      not ` is what I got`
MILLISECONDS = re.compile(r" (\d{1,9})\.(\d{1,6}) ms(?= |$)")  # morgan: 1.234 ms
DECIMAL = re.compile(r" (\d{1,6})\.(\d{6}|\d{3})(?= |$)")  # gunicorn's %(L)s, nginx's $request_time
LONGEST = 12_000


def understand(text: str) -> Said | None:
    if '"' in text or len(text) > LONGEST:
        return None
    if "method=" in text and "status" in text:
        return _named(text)
    found = WORDS.search(text) if " /" in text or "://" in text else None
    if found is None:
        return None
    before, after = text[: found.start()], text[found.end() :]
    stamp, (client, port), pid = _around(before, after)
    if before and stamp is None and not client and pid is None:
        return None
    if not before and not BARE_REST.match(after):
        return None
    path, query = split_target(found[2])
    upstream = access.UPSTREAM.search(after)
    size, took = SIZE_BEHIND.match(after), _duration(after)
    return Said(
        kind=NAME,
        stamp=stamp,
        pid=pid,
        request=Request(
            method=found[1],
            path=path,
            query=query or _query(found[3]),
            status=int(found[4]),
            size=int(size[1]) if size else None,
            duration_us=took,
            client=f"{client}:{port}" if port else client,
            ended=True,
        ),
        keys=((("client_port", port),) if port else ()) + ((("upstream", upstream[1]),) if upstream else ()),
        relayed=upstream is not None,
    )


def _around(before: str, after: str) -> tuple[Stamp | None, tuple[str, str], int | None]:
    """(stamp, (client, its port), PID) of what surrounds the request."""
    stamp = access.stamp_of(before)
    if stamp is None and before[:1].isdigit():
        read = stamps.epoch(before)
        stamp = read[0] if read else None
    return stamp, access.client_of(before), access.pid_around(before, after)


def _query(word: str | None) -> str:
    """gunicorn's %(q)s stands alone behind the path; a lone `-` or number is another atom."""
    return word if word and ("=" in word or "&" in word) else ""


def _duration(after: str) -> int | None:
    found = MILLISECONDS.search(after[:200])
    if found:
        return int(found[1]) * 1000 + int((found[2] + "000")[:3])
    found = DECIMAL.search(after[:200])
    if found is None:
        return None
    return int(found[1]) * SECOND + int(found[2]) * (1000 if len(found[2]) == 3 else 1)


def _named(text: str) -> Said | None:
    """`method=GET path=/cars status=200`, each where it likes; the rest is a line of an application's own."""
    method, path, status = NAMED.search(text), NAMED_PATH.search(text), NAMED_STATUS.search(text)
    if method is None or path is None or status is None or method[1] not in METHODS:
        return None
    query, size = NAMED_QUERY.search(text), NAMED_SIZE.search(text)
    keys, duration = access.pairs_of(text, "")
    address = NAMED_CLIENT.search(text)
    pure, inline = split_target(path[1])
    return Said(
        kind=NAME,
        stamp=access.stamp_of(text),
        pid=access.pid_around(text, ""),
        request=Request(
            method=method[1],
            path=pure,
            query=inline or (query[1] if query else ""),
            status=int(status[1]),
            size=int(size[1]) if size else None,
            duration_us=duration,
            client=address[1] if address else "",
            ended=True,
        ),
        keys=keys,
    )
