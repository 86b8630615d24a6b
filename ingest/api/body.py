"""The body of a request as a stream: unpacked on the way, bounded in size and in time."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from types import TracebackType

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError

from triage.api import ApiError

BLOCK = 256 * 1024  # bytes read at once
IDLE_S = 30.0  # how long a client may stay silent in the middle of its upload
LONGEST_S = 2 * 3600.0  # how long one upload may last, however busy: a drip may not hold a thread for ever
MEMBERS = 100_000  # gzip members in one request
_GZIP = 16 + zlib.MAX_WBITS


def too_large(limit: int) -> ApiError:
    return ApiError(
        413,
        "request_too_large",
        f"The upload is larger than {size_in_words(limit)}, the most that one request may carry. Send fewer parts at a "
        "time under the same run_key, or compress them with gzip or zstd.",
    )


def size_in_words(size: int) -> str:
    value = float(size)
    for unit in ("bytes", "KB", "MB", "GB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if value == int(value) else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TB"


class Body:
    """What the client sends, decoded. Raises ApiError: 408 too slow, 413 too large, 400 broken, 415 unknown coding."""

    def __init__(self, request: HttpRequest) -> None:
        self._limit: int = settings.LINEUP_MAX_RUN_BYTES
        self._read = _reader(request, self._limit)
        self._unpack = _unpacker(request)
        self._socket = request.META.get("gunicorn.socket")
        self._patience: float | None = None
        self._ends = time.monotonic() + LONGEST_S
        self._seen = 0

    def __enter__(self) -> Body:
        if self._socket is not None:
            self._patience = self._socket.gettimeout()
            self._socket.settimeout(IDLE_S)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._socket is not None:
            self._socket.settimeout(self._patience)

    def read(self) -> bytes:
        """The next block, never more than about BLOCK bytes; b"" at the end."""
        while True:
            data = self._unpack.some() if self._unpack.waiting else self._unpack.feed(self._next())
            if data or self._unpack.over:
                break
        self._seen += len(data)
        if self._seen > self._limit:
            raise too_large(self._limit)
        return data

    def _next(self) -> bytes:
        if time.monotonic() > self._ends:
            raise ApiError(408, "upload_too_slow", "The upload took longer than two hours; send the parts one by one.")
        try:
            return self._read(BLOCK)
        except (UnreadablePostError, OSError) as error:
            if isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError):
                raise ApiError(408, "upload_stalled", f"Nothing came for {IDLE_S:.0f} seconds; try again.") from error
            raise ApiError(400, "upload_broken_off", "The connection ended before the upload did.") from error


class _Plain:
    waiting = b""
    over = False

    def some(self) -> bytes:
        return b""

    def feed(self, data: bytes) -> bytes:
        self.over = not data
        return data


class _Gunzip:
    """One or several gzip members, unpacked in blocks, so that a bomb costs no memory."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._members = 0
        self._begun = False  # in the middle of a member
        self.waiting = b""  # read, not unpacked yet
        self.over = False

    def feed(self, data: bytes) -> bytes:
        if not data:
            if self._begun:
                raise ApiError(400, "bad_gzip", "The gzip stream of the request ends in the middle.")
            self.over = True
            return b""
        self.waiting = data
        return self.some()

    def some(self) -> bytes:
        """What the waiting bytes unfold to, at most a block of it; may be empty where they only begin something."""
        try:
            out = self._member.decompress(self.waiting, BLOCK)
        except zlib.error as error:
            raise ApiError(
                400, "bad_gzip", "The request says 'Content-Encoding: gzip', but its body is no valid gzip stream."
            ) from error
        self._begun = not self._member.eof
        self.waiting = self._member.unconsumed_tail
        if self._member.eof:
            self.waiting = self._member.unused_data
            self._member = zlib.decompressobj(_GZIP)
            self._members += 1
            if self._members > MEMBERS:  # each costs a copy of what is left: a million empty ones would cost hours
                raise ApiError(400, "bad_gzip", f"The gzip stream of the request has more than {MEMBERS} members.")
        return out


def _reader(request: HttpRequest, limit: int) -> Callable[[int], bytes]:
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower() and request.META.get("wsgi.input_terminated"):
        # Django reads as many bytes as Content-Length says, so none of these; the server marks their end itself.
        return request.environ["wsgi.input"].read  # type: ignore[attr-defined, no-any-return]
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = -1
    if length < 0:
        raise ApiError(400, "bad_content_length", "The Content-Length header is no number.")
    if length > limit:
        raise too_large(limit)
    return request.read


def _unpacker(request: HttpRequest) -> _Plain | _Gunzip:
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding in ("", "identity"):
        return _Plain()
    if coding in ("gzip", "x-gzip"):
        return _Gunzip()
    raise ApiError(
        415,
        "unknown_content_encoding",
        "A whole request may be compressed with gzip only; single parts may be gzip or zstd files.",
        headers={"Accept-Encoding": "gzip"},
    )
