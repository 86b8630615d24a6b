"""As lab_truth, for suites that open WebSockets with websocket-client: the handshake is noted like a request."""

from __future__ import annotations

import random
import time
from urllib.parse import urlsplit

import lab_clock
import lab_truth
import websocket

_connect = websocket.WebSocket.connect


def connect(self, url, **options):  # type: ignore[no-untyped-def]
    __tracebackhide__ = True
    time.sleep(random.uniform(lab_truth.LOW_MS, lab_truth.HIGH_MS) / 1000)
    record = lab_truth.begun("GET", urlsplit(url).path)
    headers = [*(options.pop("header", None) or ()), f"X-Lab-Id: {record['id']}"]
    lab_truth.FLIGHT.record = record
    try:
        _connect(self, url, header=headers, **options)
        pid = (self.getheaders() or {}).get("x-lab-pid")
        record |= {"received": lab_clock.now(), "status": self.getstatus(), "pid": int(pid) if pid else None}
    except BaseException as problem:
        lab_truth.broken(record, problem)
        raise
    finally:
        lab_truth.note(record)
        lab_truth.FLIGHT.record = None


websocket.WebSocket.connect = connect  # type: ignore[method-assign]
