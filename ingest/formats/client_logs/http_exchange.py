"""An HTTP exchange that a client printed over many lines, gathered into one request with the keys of its headers.

Four writers do so: http.client with `debuglevel=1`, `curl -v` (with --trace-time, or --trace-ascii), the dump of
requests-toolbelt, and Playwright's API log. Each marks its lines in its own way, and all send one request line,
headers, a status line and headers again.
"""

from __future__ import annotations

import re

from ingest.formats import stamps
from ingest.formats.client_logs import http_trace
from triage.core.records import Request, Stamp

LINES = 300  # of one exchange; what is longer is told to its end as lines of their own
SIZE = 32_768  # characters of headers that are searched for keys
STARTS = frozenset("s><*=→p0123456789")  # what the first line of an exchange may begin with

_METHOD = r"(?P<method>[A-Z]{3,10}) (?P<url>\S{1,4000})"
_REQUEST = re.compile(rf"^{_METHOD} HTTP/[\d.]{{1,3}}")
_STATUS = re.compile(r"^HTTP/[\d.]{1,3} (?P<status>\d{3})\b")
_HOST = re.compile(r"(?i)^host: (?P<target>[^\s\\]{1,260})")
# send: b'GET /cars HTTP/1.1\r\nHost: …      reply: 'HTTP/1.1 200 OK\r\n'      header: Server: gunicorn
_SENT = re.compile(rf"""^send: b['"]{_METHOD} HTTP/[\d.]{{1,3}}""")
_CLIENT_LINES = ("send: b", "reply: ", "header: ", "body: ")
# → GET http://127.0.0.1:5065/cars      ← 200 OK
_ASKED = re.compile(rf"^→ {_METHOD}$")
_ANSWERED = re.compile(r"^← (?P<status>\d{3})\b")
_TRACE_PART = re.compile(r"^(?:=> Send|<= Recv|==) (?P<what>header|data|Info|SSL data)")
_TRACE_LINE = re.compile(r"^(?P<at>[0-9a-f]{4,8}): (?P<text>.*)$")
_TRACE_WIDTH = 64  # characters of a header that curl shows in one line
_CURL_NOTES = ("* ", "*", "{ [", "} [")


class Exchange:
    """Feed it line after line; `take` is False for the first that is not of this exchange."""

    def __init__(self) -> None:
        self.stamp: Stamp | None = None  # of the request line
        self.answered = self._done = False
        self._method = self._url = self._target = ""
        self._status: int | None = None
        self._headers: list[str] = []
        self._size = self._lines = 0
        self._at_end = True  # whether the next piece of a trace begins a header

    def take(self, text: str) -> bool:
        raise NotImplementedError

    @property
    def request(self) -> Request | None:
        """What was asked and answered; None where no request line came."""
        if not self._method:
            return None
        target, path, query = http_trace.split_url(self._url)
        return Request(
            method=self._method,
            path=path,
            query=query,
            status=self._status,
            target=target or self._target,
            ended=self._status is not None,
        )

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        return http_trace.keys_in("\n".join(self._headers), SIZE)

    def _asked(self, found: re.Match[str], stamp: Stamp | None) -> bool:
        if self._method:
            return False
        self._method, self._url, self.stamp = found["method"], found["url"], stamp
        return True

    def _replied(self, found: re.Match[str]) -> bool:
        self._status, self.answered = int(found["status"]), True
        return True

    def _header(self, text: str) -> bool:
        if self._size + len(text) < SIZE:
            self._size += len(text) + 1
            self._headers.append(text)
            if not self._target and (host := _HOST.match(text)):
                self._target = host["target"]
        return True

    def _message(self, text: str, stamp: Stamp | None) -> bool:
        """A line of a message as HTTP writes it; an empty one ends its headers."""
        if found := _REQUEST.match(text):
            return self._asked(found, stamp)
        if found := _STATUS.match(text):
            return self._replied(found)
        if not text.strip():
            self._done = self.answered
            return True
        return self._header(text)

    def _room(self) -> bool:
        self._lines += 1
        return self._lines <= LINES


