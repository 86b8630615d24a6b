"""JSON log lines of an application: structlog, python-json-logger, pino, zap and their like, by the keys they share."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ingest.formats import stamps
from ingest.formats.messages.access import duration_of, trace_of
from ingest.formats.messages.said import LEVELS, METHODS, Said, pid_of, split_target
from triage.core.records import SECOND, Request, Stamp

NAME = "json-app"
TITLE = "JSON application log"
STARTS = "{"
SAMPLES = (
    '{"cars": 5, "path": "/cars/add", "event": "car_added", "process": 21464, "level": "info", '
    '"timestamp": "2026-11-23T01:39:38.294146Z"}',
    '{"asctime": "2026-11-23 01:39:38,296", "levelname": "INFO", "name": "root", "process": 21464, '
    '"message": "POST /cars/add from 127.0.0.1", "request_id": "abc"}',
)

TIME = (
    "timestamp",
    "@timestamp",
    "ts",
    "msec",
    "time",
    "asctime",
    "datetime",
    "time_iso8601",
    "time_local",
    "t",
    "date",
)
PID = ("pid", "process", "process_id", "process.pid", "proc_id", "worker_pid")
LEVEL = ("level", "levelname", "severity", "log.level", "lvl")
TEXT = ("message", "msg", "event", "MESSAGE", "log")  # log: the files of docker's json-file driver
REQUEST_ID = ("request_id", "requestId", "x_request_id", "x-request-id", "req_id", "correlation_id", "correlationId")
TRACE = ("trace_id", "traceId", "traceparent", "dd.trace_id", "otelTraceID")
METHOD = ("method", "http_method", "http.method", "request_method", "http.request.method", "verb")
PATH = ("path", "url", "uri", "request_path", "request_uri", "http.url", "http.target", "url.path", "route")
STATUS = ("status", "status_code", "statusCode", "response_status", "http.status_code", "http.response.status_code")
SIZE = ("size", "bytes", "response_size", "content_length", "body_bytes_sent")
DURATION = (
    ("duration_us", 1),
    ("duration_ms", 1000),
    ("elapsed_ms", 1000),
    ("latency_ms", 1000),
    ("responseTime", 1000),
    ("duration_s", SECOND),
    ("request_time", SECOND),
)  # a bare "duration" tells no unit
NUMBER_LEVELS = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}  # Python's
NODE_LEVELS = {10: "debug", 20: "debug", 30: "info", 40: "warning", 50: "error", 60: "critical"}  # pino's and bunyan's
CLIENT = ("remote_addr", "remoteAddress", "client", "client_ip", "remote_ip", "ip")
NESTED = ("request", "req", "http", "meta", "res", "response")
REQUEST_LINE = re.compile(r"([A-Z]{3,10}) (\S{1,8192})(?: HTTP/[\d.]{1,3})?$")  # nginx's and Apache's "request"

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def understand(text: str) -> Said | None:
    if not text.rstrip().endswith("}"):
        return None
    try:
        fields = _decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    nested = fields.get("record")  # loguru's serialize=True
    if isinstance(nested, dict):
        return _loguru(nested)
    if "{" in text[1:]:
        fields = _flattened(fields)
    message = _text(_first(fields, TEXT))
    upstream = fields.get("upstream_addr") or fields.get("upstream")
    relayed = isinstance(upstream, str) and upstream not in ("", "-")
    keys = _keys(fields)
    return Said(
        kind=NAME,
        stamp=_stamp(_first(fields, TIME)),
        # PM2's process_id is the number of an instance.
        pid=_pid(_first(fields, PID)) if "app_name" not in fields else _pid(fields.get("pid")),
        level=_level(_first(fields, LEVEL), "hostname" in fields and "pid" in fields),
        request=_request(fields),
        keys=(*keys, ("upstream", str(upstream)[:200])) if relayed else keys,
        relayed=relayed,
        rest=message,
    )


def _flattened(fields: dict[str, Any]) -> dict[str, Any]:
    """With what a request and its answer hold in objects of their own, and express-winston's in one deeper."""
    for name in NESTED:
        inner = fields.get(name)
        if isinstance(inner, dict):
            fields = {**inner, **fields}
            for each in (inner.get("req"), inner.get("res")):
                if isinstance(each, dict):
                    fields = {**each, **fields}
    return fields


def _loguru(record: dict[str, Any]) -> Said:
    time, process, level = record.get("time"), record.get("process"), record.get("level")
    return Said(
        kind=NAME,
        stamp=_stamp(time.get("timestamp") if isinstance(time, dict) else None),
        pid=_pid(process.get("id") if isinstance(process, dict) else None),
        level=_level(level.get("name")) if isinstance(level, dict) else "",
        rest=_text(record.get("message")),
    )


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        value = fields.get(name)
        if value is not None:
            return value
    return None


def _text(value: Any) -> str:
    return value.rstrip("\n") if isinstance(value, str) else ""


def _stamp(value: Any) -> Stamp | None:
    if isinstance(value, str):
        value = value.strip("[]")  # gunicorn's %(t)s brings its brackets
        read = stamps.iso(value) or stamps.clf(value)
        return read[0] if read else stamps.number(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return stamps.number(str(value) if isinstance(value, int) else f"{value:.6f}")
        except (ValueError, OverflowError):
            return None
    return None


def _pid(value: Any) -> int | None:
    if isinstance(value, dict):  # ECS nests it: {"process": {"pid": 21464}}
        value = value.get("pid") or value.get("id")
    if isinstance(value, bool):
        return None
    if isinstance(value, int) and 0 < value < 1 << 31:
        return pid_of(str(value))
    if not isinstance(value, str):
        return None
    value = value.strip("<>")  # gunicorn's %(p)s
    return pid_of(value) if value.isascii() and value.isdigit() else None


def _level(value: Any, node: bool = False) -> str:
    if isinstance(value, str):
        return LEVELS.get(value.lower(), "")
    return (NODE_LEVELS if node else NUMBER_LEVELS).get(value, "") if isinstance(value, int) else ""


def _number(value: Any, most: int) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None


def _request(fields: dict[str, Any]) -> Request | None:
    method, uri = _first(fields, METHOD), _first(fields, PATH)
    line = fields.get("request")
    if method is None and isinstance(line, str):
        found = REQUEST_LINE.match(line)
        method, uri = (found[1], found[2]) if found else (None, None)
    if not isinstance(method, str) or not isinstance(uri, str) or method.upper() not in METHODS:
        return None
    path, query = split_target(uri[:8192])
    if not path.startswith("/"):
        return None
    told = fields.get("query")
    if not query and isinstance(told, str):
        query = told.removeprefix("?")[:8192]
    status = _number(_first(fields, STATUS), 599)
    duration = None
    for name, unit in DURATION:
        value = fields.get(name)
        if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            duration = duration_of(f"{value:.6f}" if isinstance(value, float) else str(value)[:40], unit)
            break
    client = _first(fields, CLIENT)
    return Request(
        method=method.upper(),
        path=path,
        query=query,
        status=status if status and status >= 100 else None,
        size=_number(_first(fields, SIZE), 1 << 62),
        duration_us=duration,
        client=client[:100] if isinstance(client, str) else "",
        ended=status is not None,
    )


def _keys(fields: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    keys = []
    request_id, trace = _first(fields, REQUEST_ID), _first(fields, TRACE)
    if isinstance(request_id, (str, int)) and request_id != "-":
        keys.append(("request_id", str(request_id)[:200]))
    if isinstance(trace, str) and trace:
        keys.append(("trace", trace_of(trace[:200])))
    return tuple(keys)
