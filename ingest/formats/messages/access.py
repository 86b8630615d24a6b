"""Access lines with a quoted request: common and combined log format, gunicorn's own and custom formats.

One reader for the whole family: nginx, Apache and gunicorn write it fully, teams reorder it. The quoted request is the
anchor; stamp, PID, client, status, size and keys are looked for around it.
"""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.messages.said import METHODS, Said, pid_of, split_target
from triage.core.records import SECOND, Request, Stamp

NAME = "access-log"
TITLE = "access log (common or combined format, gunicorn)"
STARTS = ""
SAMPLES = (
    '127.0.0.1 - qxf2 [23/Nov/2026:01:30:00 +0000] "POST /cars/add HTTP/1.1" 200 105 "-" "python-requests/2.34.2"',
    '<15866> 127.0.0.1 - - [23/Nov/2026:01:30:00 +0000] "GET /cars?i=1 HTTP/1.1" 200 359 "-" "curl/7.88.1"',
    'pid=<28003> [23/Nov/2026:01:54:01 +0000] "GET /cars HTTP/1.1" 200 3202 rid=7f3c1a '
    "tp=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    '[<28003>] [23/Nov/2026:01:54:01 +0000] "GET /cars HTTP/1.1" 200 3202',
)

# "GET /cars?i=1 HTTP/1.1" 200 359; hypercorn's "GET /cars 1.1" 200 7; daphne's "POST /items?q=1" 200 7
# not "curl/7.88.1", not "GET to the chopper"; the 3 of `200 3ms` is no size
QUOTED = re.compile(
    r'"([A-Z]{3,10}) ([^ "\\]*(?:\\.[^ "\\]*)*)(?: (?:HTTP/)?\d(?:\.\d)?)?"'
    r"(?:,? +(\d{3})(?![\d.])(?: +(\d{1,18}|-)(?![\w.]))?)?"
)
QUOTES_TRIED = 6
STATUS_ALONE = re.compile(r"(?:^| )(?:status=|st=|code=)?([1-5]\d\d)(?= |$)")
NAMED_STATUS = re.compile(r"(?:^|[ ,])(?:status|status_code|st|code)=\"?([1-5]\d\d)(?=[\s\",]|$)")
NAMED_SIZE = re.compile(r"(?:^|[ ,])(?:len|length|size|bytes|bytes_sent|body_bytes_sent)=\"?(\d{1,18})(?=[\s\",]|$)")
PID = re.compile(r"(?:^|[\s\[(])(?:\[?<{1,2}(\d{1,7})>|pid[=: ]{1,2}<?(\d{1,7})|\[(\d{2,7})\])", re.IGNORECASE)
MICROSECONDS = re.compile(r" (\d{1,9})(?= |$)")  # gunicorn's %(D)s behind the size; a larger unit only understates
DECIMAL_SECONDS = re.compile(r"(?:^| )(\d{1,6})\.(\d{6})(?= |$)")  # gunicorn's %(L)s
RACK_SECONDS = re.compile(r" (\d{1,6})\.(\d{4})$")  # Rack's CommonLogger, right behind the size
PROXY_SECONDS = re.compile(r"[ \"](\d{1,6})\.(\d{3})(?=[ \",]|$)")  # nginx's $request_time, $upstream_response_time
BEFORE_PID = re.compile(r'" (\d{1,9}) (?:pid:)?<{1,2}\d{1,7}>{1,2}$')  # gunicorn's … "%(a)s" %(D)s %(p)s
# "127.0.0.1:7181, 127.0.0.1:7182" · ua="127.0.0.1:7181" · … [] 10.0.0.7:80 22 … · "unix:/run/app.sock"
ADDRESS_PORT = r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]{2,39}\]):\d{2,5}"
UPSTREAM = re.compile(
    rf"[ =\"]({ADDRESS_PORT}(?:(?:, | : )[\w.\[\]:-]{{1,80}}){{0,5}}|unix:/[\w./-]{{1,200}})(?=[\" ]|$)"
)
NAMED_UPSTREAM = re.compile(
    r" (?:ua|upstream|upstream_addr)[=:]\"?([\w.-]{2,80})(?=[\" ]|$)"
)  # a group's name: ua="app"
NAMED_CLIENT = re.compile(
    r"(?:^|[ ,\[])(?:client|remote|remote_addr|remote_ip|ip)[=:]\"?([0-9A-Fa-f.:]{2,45})(?=[\s\",\]]|$)"
)
# 127.0.0.1 - - [23/Nov/2026:06:41:11 +0000] "" 408 0      not an application's [23/Nov/2026:06:41:11] "text" alone
NO_REQUEST = re.compile(
    r"(?:\S{1,255} ){1,4}\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] \"[^\"]{0,8192}\" [1-5]\d\d(?: |$)"
)
# 2026-11-23T06:45:42.507Z [27520] info: ::1 - - [23/Nov/2026:06:45:42 +0000] "
LOGGED = re.compile(
    r"[\[(]?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d.{0,200}?[ \[|]"
    r"(?:INFO|WARNING|WARN|ERROR|DEBUG|info|warn|error|debug)[\]:| ]"
)
SECONDS_AND_MICROSECONDS = re.compile(r" (\d{1,6})/(\d{1,12})$")  # gunicorn's %(T)s/%(D)s
WHOLE_MILLISECONDS = re.compile(r" (\d{1,9})ms(?= |$)")  # %(M)sms
LONE_ID = re.compile(r"[ \"]([0-9a-f]{32})(?=[ \"]|$)")  # nginx's $request_id
PLAIN_CLF = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:")  # PHP-FPM's stamp has no bracket
PAIR = re.compile(r'(?:^|[ \[,])([A-Za-z][\w.-]{0,30})[=:]"?([^\s",\]]{1,200})')
REQUEST_ID_NAMES = frozenset(
    [
        "rid",
        "reqid",
        "req_id",
        "request_id",
        "request-id",
        "requestid",
        "x-request-id",
        "x_request_id",
        "correlation_id",
        "correlation-id",
        "x-correlation-id",
        "cid",
        "xid",
    ]
)
TRACE_NAMES = frozenset(["tp", "traceparent", "trace", "trace_id", "trace-id", "traceid", "dd.trace_id"])
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
DURATIONS = {
    "d": 1,
    "us": 1,
    "duration_us": 1,
    "ms": 1000,
    "duration_ms": 1000,
    "time_ms": 1000,
    "rt": SECOND,
    "request_time": SECOND,
    "duration": 0,
    "dur": 0,
    "took": 0,
    "time": 0,
    "elapsed": 0,
}
ADDRESS = re.compile(
    r"(?:(?:::ffff:)?\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}\]?|[A-Za-z][\w-]{0,62}(?:\.[\w-]{1,62}){1,8})$"
)  # 127.0.0.1, ::1, client.example; 01:37:00] looks like one, but for its bracket
CLIENT_PORT = re.compile(r"(\[?[0-9A-Fa-f.:]{2,45}\]?|[\w.-]{1,100}):(\d{1,5})$")


