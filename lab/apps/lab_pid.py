"""Middleware of every app of the lab: says in a header, and in a file apart from the logs, which process answered."""

import itertools
import json
import os

import lab_clock

OUT = os.environ.get("LAB_SERVER_TRUTH", os.devnull)
COUNTER = itertools.count(1)


def _note(**record):
    line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
    descriptor = os.open(OUT, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


class Wsgi:
    """Wraps a WSGI application."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        served = {
            "id": environ.get("HTTP_X_LAB_ID"),
            "pid": os.getpid(),
            "n": next(COUNTER),  # which end belongs to which beginning
            "host": os.uname().nodename,
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"],
            "port": environ.get("REMOTE_PORT"),
        }
        _note(what="begin", at=lab_clock.now(), **served)

        def start(status, headers, *rest):
            _note(what="end", at=lab_clock.now(), status=int(status[:3]), **served)
            return start_response(status, [*headers, ("X-Lab-Pid", str(os.getpid()))], *rest)

        return self.app(environ, start)


class Asgi:
    """Wraps an ASGI application."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        client = scope.get("client") or ("", 0)
        served = {
            "id": headers.get(b"x-lab-id", b"").decode() or None,
            "pid": os.getpid(),
            "n": next(COUNTER),  # which end belongs to which beginning
            "host": os.uname().nodename,
            "method": scope["method"],
            "path": scope["path"],
            "port": str(client[1]),
        }
        _note(what="begin", at=lab_clock.now(), **served)

        async def answer(message):
            if message["type"] == "http.response.start":
                _note(what="end", at=lab_clock.now(), status=message["status"], **served)
                pid = (b"x-lab-pid", str(os.getpid()).encode())
                message = {**message, "headers": [*message.get("headers", ()), pid]}
            await send(message)

        await self.app(scope, receive, answer)
