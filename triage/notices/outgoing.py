"""One request to an address that a person typed in: no redirect, little patience, a bounded answer, checked addresses.

The address is checked after its name is resolved and is the one that is then connected to, so that a name which leads
elsewhere a moment later changes nothing. Through a proxy, the proxy resolves names and decides what may be reached.
No exception of the library leaves this file: their texts repeat the address, and a webhook's address is a secret.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from triage.core.notices.reachable import refusal

CONNECT_S, READ_S, WHOLE_S = 5.0, 10.0, 20.0
LARGEST = 1_000_000  # bytes of an answer that are read
AGENT = "Lineup notifications"


class Refused(Exception):
    """Nothing was sent, because of where the address leads; says why."""


class Unreachable(Exception):
    """Nobody answered as a server does; says how, and never whom."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    def json(self) -> Any:
        """None where the body is none."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return None

    def said(self, limit: int = 200) -> str:
        return self.body[: 4 * limit].decode("utf-8", "replace").strip()[:limit]


def ask(method: str, url: str, *, json: Any = None, headers: dict[str, str] | None = None) -> Answer:
    """Raises Refused and Unreachable; an answer of any status is an answer."""
    body = None if json is None else msgspec.json.encode(json)
    sent = {"User-Agent": AGENT, "Accept-Encoding": "identity", **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/json; charset=utf-8"
    deadline = time.monotonic() + WHOLE_S
    with _Straight() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter())
        try:
            with session.request(
                method, url, data=body, headers=sent, timeout=(CONNECT_S, READ_S), allow_redirects=False, stream=True,
                auth=_nobody,
            ) as answer:  # fmt: skip
                read = _bounded(answer, deadline)
                named = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(status=answer.status_code, headers=named, body=read)
        except _Forbidden as forbidden:
            raise Refused(str(forbidden)) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            cause = _forbidden(error)
            if cause is not None:
                raise Refused(cause) from None
            raise Unreachable(_how(error)) from None


def pause_of(answer: Answer) -> float | None:
    """Seconds that the other side asks us to wait, from Retry-After or GitHub's own header; None where it does not."""
    asked = answer.headers.get("retry-after", "").strip()
    if asked.isdigit() and len(asked) < 10:
        return float(asked)
    if asked:
        try:
            return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError):
            pass
    reset = answer.headers.get("x-ratelimit-reset", "").strip()
    if answer.headers.get("x-ratelimit-remaining", "").strip() == "0" and reset.isdigit() and len(reset) < 12:
        return max(0.0, int(reset) - time.time())
    return None


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def _nobody(request: Any) -> Any:
    """Signs with nothing: neither a .netrc nor a name in the address speaks for Lineup."""
    return request


def _bounded(answer: requests.Response, deadline: float) -> bytes:
    """What has come is taken as it comes: to wait for a full piece is to wait for as long as somebody drips."""
    read = b""
    while len(read) < LARGEST:
        piece = answer.raw.read1(16_384, decode_content=False)  # nothing is unpacked: a few bytes may be a gigabyte
        if not piece:
            break
        read += piece
        if time.monotonic() > deadline:
            raise requests.Timeout
    return read[:LARGEST]


class _Straight(requests.Session):
    """Sees no redirect in any answer: the library would read the whole of one even where it does not follow it."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class _Forbidden(NewConnectionError):
    """Its text is the sentence alone."""

    def __init__(self, connection: Any, sentence: str) -> None:
        super().__init__(connection, sentence)
        self.sentence = sentence


def _forbidden(error: BaseException) -> str | None:
    """The sentence of a refusal that the libraries have wrapped; None where there was none."""
    seen: BaseException | None = error
    for _ in range(6):
        if isinstance(seen, _Forbidden):
            return seen.sentence
        reason = getattr(seen, "reason", None)
        inner = seen.args[0] if seen is not None and seen.args else None
        nearer = reason if isinstance(reason, BaseException) else inner
        seen = nearer if isinstance(nearer, BaseException) else None
        if seen is None:
            return None
    return None


def _how(error: BaseException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted, or it speaks no TLS"
    if isinstance(error, requests.Timeout):
        return "it did not answer in time"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy did not let the request through"
    if "NameResolution" in repr(getattr(error.args[0] if error.args else error, "reason", error)):
        return "its name leads nowhere"
    return "the connection failed or was closed"


def _connected(connection: Any) -> socket.socket:
    """A socket to the first address of the host that may be reached and answers."""
    try:
        found = socket.getaddrinfo(connection._dns_host, connection.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise urllib3.exceptions.NameResolutionError(connection.host, connection, socket.gaierror(error)) from error
    for *_, place in found:
        sentence = refusal(str(place[0]), settings.LINEUP_PRIVATE_TARGETS)
        if sentence:  # one that may not be reached spoils them all: which is taken would be chance
            raise _Forbidden(connection, sentence)
    failed: OSError = OSError("no address")
    for family, kind, protocol, _, place in found[:4]:
        one = socket.socket(family, kind, protocol)
        one.settimeout(CONNECT_S)
        try:
            one.connect(place)
            return one
        except OSError as error:
            one.close()
            failed = error
    if isinstance(failed, TimeoutError):
        raise urllib3.exceptions.ConnectTimeoutError(connection, "timed out") from failed
    raise NewConnectionError(connection, "no connection") from failed


class _Prompt:
    """The whole head of an answer has READ_S: the library's own patience begins anew with every byte."""

    sock: Any

    def getresponse(self) -> Any:
        line, late = self.sock, threading.Event()

        def cut() -> None:
            late.set()
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)

        timer = threading.Timer(READ_S, cut)
        timer.daemon = True
        timer.start()
        try:
            answer = super().getresponse()  # type: ignore[misc]
        except (OSError, HTTPException):
            if late.is_set():
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()
        if late.is_set():  # the library takes a head that breaks off for a whole one
            answer.close()
            raise TimeoutError
        return answer


class _Plain(_Prompt, HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self)


class _Secure(_Prompt, HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """Direct connections are made by `_connected`; a proxy's are the operator's own choice."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
