"""A real HTTP server in a thread. A test says what its next answers are to be instead of the service's own."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Asked(NamedTuple):
    method: str
    path: str  # with its query
    headers: dict[str, str]  # names in lower case
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Answer(NamedTuple):
    status: int = 200
    body: bytes | str | list[Any] | dict[str, Any] = b""
    headers: dict[str, str] = {}


CLOSED = "closed"  # the connection ends without an answer
AFTER = "after"  # the service does what it was asked, and the connection ends before it says so


class StandIn:
    """Serves `answer`, which each service defines. `moods` come first: an Answer, CLOSED, AFTER, or seconds to wait."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.moods: deque[Answer | str | float] = deque()
        self._lock = threading.Lock()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def _serve(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, self.rfile.read(size))
                with stand_in._lock:
                    stand_in.asked.append(asked)
                    mood = stand_in.moods.popleft() if stand_in.moods else None
                    answer = mood if isinstance(mood, Answer) else None
                    if answer is None and mood != CLOSED:
                        answer = stand_in.answer(asked)
                if isinstance(mood, int | float) and not isinstance(mood, Answer):
                    time.sleep(mood)
                if mood in (CLOSED, AFTER):
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                assert answer is not None
                body = answer.body if isinstance(answer.body, bytes) else (
                    answer.body.encode() if isinstance(answer.body, str) else json.dumps(answer.body).encode()
                )  # fmt: skip
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def running(stand_in: StandIn) -> Iterator[Any]:
    try:
        yield stand_in
    finally:
        stand_in.close()