class _HttpClient(Exchange):
    def take(self, text: str) -> bool:
        if not text.startswith(_CLIENT_LINES) or not self._room():
            return False
        if found := _SENT.match(text):
            if not self._asked(found, None):
                return False
            for header in text[found.end() : SIZE].split("\\r\\n"):
                self._header(header)
            return True
        if text.startswith("reply: "):
            found = _STATUS.match(text[8:])
            return self._replied(found) if found else True
        return self._header(text[8:]) if text.startswith("header: ") else True


class _Marked(Exchange):
    """Each line of a message carries the sign of its direction: `> GET /cars HTTP/1.1` and `< HTTP/1.1 200 OK`."""

    signs = (">", "<")
    notes: tuple[str, ...] = ()

    def take(self, text: str) -> bool:
        text, stamp = _timed(text)
        if self._done or not self._room():
            return False
        if self.notes and text.startswith(self.notes):
            return not (self._method and text.startswith("*   Trying "))
        if text[:1] in self.signs and text[1:2] in (" ", ""):
            return self._message(text[2:], stamp)
        return not text.strip() and bool(self._method)


class _Curl(_Marked):
    notes = _CURL_NOTES


class _CurlTrace(Exchange):
    """`curl --trace-ascii`: a line on what was sent, then the lines of it behind their offsets."""

    def __init__(self) -> None:
        super().__init__()
        self._what = ""

    def take(self, text: str) -> bool:
        text, stamp = _timed(text)
        if not self._room():
            return False
        if part := _TRACE_PART.match(text):
            if text.startswith("=> Send header") and self._method:
                return False
            if text.startswith("== Info:   Trying ") and self._method:
                return False
            self._what, self._at_end = part["what"], True
            self.stamp = self.stamp or stamp if text.startswith("=> Send header") else self.stamp
            return True
        found = _TRACE_LINE.match(text)
        if found is None:
            return False
        piece = found["text"]
        if self._what == "header":
            if not self._at_end and self._headers:
                self._headers[-1] += piece[:_TRACE_WIDTH]
            elif piece.strip():
                self._message(piece, self.stamp)
            self._at_end = len(piece) < _TRACE_WIDTH
        return True


class _Playwright(Exchange):
    def take(self, text: str) -> bool:
        text, stamp = _timed(text)
        text = text.removeprefix("pw:api ")
        if not self._room():
            return False
        if found := _ASKED.match(text):
            return self._asked(found, stamp)
        if found := _ANSWERED.match(text):
            return self._replied(found) if not self.answered else False
        return text.startswith("  ") and ":" in text and self._header(text.strip())


def begun(text: str) -> Exchange | None:
    """The exchange that this line begins, which has taken it; None for all other lines."""
    first = text[:1]
    if first.isdigit():
        if text[16:17] not in "*><=" and "pw:api" not in text[:40]:
            return None
        text = _timed(text)[0]
        first = text[:1]
    made: Exchange | None = None
    if first == "s":
        made = _HttpClient() if _SENT.match(text) else None
    elif first == ">" or text.startswith("*   Trying "):
        made = _Curl() if first == "*" or _REQUEST.match(text[2:]) else None
    elif first == "<":
        made = _Dump() if _REQUEST.match(text[2:]) else None
    elif first == "=":
        made = _CurlTrace() if text.startswith(("=> Send header, ", "== Info:   Trying ")) else None
    elif first in ("→", "p"):
        made = _Playwright() if _ASKED.match(text.removeprefix("pw:api ")) else None
    return made


class _Dump(_Marked):
    """requests-toolbelt points the arrows the other way round; the body of the request stands among its lines."""


def _timed(text: str) -> tuple[str, Stamp | None]:
    """The line without the time that curl's --trace-time or Playwright puts before it."""
    if text[:1].isdigit():
        read = stamps.clock(text) if text[2:3] == ":" else stamps.iso(text)
        if read is not None and text[read[1] : read[1] + 1] == " ":
            return text[read[1] + 1 :], read[0]
    return text, None
