"""A request that free text mentions: `Processing /GET request against /cars`, `POST /cars/add from 127.0.0.1`.

Only where method and path are both there and only one pair is: a wrong request misleads more than a missing one.
"""

from __future__ import annotations

import re

from ingest.formats.messages.said import METHODS, Said, pid_of, split_target
from triage.core.records import Request

NAME = "mention"

VERBS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
# POST /cars/add · Processing /GET request against /cars · GET request to /cars · "GET /cars"      not GET from /etc
PAIR = re.compile(
    rf"(?<![A-Za-z])({VERBS})(?: request)?(?: (?:against|to|for|on|at|path|endpoint|url))?:? [\"'`]?(/[^\s\"'`,;<>|]*)"
)
EXCEPTION = re.compile(rf"(?:Exception|Error|Timeout) on (/\S{{0,2000}}) \[({VERBS})\]")
FIELDS = re.compile(rf"(?:^|[\s,\[(])method[=:] ?[\"']?({VERBS})\b", re.IGNORECASE)
PATH_FIELD = re.compile(
    r"(?:^|[\s,\[(])(?:path|uri|url|endpoint|route)[=:] ?[\"']?(/[^\s\"',;)\]]{0,2000})", re.IGNORECASE
)
OWN_PID = re.compile(r"(?:^|[\s\[(])(?:pid|worker_pid|process)=<?(\d{1,7})\b|\[pid[: ]{1,2}(\d{1,7})\]", re.IGNORECASE)
REQUEST_ID = re.compile(r"(?:request|correlation)[_-]?id[=:] ?[\"']?([\w.-]{4,128})", re.IGNORECASE)
# [018640b1-8bf3-4351-87e6-e007823bc5d3] PUT /cars/7      not [51463] PUT /cars/7, not order [018640b1-…] sent
TAG = re.compile(r"\[([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})\](?= )")
TRACEPARENT = re.compile(r"\b[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}\b")
# POST /patients -> 201 in 2ms · GET /cars => 404 · GET /cars: 200      not GET /cars/404
ANSWERED = re.compile(r" ?(?:->|=>|→|:|returned|responded(?: with)?|status[=:]?) ?([1-5]\d\d)(?![\w.])")
LOOK = 4000  # characters of a message in which mentions are looked for


def understand(text: str) -> Said | None:
    """Request, own PID and request id of a free text; None where it has none of them."""
    if len(text) > LOOK:
        text = text[:LOOK]
    request = _request(text) if "/" in text else None
    pid = None
    keys: tuple[tuple[str, str], ...] = ()
    if "pid" in text or "process=" in text or "PID" in text:
        found = OWN_PID.search(text)
        pid = pid_of(found[1] or found[2]) if found else None
    if "id=" in text or "id:" in text or "-id" in text or "Id=" in text:
        found = REQUEST_ID.search(text)
        if found:
            keys = (("request_id", found[1]),)
    if not keys and text[:1] == "[":  # the tag that loggers put before each line of a request
        found = TAG.match(text)
        if found:
            keys = (("request_id", found[1]),)
    if "traceparent" in text:
        found = TRACEPARENT.search(text)
        if found:
            keys = (*keys, ("trace", found[1]))
    if request is None and pid is None and not keys:
        return None
    return Said(kind=NAME, request=request, pid=pid, hearsay=pid is not None, keys=keys)


def _request(text: str) -> Request | None:
    if not ("GET" in text or "POST" in text or "PUT" in text or "PATCH" in text or "DELETE" in text or "HEAD" in text
            or "OPTIONS" in text or "method" in text):  # fmt: skip
        return None
    pairs = []
    status = None
    for match in PAIR.finditer(text):
        if "://" not in text[: match.start()]:  # http://127.0.0.1:5000 "GET /cars …: a request that goes out
            pairs.append((match[1], match[2].rstrip(".:)]}!")))
            answered = ANSWERED.match(text, match.end() - (match[2][-1:] == ":"))
            status = int(answered[1]) if answered else status
        if len(pairs) == 4:
            break
    found = set(pairs)
    if not found:
        failed = EXCEPTION.search(text)
        if failed:
            found = {(failed[2], failed[1])}
        else:
            method, path = FIELDS.search(text), PATH_FIELD.search(text)
            if method and path:
                found = {(method[1].upper(), path[1])}
    if len(found) != 1:
        return None
    method_name, uri = found.pop()
    if method_name not in METHODS:
        return None
    path_text, query = split_target(uri or "/")
    # A line that tells how the request was answered was written at its end.
    return Request(method=method_name, path=path_text, query=query, status=status, ended=status is not None)
