"""A multipart upload unpacked straight to disk: what it says of the run, and its parts."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header

from ingest.api.body import Body, size_in_words
from ingest.api.names import extended_name, part_name
from ingest.storage import Incoming
from triage.api import ApiError

META_LIMIT = 64 * 1024
SIDES = ("tests", "server")
FIELDS_BESIDE_FILES = 50  # fields that we ignore; more of them is no upload of a run


@dataclass(slots=True, eq=False)
class ReceivedPart:
    side: str
    name: str
    incoming: Incoming


@dataclass(slots=True)
class Parcel:
    meta: bytes | None = None
    parts: list[ReceivedPart] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)  # fields that carried a file and mean nothing to us


def unpack(body: Body, content_type: str, incoming: ExitStack) -> Parcel:
    """Reads the whole body. The parts are written under `incoming/` and belong to `incoming`, which discards them.

    Raises ApiError: 415 no multipart form, 400 a broken one, 413 too much of something.
    """
    unpacking = _Unpacking(incoming)
    stream(body, content_type, unpacking)
    return unpacking.parcel


class Receiver(Protocol):
    """Takes the fields of a form as they come: each begins, is written in blocks, and ends."""

    def begin(self, segment: MultipartSegment) -> None: ...

    def write(self, data: bytes) -> None: ...

    def end(self) -> None: ...


def stream(body: Body, content_type: str, receiver: Receiver) -> None:
    """Reads a whole multipart body and holds no more than a block of it. Raises ApiError as `unpack` does."""
    parser = PushMultipartParser(
        _boundary(content_type),
        max_segment_count=settings.LINEUP_MAX_PARTS + FIELDS_BESIDE_FILES,
        header_charset="latin-1",  # never fails; names are decoded in ingest/api/names.py
    )
    try:
        with parser:
            while data := body.read():
                for event in parser.parse(data):
                    if isinstance(event, MultipartSegment):
                        receiver.begin(event)
                    elif event is None:
                        receiver.end()
                    else:
                        receiver.write(event)
    except ParserLimitReached as error:
        raise ApiError(413, "too_many_parts", "The form has too many fields, or headers that are too long.") from error
    except MultipartError as error:
        raise ApiError(
            400, "bad_multipart", f"The multipart form is broken or ends too early ({error}). Send it again."
        ) from error


class _Unpacking:
    """Where the bytes of the current field go."""

    def __init__(self, incoming: ExitStack) -> None:
        self.parcel = Parcel()
        self._stack = incoming
        self._part: ReceivedPart | None = None
        self._unnamed = False
        self._meta: bytearray | None = None

    def begin(self, segment: MultipartSegment) -> None:
        headers = dict(segment.headerlist)
        filename = segment.filename
        if filename is None:
            filename = extended_name(headers.get("Content-Disposition", ""))
        if headers.get("Content-Transfer-Encoding", "binary").strip().lower() not in ("binary", "7bit", "8bit"):
            raise ApiError(400, "bad_multipart", "Send the parts as they are, without Content-Transfer-Encoding.")
        if segment.name == "meta":
            if self.parcel.meta is not None:
                raise ApiError(400, "repeated_field", "The form has more than one field 'meta'.", "meta")
            self._meta = bytearray()
        elif segment.name in SIDES:
            self._begin_part(segment.name, filename)
        elif filename is not None and len(self.parcel.ignored) < FIELDS_BESIDE_FILES:
            self.parcel.ignored.append(part_name(segment.name, "unnamed")[:100])

    def _begin_part(self, side: str, filename: str | None) -> None:
        if filename is None:
            raise ApiError(
                400, "not_a_file", f"'{side}' must be sent as a file; with curl: -F {side}=@FILE (mind the @).", side
            )
        if len(self.parcel.parts) >= settings.LINEUP_MAX_PARTS:
            raise ApiError(
                413,
                "too_many_parts",
                f"One request carries at most {settings.LINEUP_MAX_PARTS} parts; send others under the same run_key.",
                side,
            )
        part = ReceivedPart(side, part_name(filename, side), self._stack.enter_context(Incoming()))
        self.parcel.parts.append(part)
        self._part = part
        self._unnamed = not filename

    def write(self, data: bytes) -> None:
        if self._part is not None:
            if self._part.incoming.size + len(data) > settings.LINEUP_MAX_PART_BYTES:
                raise part_too_large(self._part.name, self._part.side)
            self._part.incoming.write(data)
        elif self._meta is not None:
            self._meta += data
            if len(self._meta) > META_LIMIT:
                raise ApiError(413, "meta_too_large", f"'meta' is larger than {size_in_words(META_LIMIT)}.", "meta")

    def end(self) -> None:
        if self._part is not None:
            self._part.incoming.finish()
            if self._unnamed and not self._part.incoming.size:
                self.parcel.parts.remove(self._part)  # what a browser sends for a file field that was left empty
            self._part = None
        elif self._meta is not None:
            self.parcel.meta = bytes(self._meta)
            self._meta = None


def part_too_large(name: str, field: str | None = None) -> ApiError:
    return ApiError(
        413,
        "part_too_large",
        f"{name} is larger than {size_in_words(settings.LINEUP_MAX_PART_BYTES)}, the most that one part may have. "
        "Compress it with gzip or zstd, or cut it to the time of the run (journalctl --since).",
        field,
    )


def _boundary(content_type: str) -> str:
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data":
        raise ApiError(
            415,
            "not_multipart",
            'Upload a run as multipart/form-data; with curl: -F \'meta={"run_key": "…"}\' -F tests=@FILE.',
        )
    boundary = str(options.get("boundary", ""))
    if not boundary or len(boundary) > 200 or not boundary.isascii() or not boundary.isprintable():
        raise ApiError(400, "bad_multipart", "The Content-Type header names no usable boundary.")
    return boundary
