"""A pytest plugin that writes down, apart from everything that is uploaded, which process answered each request.

It adds a header that the app's own middleware copies into the server-side record, and leaves no trace in any log.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import time

import pytest
import requests.adapters

OUT = os.environ["LAB_CLIENT_TRUTH"]
LOW_MS, HIGH_MS = (float(part) for part in os.environ.get("LAB_LATENCY_MS", "0,0").split(","))
COUNTER = itertools.count(1)


def note(record: dict[str, object]) -> None:
    """One line, one write: lines of several test processes do not mix."""
    line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
    descriptor = os.open(OUT, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


_send = requests.adapters.HTTPAdapter.send


def send(self, request, *args, **kwargs):  # type: ignore[no-untyped-def]
    __tracebackhide__ = True
    number = f"{os.getpid()}-{next(COUNTER)}"
    request.headers["X-Lab-Id"] = number
    test, _, phase = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")
    time.sleep(random.uniform(LOW_MS, HIGH_MS) / 1000)
    record: dict[str, object] = {
        "what": "request",
        "id": number,
        "test": test,
        "phase": phase.strip("()"),
        "method": request.method,
        "path": request.path_url.partition("?")[0],
        "sent": time.time(),
    }
    try:
        response = _send(self, request, *args, **kwargs)
    except BaseException as problem:
        record |= {"received": time.time(), "problem": type(problem).__name__}
        note(record)
        raise
    pid = response.headers.get("X-Lab-Pid")
    record |= {"received": time.time(), "status": response.status_code, "pid": int(pid) if pid else None}
    if not kwargs.get("stream"):
        record["body"] = response.text[:200]
    note(record)
    return response


requests.adapters.HTTPAdapter.send = send  # type: ignore[method-assign]


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report) -> None:  # type: ignore[no-untyped-def]
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return  # the controller sees every report; the workers would note it twice
    note(
        {
            "what": "report",
            "test": report.nodeid,
            "when": report.when,
            "outcome": report.outcome,
            "start": report.start,
            "stop": report.stop,
            "worker": getattr(report, "worker_id", ""),
        }
    )