def understand(text: str) -> Said | None:
    """A line with a quoted request and a status; outgoing requests (urllib3's `http://host "GET …`) are not served."""
    at = text.find('"')
    if at < 0:
        return None
    found = None
    for _ in range(QUOTES_TRIED):
        found = QUOTED.match(text, at)
        if found is not None and found[1] in METHODS:
            break
        found = None
        at = text.find('"', at + 1)
        if at < 0:
            return _without_request(text)
    if found is None:
        return _without_request(text)
    before, after = text[:at], text[found.end() :]
    if "://" in before:
        return None
    if (before[4:5] == "-" or before[5:6] == "-") and LOGGED.match(before):
        return None  # a logger's prefix, which tells level and PID better
    status_text, size = found[3], found[4]
    if status_text is None:
        alone = (
            _named_in(NAMED_STATUS, before, after)
            or STATUS_ALONE.search(before)
            or (STATUS_ALONE.search(after) if len(after) < 2000 else None)
        )
        if alone is None:
            return None
        status_text = alone[1]
        named = _named_in(NAMED_SIZE, before, after)
        size = named[1] if named else None
    status = int(status_text)
    if not 100 <= status <= 599:
        return None
    path, query = split_target(found[2])
    client, port = client_of(before)
    keys, duration = pairs_of(before, after)
    relayed = False
    if len(after) > 8 and (":" in after or "=" in after):
        upstream = UPSTREAM.search(after[:2000]) or NAMED_UPSTREAM.search(after[:2000])
        if upstream is not None:
            relayed = True
            keys, duration = _proxied(after[:2000], upstream[1], keys, duration)
    if port and not relayed:
        keys = (("client_port", port), *keys)
    if not client and ("=" in before or "=" in after[:2000]):
        named = _named_in(NAMED_CLIENT, before, after)
        client = named[1] if named else ""
    return Said(
        kind=NAME,
        stamp=stamp_of(before) or (stamp_of(after[:300]) if "[" in after[:300] else None),
        pid=pid_around(before, after),
        request=Request(
            method=found[1],
            path=path,
            query=query,
            status=status,
            size=int(size) if size and size != "-" else None,
            duration_us=duration,
            client=f"{client}:{port}" if port else client,
            ended=True,
        ),
        keys=keys,
        relayed=relayed,
    )


def _without_request(text: str) -> Said | None:
    """What came was no HTTP, as of a port scanner: `1.2.3.4 - - [23/Nov/2026:06:41:11 +0000] "\\x16\\x03" 400 157`."""
    found = NO_REQUEST.match(text)
    if found is None:
        return None
    read = stamps.clf(found[1])
    return Said(kind=NAME, stamp=read[0]) if read else None


def _named_in(pattern: re.Pattern[str], before: str, after: str) -> re.Match[str] | None:
    """A `name=value` on either side of the request, in reach of it."""
    return (pattern.search(before) if "=" in before else None) or (
        pattern.search(after, 0, 2000) if "=" in after[:2000] else None
    )


