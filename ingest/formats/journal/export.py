"""`journalctl -o export`, the loss-free choice: text fields, counted binary fields, an empty line after each entry."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.assemble import Assembler
from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.counted_bytes import CountedBytes
from ingest.formats.hosts import host_of
from ingest.formats.journal.fields import NAMES, Fields, entry_of
from ingest.formats.journal.halves import Halves, is_half
from triage.core.records import Record, Side, Unparsed

NAME = "journal-export"
TITLE = "journalctl -o export"
SIDE = Side.SERVER
SAMPLES = (
    "__REALTIME_TIMESTAMP=1795397400053850\n_BOOT_ID=cbf9a1c0a4b24a9d8d64e4c2f0f5e0aa\n_PID=15865\n_HOSTNAME=vm\n"
    "SYSLOG_IDENTIFIER=gunicorn\n_TRANSPORT=stdout\nMESSAGE=session on get: 5\n\n",
)

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
    assembler, hint = Assembler(context.worth), host_of(context.host_hint)
    halves = Halves()
    for number, raw, fields in _entries(CountedBytes(source.blocks())):
        if fields is None:
            for line, text, whole in halves.rest():
                yield entry_of(assembler, line, text, whole, hint) or Unparsed(line, text)
            yield Unparsed(number, raw)
        elif halves.waiting or is_half(fields):
            for line, text, whole in halves.take((number, raw, fields)):
                yield entry_of(assembler, line, text, whole, hint) or Unparsed(line, text)
        else:
            yield entry_of(assembler, number, raw, fields, hint) or Unparsed(number, raw)
    for line, text, whole in halves.rest():
        yield entry_of(assembler, line, text, whole, hint) or Unparsed(line, text)
    yield from assembler.facts()


def _entries(data: CountedBytes) -> Iterator[tuple[int, str, Fields | None]]:
    """(line, the entry's text, its fields; None where these are no fields at all)."""
    lines: list[str] = []
    fields, known, count, size, began = Fields(), False, 0, 0, 1
    while True:
        number = data.line
        paragraph = data.paragraph() if not lines else None
        whole = _text_only(paragraph) if paragraph else None
        if paragraph and whole is not None:
            yield number, *whole
            data.skip(paragraph)
            continue
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
            if attribute == "message" and fields.message is not None:
                text = f"{fields.message}\n{text}"  # a field may come several times
            if attribute is not None:
                setattr(fields, attribute, text[:LINE_LIMIT])
        if size < LINE_LIMIT:
            shown = name.decode("utf-8", "replace").replace("\0", "\u2400") + ("=" + text if equals else "")
            lines.append(shown[:LINE_LIMIT])
            size += len(shown)


def _text_only(paragraph: bytes) -> tuple[str, Fields] | None:
    """(text, fields) of an entry whose fields are all text and come once, which most are; None for others."""
    if len(paragraph) > LINE_LIMIT or b"\0" in paragraph:
        return None
    text = paragraph.decode("utf-8", "replace")
    lines = text.split("\n")
    try:
        # A binary field begins with a line that has no equals sign; whatever it holds comes after that.
        values = dict([line.split("=", 1) for line in lines])
    except ValueError:
        return None
    if len(values) != len(lines) or "__REALTIME_TIMESTAMP" not in values or len(lines) > FIELDS_LIMIT:
        return None
    value = values.get
    return text, Fields(**{attribute: value(name) for attribute, name in NAMES.items()})


def _is_name(name: bytes) -> bool:
    return 0 < len(name) <= 64 and name.replace(b"_", b"A").isalnum() and name == name.upper()
