"""How much the parcel service tells of itself, from nothing to a full record of each request: `LINES` chooses."""

import contextvars
import json
import logging
import os
import sys
import time
import uuid

LINES = os.environ.get("LINES", "words")
SERVED = contextvars.ContextVar("served")  # what is known of the request that is being served
FORMS = {
    "words": "%(asctime)s %(levelname)s %(message)s",
    "path": "%(asctime)s %(levelname)s %(message)s",
    "pid": "%(asctime)s [%(process)d] %(levelname)s %(name)s - %(message)s",
    "bare": "%(message)s",
    "request_id": "%(asctime)s %(levelname)s [%(request_id)s] %(message)s",
    "trace": "%(asctime)s %(levelname)s %(name)s traceparent=%(traceparent)s %(message)s",
}
ONE_LINE_EACH = ("path", "request_id", "trace", "json")  # these end every request with a line of their own
log = logging.getLogger("parcels")


class _Known(logging.Filter):
    """Puts the ids of the request that is being served into its lines."""

    def filter(self, record):
        served = SERVED.get({})
        record.request_id = served.get("request_id", "-")
        record.traceparent = served.get("traceparent", "-")
        return True


class _Json(logging.Formatter):
    """A line is an object, as log shippers like it."""

    def format(self, record):
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        told = {"time": at, "level": record.levelname.lower(), "logger": record.name, "pid": record.process}
        return json.dumps({**told, "message": record.getMessage(), **getattr(record, "told", {})})


def set_up():
    """Gives the service's logger its one handler."""
    handler = logging.NullHandler() if LINES == "none" else logging.StreamHandler(sys.stderr)
    handler.addFilter(_Known())
    handler.setFormatter(_Json() if LINES == "json" else logging.Formatter(FORMS.get(LINES)))
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False


def began(headers):
    """Call this at the start of a request, with its headers in lower case."""
    SERVED.set(
        {
            "request_id": headers.get("x-request-id") or uuid.uuid4().hex[:16],
            "traceparent": headers.get("traceparent", "-"),
            "since": time.perf_counter(),
        }
    )


def ended(method, path, status):
    """Call this at the end of a request."""
    if LINES not in ONE_LINE_EACH:
        return
    took_ms = round((time.perf_counter() - SERVED.get({}).get("since", 0)) * 1000, 2)
    if LINES == "path":
        log.info("handled %s with %d", path, status)
    elif LINES == "json":
        told = {"method": method, "path": path, "status": status, "duration_ms": took_ms}
        log.info("request finished", extra={"told": told})
    else:
        log.info("%s %s -> %d in %.2f ms", method, path, status, took_ms)
