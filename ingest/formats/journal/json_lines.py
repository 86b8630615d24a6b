"""`journalctl -o json`, also as json-seq, json-sse and json-pretty: every field as text, or null, bytes or a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ingest.formats.assemble import Assembler
from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.hosts import host_of
from ingest.formats.journal import notes as journal_notes
from ingest.formats.journal.fields import NAMES, Fields, entry_of
from ingest.formats.journal.halves import Halves
from triage.core.records import Fact, Record, Side, Unparsed

NAME = "journal-json"
TITLE = "journalctl -o json"
SIDE = Side.SERVER
SAMPLES = (
    '{"__REALTIME_TIMESTAMP":"1795397400053850","_PID":"15865","_HOSTNAME":"vm","SYSLOG_IDENTIFIER":"gunicorn",'
    '"_BOOT_ID":"cbf9a1c0a4b24a9d8d64e4c2f0f5e0aa","_TRANSPORT":"stdout","PRIORITY":"6","MESSAGE":"session on get: 5"}',
)

JSON_LINE_LIMIT = 1 << 20  # characters of one object: with --all a message may be long
PRETTY_LINES = 2_000  # lines that one json-pretty object may have
HEAD_SAMPLE = 400
MARKS = ("__REALTIME_TIMESTAMP", "__CURSOR", "_BOOT_ID", "_SOURCE_REALTIME_TIMESTAMP")
UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeError)
Value = str | int | float | list[Any] | None

_decode = msgspec.json.Decoder(Fields).decode
_decode_any = msgspec.json.Decoder(dict[str, Any]).decode


def recognises(head: Head) -> Recognition | None:
    fits = tried = 0
    for line in head.lines:
        text = _unwrapped(line)
        if not text or (tried and not text.startswith("{") and line[:1] in ("\t", " ", "}")):
            continue
        tried += 1
        where = head.data[:4096].decode("utf-8", "replace") if text == "{" else text
        if text.startswith("{") and any(mark in where for mark in MARKS):
            fits += 1
        if tried >= HEAD_SAMPLE:
            break
    if not fits:
        return None
    return Recognition(fits / tried, f"{fits} of {tried} lines are JSON objects with journal fields.")


def parse(source: Source, context: Context) -> Iterator[Record]:
    assembler, hint = Assembler(context.worth), host_of(context.host_hint)
    halves = Halves()
    pretty: list[str] = []
    began = truncated = 0

    def told(number: int, raw: str, fields: Fields | None) -> Iterator[Record]:
        """Entries that are complete with this one; None flushes what waits."""
        ready = halves.rest() if fields is None else halves.take((number, raw, fields))
        for line, text, whole in ready:
            yield entry_of(assembler, line, text, whole, hint) or Unparsed(line, text)
        if fields is None and number:
            yield Unparsed(number, raw)

    for number, line in source.lines(JSON_LINE_LIMIT):
        if not pretty and line[:2] == '{"':
            raw = line if len(line) <= LINE_LIMIT else line[:LINE_LIMIT]
            try:
                fields = _decode(line)
            except UNREADABLE:
                yield from told(number, raw, _loose(line))
                continue
            if fields.message is None and '"MESSAGE":null' in line:
                truncated += 1
            if halves.waiting or fields.line_break is not None or fields.partial is not None:
                yield from told(number, raw, fields)
            else:
                yield entry_of(assembler, number, raw, fields, hint) or Unparsed(number, raw)
            continue
        if pretty:
            pretty.append(line)
            if line == "}" or len(pretty) > PRETTY_LINES:
                text, pretty = "\n".join(pretty), []
                truncated += '"MESSAGE" : null' in text
                yield from told(began, text[:LINE_LIMIT], _loose(text))
            continue
        text = _unwrapped(line)
        if not text:
            continue
        if text == "{":
            pretty, began = [text], number
            continue
        note = journal_notes.read(text, number, 0)
        if note is not None:
            yield note.fact
            continue
        truncated += '"MESSAGE":null' in text
        yield from told(number, line if len(line) <= LINE_LIMIT else line[:LINE_LIMIT], _loose(text))
    yield from told(0, "", None)
    if pretty:
        yield Unparsed(began, "\n".join(pretty)[:LINE_LIMIT])
    if truncated:
        yield Fact(name="messages_left_out", value=str(truncated))
    yield from assembler.facts()


def _unwrapped(line: str) -> str:
    """Without what json-seq and json-sse put before an object."""
    if line[:1] == "{":
        return line
    return line.removeprefix("\x1e").removeprefix("data: ").strip()


def _loose(text: str) -> Fields | None:
    """An object, also one with values that are no text: null, bytes as numbers, several values of one field."""
    try:
        return _decode(text)
    except UNREADABLE:
        pass
    try:
        wire = _decode_any(text)
    except UNREADABLE:
        return None
    return Fields(**{attribute: text_of(wire.get(name)) for attribute, name in NAMES.items()})


def text_of(value: Value) -> str | None:
    """null: too long to be printed; a list of numbers: bytes; a list of texts: a field that came several times."""
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, list):
        return str(value)
    if value and all(isinstance(item, int) and 0 <= item <= 255 for item in value):
        return bytes(value).decode("utf-8", "replace").replace("\0", "\u2400")
    parts = [text_of(item) if isinstance(item, (str, list)) else None for item in value[:64]]
    return "\n".join(part for part in parts if part) or None
