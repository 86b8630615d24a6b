"""`journalctl -o export`, the loss-free choice: text fields, counted binary fields, an empty line after each entry."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.assemble import Assembler
from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.hosts import host_of
from ingest.formats.journal_fields import NAMES, Fields, entry_of
from triage.core.records import Record, Side, Unparsed

NAME = "journal-export"
TITLE = "journalctl -o export"
SIDE = Side.SERVER
SAMPLES = (
    "__REALTIME_TIMESTAMP=1795397400053850\n_BOOT_ID=cbf9a1c0a4b24a9d8d64e4c2f0f5e0aa\n_PID=15865\n_HOSTNAME=vm\n"
    "SYSLOG_IDENTIFIER=gunicorn\n_TRANSPORT=stdout\nMESSAGE=session on get: 5\n\n",
)

VALUE_LIMIT = LINE_LIMIT * 4  # bytes kept of one value; the rest is skipped as it comes
FIELDS_LIMIT = 1_024  # journald's own limit of fields in an entry
LENGTH_LIMIT = 1 << 40  # a longer binary value is a lie
ATTRIBUTES = {name.encode(): attribute for attribute, name in NAMES.items()}
MARKS = (b"__CURSOR=", b"__REALTIME_TIMESTAMP=", b"__MONOTONIC_TIMESTAMP=")


def recognises(head: Head) -> Recognition | None:
    seen = [mark for mark in MARKS if head.data.startswith(mark) or b"\n" + mark in head.data]
    if b"__REALTIME_TIMESTAMP=" not in seen and not head.data.startswith(MARKS[0]):
        return None
    fields = sum(1 for line in head.lines[:400] if line.partition("=")[1] and line.partition("=")[0].isupper())
    tried = sum(1 for line in head.lines[:400] if line)
    if not tried or fields * 4 < tried:
        return None
    return Recognition(1.0, "It consists of journal fields, NAME=value, as journalctl -o export writes them.")


def parse(source: Source, context: Context) -> Iterator[Record]:
    assembler, hint = Assembler(), host_of(context.host_hint)
    for number, raw, fields in _entries(_Bytes(source.blocks())):
        entry = entry_of(assembler, number, raw, fields, hint) if fields is not None else None
        yield entry or Unparsed(number, raw)
    yield from assembler.facts()


class _Bytes:
    """Lines and counted bytes from blocks, holding no more than a block and one value."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.line = 1  # number of the line that comes next
        self._blocks = blocks
        self._block = b""
        self._at = 0

    def _more(self) -> bool:
        self._block, self._at = next(self._blocks, b""), 0
        return bool(self._block)

    def text(self) -> bytes | None:
        """The next line without its end, at most VALUE_LIMIT bytes of it; None at the end of the part."""
        kept = b""
        while True:
            end = self._block.find(b"\n", self._at)
            if end >= 0:
                piece = self._block[self._at : end]
                self._at = end + 1
                self.line += 1
                return (kept + piece[: VALUE_LIMIT - len(kept)]) if kept else piece[:VALUE_LIMIT]
            kept += self._block[self._at :][: VALUE_LIMIT - len(kept)]
            if not self._more():
                return kept or None

    def take(self, count: int) -> bytes:
        """The next `count` bytes, at most VALUE_LIMIT of them kept."""
        kept = b""
        while count > 0:
            if self._at >= len(self._block) and not self._more():
                break
            piece = self._block[self._at : self._at + count]
            self._at += len(piece)
            count -= len(piece)
            self.line += piece.count(b"\n")
            kept += piece[: VALUE_LIMIT - len(kept)]
        return kept


def _entries(data: _Bytes) -> Iterator[tuple[int, str, Fields | None]]:
    """(line, the entry's text, its fields; None where these are no fields at all)."""
    lines: list[str] = []
    fields, known, count, size, began = Fields(), False, 0, 0, 1
    while True:
        number = data.line
        line = data.text()
        if not line:
            if lines:
                yield began, "\n".join(lines)[:LINE_LIMIT], fields if known else None
                lines, fields, known, count, size = [], Fields(), False, 0, 0
            if line is None:
                return
            continue
        if not lines:
            began = number
        name, equals, value = line.partition(b"=")
        if not equals and _is_name(name):
            value = data.take(8)
            length = int.from_bytes(value, "little")
            if len(value) < 8 or length > LENGTH_LIMIT:
                equals, value = b"", b""
            else:
                value = data.take(length)
                data.take(1)
                equals = b"="
        count += 1
        text = value.decode("utf-8", "replace")
        if "\0" in text:
            text = text.replace("\0", "\u2400")
        if equals and count <= FIELDS_LIMIT and _is_name(name):
            known = True
            attribute = ATTRIBUTES.get(name)
            if attribute is not None:
                setattr(fields, attribute, text[:LINE_LIMIT])
        if size < LINE_LIMIT:
            shown = name.decode("utf-8", "replace").replace("\0", "\u2400") + ("=" + text if equals else "")
            lines.append(shown[:LINE_LIMIT])
            size += len(shown)


def _is_name(name: bytes) -> bool:
    return 0 < len(name) <= 64 and name.replace(b"_", b"A").isalnum() and name == name.upper()
