"""A pytest plugin that writes down, apart from everything that is uploaded, which process answered each request.

It adds a header that the app's own middleware copies into the server-side record, and notes which request each line
of the tests' log is about. It leaves no trace in any log.
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import random
import threading
import time

import lab_clock
import pytest
import requests.adapters
import urllib3.connectionpool

OUT = os.environ["LAB_CLIENT_TRUTH"]
LOW_MS, HIGH_MS = (float(part) for part in os.environ.get("LAB_LATENCY_MS", "0,0").split(","))
WORDS_BEFORE = os.environ.get("LAB_WORDS") == "before"  # the suite says what it will do, not what it has done
LINE_CHARACTERS = 200
COUNTER = itertools.count(1)
LATEST: dict[str, str] = {}  # test: the id of the request that it sent last


class Flight(threading.local):
    """The request that this thread waits for."""

    record: dict[str, object] | None = None
    tried = False  # urllib3 has sent it already: what follows is another attempt
    latest: tuple[str, str] = ("", "")  # (test, id) of this thread's last request


FLIGHT = Flight()


def note(record: dict[str, object]) -> None:
    """One line, one write: lines of several test processes do not mix."""
    line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
    descriptor = os.open(OUT, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def current_test() -> tuple[str, str]:
    """Node id and phase; both empty outside of every test."""
    test, _, phase = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")
    return test, phase.strip("()")


def begun(method: str, path: str) -> dict[str, object]:
    """The record of a request that is about to be sent."""
    test, phase = current_test()
    number = f"{os.getpid()}-{next(COUNTER)}"
    LATEST[test] = number
    FLIGHT.latest = (test, number)
    return {
        "what": "request",
        "id": number,
        "test": test,
        "phase": phase,
        "worker": os.environ.get("PYTEST_XDIST_WORKER", ""),
        "method": method,
        "path": path.partition("?")[0],
        "sent": lab_clock.now(),
    }


def answered(record: dict[str, object], response) -> None:  # type: ignore[no-untyped-def]
    pid = response.headers.get("X-Lab-Pid")
    record |= {"received": lab_clock.now(), "status": response.status, "pid": int(pid) if pid else None}


def broken(record: dict[str, object], problem: BaseException) -> None:
    record |= {"received": lab_clock.now(), "problem": type(problem).__name__}


_send = requests.adapters.HTTPAdapter.send
_make_request = urllib3.connectionpool.HTTPConnectionPool._make_request


def send(self, request, *args, **kwargs):  # type: ignore[no-untyped-def]
    __tracebackhide__ = True
    time.sleep(random.uniform(LOW_MS, HIGH_MS) / 1000)
    FLIGHT.record, FLIGHT.tried = begun(request.method, request.path_url), False
    try:
        response = _send(self, request, *args, **kwargs)
        if not kwargs.get("stream"):
            FLIGHT.record["body"] = response.text[:200]
            FLIGHT.record["received"] = lab_clock.now()
    except BaseException as problem:
        broken(FLIGHT.record, problem)
        raise
    finally:
        note(FLIGHT.record)
        FLIGHT.record = None
    return response


def make_request(self, conn, method, url, *args, **kwargs):  # type: ignore[no-untyped-def]
    """One attempt of urllib3, which may try again by itself: every attempt is a request of its own."""
    __tracebackhide__ = True
    alone = FLIGHT.record is None
    if FLIGHT.record is None or FLIGHT.tried:
        if FLIGHT.record is not None:
            note(FLIGHT.record)
        FLIGHT.record = begun(method, url)
    record, FLIGHT.tried = FLIGHT.record, True
    kwargs["headers"] = {**(kwargs.get("headers") or {}), "X-Lab-Id": record["id"]}
    try:
        response = _make_request(self, conn, method, url, *args, **kwargs)
        answered(record, response)
    except BaseException as problem:
        broken(record, problem)
        raise
    finally:
        if alone:
            note(record)
            FLIGHT.record = None
    return response


requests.adapters.HTTPAdapter.send = send  # type: ignore[method-assign]
urllib3.connectionpool.HTTPConnectionPool._make_request = make_request  # type: ignore[method-assign]

_factory = logging.getLogRecordFactory()


def log_record(*args, **kwargs):  # type: ignore[no-untyped-def]
    record = _factory(*args, **kwargs)
    test, _ = current_test()
    if test:
        note_line(test, record)
    return record


def note_line(test: str, record: logging.LogRecord) -> None:
    """A line of the request in flight is about that one; the tester's own words are about the one before them."""
    in_flight = FLIGHT.record["id"] if FLIGHT.record is not None else None
    mine = FLIGHT.latest[1] if FLIGHT.latest[0] == test else LATEST.get(test)
    try:
        message = record.getMessage()
    except Exception:  # whatever a tester's arguments do: logging itself will complain
        message = str(record.msg)
    note(
        {
            "what": "line",
            "test": test,
            "logger": record.name,
            "message": message[:LINE_CHARACTERS],
            "at": lab_clock.now(),
            "id": in_flight or (None if WORDS_BEFORE else mine),
            "next": WORDS_BEFORE and in_flight is None,
        }
    )


logging.setLogRecordFactory(log_record)


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
