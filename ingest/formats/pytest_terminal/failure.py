"""The text of a failing block: one line that says it, and the whole of it, bounded."""

from __future__ import annotations

import re
from collections import deque

from ingest.formats.client_logs import http_trace
from triage.core.records import Request

HEAD_SIZE = 16_384  # characters kept of a block's beginning
TAIL_SIZE = 45_056  # and of its end, where the error stands
MESSAGE_SIZE = 4_096
CUT = "… lines left out …"

_E_LINE = re.compile(r"^E(?: {2,}(?P<text>.*)|\s*$)")
_CHAIN = ("The above exception was the direct cause", "During handling of the above exception")
_NATIVE_FRAME = re.compile(r'^ {2}File ".{1,1000}", line \d{1,9}, in ')
_CALL = re.compile(r"^method = '(?P<method>[A-Z]{1,10})', url = '(?P<url>[^']{1,2000})'")  # urllib3's own frame


class Bounded:
    """Text with a bound: its beginning and its end."""

    def __init__(self) -> None:
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._head_size = self._tail_size = 0
        self._cut = False

    def add(self, text: str) -> None:
        if not self._tail and self._head_size + len(text) <= HEAD_SIZE:
            self._head.append(text)
            self._head_size += len(text) + 1
            return
        text = text[:TAIL_SIZE]
        self._tail.append(text)
        self._tail_size += len(text) + 1
        while self._tail_size > TAIL_SIZE and len(self._tail) > 1:
            self._tail_size -= len(self._tail.popleft()) + 1
            self._cut = True

    def text(self) -> str:
        lines = [*self._head, CUT, *self._tail] if self._cut else [*self._head, *self._tail]
        return "\n".join(lines).strip("\n")


class Failure:
    """Reads the traceback of a block line by line, in any of pytest's styles."""

    def __init__(self) -> None:
        self.detail = Bounded()
        self.line = 0  # of the error's first line
        self._error = ""
        self._native = ""
        self._plain = ""
        self._in_error = self._after_frame = False
        self._called: Request | None = None

    def add(self, line: int, text: str) -> None:
        """One line of the traceback, in order."""
        self.detail.add(text)
        if found := _E_LINE.match(text):
            if not self._in_error and (error := (found["text"] or "").strip()):
                self._error, self.line, self._in_error = error, line, True
            return
        self._in_error = False
        if text.startswith(_CHAIN):
            self._native, self._after_frame = "", False
        elif _NATIVE_FRAME.match(text):
            self._after_frame = True
        elif self._after_frame and text and not text.startswith(" "):
            self._native, self._after_frame = text, False
            self.line = self.line or line
        elif text.startswith("method = ") and (call := _CALL.match(text)):
            self.called(call["method"], call["url"])
        elif not self._plain and text.strip() and not text.startswith((" ", "[gw", ">")):
            self._plain = text.strip()

    def called(self, method: str, url: str) -> None:
        """A frame of the HTTP library was called with these arguments, perhaps in quotes."""
        _, path, query = http_trace.split_url(url.strip("'\""))
        self._called = Request(method=method.strip("'\"")[:10], path=path, query=query)

    @property
    def message(self) -> str:
        """The error in one line: the first `E` line of the last exception of the chain."""
        return (self._error or self._native or self._plain)[:MESSAGE_SIZE]

    @property
    def unanswered(self) -> Request | None:
        """The request that the error itself tells of: refused, reset or timed out."""
        if "ConnectionPool(" not in self.message and "Connection aborted" not in self.message:
            return None
        told = http_trace.request_in(self.message)
        if self._called is None:
            return told
        return Request(
            method=self._called.method,
            path=self._called.path,
            query=self._called.query,
            target=told.target if told else "",
        )