def _proxied(
    after: str, upstream: str, keys: tuple[tuple[str, str], ...], duration: int | None
) -> tuple[tuple[tuple[str, str], ...], int | None]:
    """What a proxy tells without names. Of its times the longest is the whole request's; upstream's lie within."""
    keys = (*keys, ("upstream", upstream))
    if not any(name == "request_id" for name, _ in keys):
        alone = LONE_ID.search(after)
        if alone:
            keys = (*keys, ("request_id", alone[1]))
    if duration is None:
        times = [int(whole) * SECOND + int(digits) * 1000 for whole, digits in PROXY_SECONDS.findall(after)[:8]]
        duration = max(times, default=None)
    return keys, duration


def client_of(before: str) -> tuple[str, str]:
    """(address, port) of the first word that is an address; ("", "") where none is."""
    words = before.split(" ", 4)[:4]
    for place, word in enumerate(words):
        if not word or word[0] in "<-" or "/" in word or "=" in word or (word[-1] == "]" and word[0] != "["):
            continue
        if word.count(":") == 1 or "]:" in word:
            found = CLIENT_PORT.match(word)
            if found:
                if place == 0 and len(words) > 1 and ADDRESS.match(words[1]):
                    continue  # Apache's vhost_combined: the server's own name and port come first
                return found[1], found[2]
        if ADDRESS.match(word) or word == "localhost":
            return word.strip("[]"), ""
    return "", ""


def stamp_of(text: str) -> Stamp | None:
    at = text.find("[")
    for _ in range(4):
        if at < 0:
            break
        read = stamps.clf(text, at + 1) or stamps.iso(text, at + 1)
        if read:
            return read[0]
        at = text.find("[", at + 1)
    read = stamps.iso(text) or stamps.clf(text)
    if read is None and text.count("/") > 1:
        plain = PLAIN_CLF.search(text[:400])
        read = stamps.clf(text, plain.start()) if plain else None
    return read[0] if read else None


def pid_around(before: str, after: str) -> int | None:
    for text in (before, after[-400:]):
        if "<" in text or "pid" in text or "PID" in text or "[" in text:
            found = PID.search(text)
            if found and (text is before or found[3] is None):
                return pid_of(found[1] or found[2] or found[3])
    return None


def pairs_of(before: str, after: str) -> tuple[tuple[tuple[str, str], ...], int | None]:
    """Exact keys and the duration among `name=value` pairs around the request."""
    keys: list[tuple[str, str]] = []
    duration = None
    if "=" in before or "=" in after or "id:" in after:
        for text in (before, after[:2000]):
            for name, value in PAIR.findall(text)[:20]:
                name = name.lower()
                if value == "-":
                    continue
                if name in REQUEST_ID_NAMES:
                    keys.append(("request_id", value))
                elif name in TRACE_NAMES:
                    keys.append(("trace", trace_of(value)))
                elif name in DURATIONS and duration is None:
                    duration = duration_of(value, DURATIONS[name])
    if duration is None and after[:1] == " ":
        found = MICROSECONDS.match(after)
        if found and not MICROSECONDS.match(after, found.end()):  # Apache's %P %D: two numbers, no names
            duration = int(found[1])
        elif "." in after:
            rack = RACK_SECONDS.match(after)
            duration = int(rack[1]) * SECOND + int(rack[2]) * 100 if rack else None
    if duration is None and "ms" in after:
        found = WHOLE_MILLISECONDS.search(after[:2000])
        duration = int(found[1]) * 1000 if found else None
    if duration is None and "/" in after[-20:]:
        found = SECONDS_AND_MICROSECONDS.search(after[-30:])
        if found and int(found[1]) == int(found[2]) // SECOND:
            duration = int(found[2])
    if duration is None and after[-1:] == ">":
        found = BEFORE_PID.search(after[-30:])
        duration = int(found[1]) if found else None
    if duration is None and "." in after:
        found = DECIMAL_SECONDS.search(after[-60:])
        if found:
            duration = int(found[1]) * SECOND + int(found[2])
    return tuple(keys), duration


def trace_of(value: str) -> str:
    """The trace id inside a traceparent header, or the value as it is."""
    found = TRACEPARENT.match(value)
    return found[1] if found else value


UNITS = {"us": 1, "µs": 1, "ms": 1000, "s": SECOND}
QUANTITY = re.compile(r"(\d{1,12})(?:\.(\d{1,9}))?(us|µs|ms|s)?$")


def duration_of(value: str, unit_us: int) -> int | None:
    """Microseconds of `0.012`, `12ms`, `1500`; `unit_us` is the unit of a bare number, 0 where it is not known."""
    found = QUANTITY.match(value)
    if found is None:
        return None
    unit = UNITS[found[3]] if found[3] else unit_us
    if not unit:
        return None
    digits = (found[2] or "")[:6]
    return int(found[1]) * unit + (int(digits) * unit // 10 ** len(digits) if digits else 0)
