"""Files that a person drops on a page: a form read as a stream, and which side each file is of."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import msgspec
from django.conf import settings
from multipart import MultipartSegment

from ingest import native_journal
from ingest.api.names import extended_name, part_name
from ingest.api.parcel import part_too_large
from ingest.formats.archive import kind_of
from ingest.formats.base import Format
from ingest.formats.detect import Detection, detect
from ingest.formats.gather import Offered, both_sides
from ingest.formats.pieces import laid_out
from ingest.formats.source import PartSource
from ingest.storage import Incoming
from triage.api import ApiError
from triage.core.records import Side
from triage.store.text import clean

TOKEN = "csrfmiddlewaretoken"  # noqa: S105  the name of Django's form field
FIELDS = {TOKEN: 200, "client_timezone": 64, "server_timezone": 64}  # each with its longest value
SLOTS = {"files": None, "tests": Side.TESTS, "server": Side.SERVER}
PASTED = {None: "pasted.log", Side.TESTS: "pasted tests.log", Side.SERVER: "pasted server.log"}
LOOKING_S = 5.0  # for all files together; what is not looked at by then is told by the worker that reads it
LAYOUT_BYTES = 8 << 20  # of a file that no format fits: whether it holds several logs takes reading it whole

Admit = Callable[[str], None]


@dataclass(slots=True, eq=False)
class DroppedFile:
    slot: Side | None  # None where the person did not say
    name: str
    incoming: Incoming
    unnamed: bool  # what a browser sends for an input that was left empty, and for pasted text


@dataclass(slots=True)
class Dropped:
    """What came in a form: its short fields and its files, which lie under `incoming/`."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[DroppedFile] = field(default_factory=list)


class Dropping:
    """Receives the form. `admit` gets the form's token before anything else of it is taken, and raises to refuse it."""

    def __init__(self, incoming: ExitStack, admit: Admit) -> None:
        self.dropped = Dropped()
        self._stack = incoming
        self._admit: Admit | None = admit
        self._file: DroppedFile | None = None
        self._field = ""
        self._text = bytearray()

    def begin(self, segment: MultipartSegment) -> None:
        if segment.name != TOKEN:
            self.admitted()
        self._field = segment.name if segment.name in FIELDS else ""
        self._text.clear()
        if segment.name in SLOTS:
            headers = dict(segment.headerlist)
            filename = segment.filename
            if filename is None:
                filename = extended_name(headers.get("Content-Disposition", ""))
            self._begin_file(SLOTS[segment.name], filename)

    def _begin_file(self, slot: Side | None, filename: str | None) -> None:
        if len(self.dropped.files) >= settings.LINEUP_MAX_PARTS:
            raise too_many()
        name = PASTED[slot] if filename is None else part_name(filename, slot.value if slot else "dropped")
        self._file = DroppedFile(slot, name, self._stack.enter_context(Incoming()), not filename)
        self.dropped.files.append(self._file)

    def write(self, data: bytes) -> None:
        if self._file is not None:
            if self._file.incoming.size + len(data) > settings.LINEUP_MAX_PART_BYTES:
                raise part_too_large(self._file.name)
            self._file.incoming.write(data)
        elif self._field and len(self._text) <= FIELDS[self._field]:
            self._text += data[: FIELDS[self._field] + 1]

    def end(self) -> None:
        if self._file is not None:
            self._file.incoming.finish()
            if self._file.unnamed and not self._file.incoming.size:
                self.dropped.files.remove(self._file)
            self._file = None
        elif self._field:
            text = self._text[: FIELDS[self._field]].decode("utf-8", "replace")
            self.dropped.fields[self._field] = clean(text).strip()

    def admitted(self) -> None:
        """Asks once, with the token if it came first; a form of other fields alone is asked as well."""
        if self._admit is not None:
            admit, self._admit = self._admit, None
            admit(self.dropped.fields.get(TOKEN, ""))


def too_many() -> ApiError:
    return ApiError(
        413,
        "too_many_parts",
        f"That is more than {settings.LINEUP_MAX_PARTS} files, the most that can be dropped at once. Pack them into "
        "one zip or tar file: Lineup reads what is in it.",
    )


class Look(msgspec.Struct, frozen=True):
    """What a file turned out to be, as far as its beginning tells."""

    name: str
    side: Side | None = None  # None where only reading the whole file will tell, or where nothing fits
    readable: bool = True
    problem: str = ""


def looked_at(files: Sequence[DroppedFile], formats: Sequence[Format]) -> tuple[Look, ...]:
    """Which side each file is of, told from content as `manage.py explain` does. Never raises on content."""
    ends = time.monotonic() + LOOKING_S
    with ExitStack() as stack:
        found: list[tuple[Offered, Detection] | Look] = []
        for one in files:
            file = stack.enter_context(one.incoming.opened())
            source = PartSource(one.name, file, settings.LINEUP_MAX_UNPACKED_BYTES)
            if time.monotonic() > ends or kind_of(file):
                found.append(Look(one.name, one.slot))
            elif native_journal.is_native(next(source.blocks(), b"")):
                found.append(Look(one.name, Side.SERVER))
            else:
                offer = Offered(source, one.slot)
                found.append((offer, detect(source, one.slot, formats)))
        told = iter(both_sides([each for each in found if not isinstance(each, Look)]))
        return tuple(each if isinstance(each, Look) else _look(*next(told)) for each in found)


def _look(offer: Offered, detection: Detection) -> Look:
    name = offer.source.name
    if detection.format is not None:
        return Look(name, detection.side)
    if _size(offer) <= LAYOUT_BYTES and laid_out(offer.source, offer.slot).split:
        return Look(name)
    return Look(name, offer.slot, False, detection.problem)


def _size(offer: Offered) -> int:
    return offer.source.size if isinstance(offer.source, PartSource) else 0


def key_of(dropped: Dropped) -> str:
    """The same files dropped twice are one run: its key is drawn from what they hold."""
    digest = hashlib.sha256()
    for sha256 in sorted(one.incoming.sha256 for one in dropped.files):
        digest.update(sha256.encode())
    return f"drop/{digest.hexdigest()[:40]}"


def title_of(names: Sequence[str]) -> str:
    """What the run is called: the files it came in."""
    shown = [name if len(name) <= 80 else f"{name[:60]}…{name[-19:]}" for name in names[:2]]
    if len(names) > 2:
        return f"{shown[0]} and {len(names) - 1} more files"
    return " and ".join(shown)
