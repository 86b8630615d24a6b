"""Writes entries with COPY: a stream of records goes in, rows of one part come out, the same rows on every repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache

import msgspec
from django.db import connection

from triage.core.records import Entry, Stamp
from triage.core.search.words import Block, block_of
from triage.store import partitions

COLUMNS = (
    "received_on", "part_id", "line", "stamp_us", "zoned", "tick_us", "dated", "inner_us", "inner_zoned",
    "inner_tick_us", "host", "unit", "boot", "pid", "pid_trust", "level", "message", "raw", "method", "path",
    "status", "request", "life", "keys", "words",
)  # fmt: skip
CHUNK = 131_072  # bytes handed to Postgres at a time
NAME_LIMIT = 300  # characters of a host, unit or boot id: what is longer is no name
TEXT_LIMIT = 65_536
NONE = "\\N"
_INT, _BIGINT = 2**31 - 1, 2**63 - 1
_json = msgspec.json.Encoder()


def write(part_id: int, day: date, entries: Iterable[Entry]) -> int:
    """Replaces a part's rows by these entries and returns how many there are. Call it inside a transaction.

    `entries` is consumed as Postgres takes it in, so that its length is of no concern; an exception that it raises
    comes out as it is. Lines must grow: one that comes twice is written once.
    """
    table = partitions.name_of(day)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM triage_entry WHERE received_on = %s AND part_id = %s", [day, part_id])
        stream = _Stream(encoded(part_id, day, entries))
        sql = f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN"
        try:
            cursor.copy_expert(sql, stream, CHUNK)
        except Exception:
            # psycopg2 makes a text of what `read` raised; the caller needs the exception itself.
            if stream.error is not None:
                raise stream.error from None
            raise
    return stream.rows


def remove(part_ids: Iterable[int], day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM triage_entry WHERE received_on = %s AND part_id = ANY(%s)", [day, list(part_ids)])


def encoded(part_id: int, day: date, entries: Iterable[Entry]) -> Iterator[bytes]:
    """The entries as lines of COPY's text format; the last one of each block of lines carries the words of all."""
    prefix = f"{day.isoformat()}\t{part_id}\t"
    block, last = Block(), 0
    waiting: Entry | None = None
    for entry in entries:
        if entry.line <= last:
            continue
        if waiting is not None:
            yield _row(prefix, waiting, NONE if block_of(entry.line) == block_of(last) else block.taken())
        block.add(entry)
        waiting, last = entry, entry.line
    if waiting is not None:
        yield _row(prefix, waiting, block.taken())


class _Stream:
    """What psycopg2 reads from: whole chunks, made when they are asked for."""

    def __init__(self, rows: Iterator[bytes]) -> None:
        self._next: Callable[[], bytes] = rows.__next__
        self.rows = 0
        self.error: Exception | None = None

    def read(self, size: int) -> bytes:
        chunk: list[bytes] = []
        length = 0
        try:
            while length < size:
                row = self._next()
                chunk.append(row)
                length += len(row)
        except StopIteration:
            pass
        except Exception as error:
            self.error = error
            raise
        self.rows += len(chunk)
        return b"".join(chunk)


def _row(prefix: str, entry: Entry, words: str) -> bytes:
    stamp, inner, request = entry.stamp, entry.inner, entry.request
    method = path = status = None
    if request is not None:
        method, path, status = request.method, request.path, request.status
    line = (
        f"{prefix}{_whole(entry.line)}\t{_stamp(stamp)}\t{_dated(stamp)}\t{_inner(inner)}\t"
        f"{_name(entry.host)}\t{_name(entry.unit)}\t{_name(entry.boot)}\t"
        f"{_number(entry.pid, _BIGINT)}\t{entry.pid_trust}\t{_name(entry.level[:10])}\t"
        f"{_text(entry.message[:TEXT_LIMIT])}\t{_text(entry.raw[:TEXT_LIMIT])}\t"
        f"{_maybe(method)}\t{_maybe(path)}\t{_number(status, _INT)}\t"
        f"{_record(request)}\t{_record(entry.life)}\t{_record(entry.keys or None)}\t{words}\n"
    )
    try:
        return line.encode()
    except UnicodeEncodeError:  # a lone surrogate, which neither UTF-8 nor Postgres knows
        return line.encode("utf-8", "replace")


def _stamp(stamp: Stamp | None) -> str:
    if stamp is None:
        return "\\N\tt\t1"
    return f"{_whole(stamp.us)}\t{'t' if stamp.zoned else 'f'}\t{_tick(stamp.tick_us)}"


def _dated(stamp: Stamp | None) -> str:
    return "f" if stamp is not None and not stamp.dated else "t"


def _inner(stamp: Stamp | None) -> str:
    if stamp is None:
        return "\\N\t\\N\t\\N"
    return f"{_whole(stamp.us)}\t{'t' if stamp.zoned else 'f'}\t{_tick(stamp.tick_us)}"


def _whole(value: int) -> int:
    return value if -_BIGINT <= value <= _BIGINT else _BIGINT if value > 0 else -_BIGINT


def _tick(value: int) -> int:
    return value if 1 <= value <= _INT else 1 if value < 1 else _INT


@lru_cache(maxsize=1024)
def _name(text: str) -> str:
    """What many rows have in common."""
    return _text(text[:NAME_LIMIT])


def _number(value: int | None, limit: int) -> str:
    """A number that does not fit is none: a PID of 30 digits is a fact about the log, not about a process."""
    return "\\N" if value is None or not -limit <= value <= limit else str(value)


def _maybe(text: str | None) -> str:
    return "\\N" if text is None else _text(text[:TEXT_LIMIT])


def _text(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if text.isprintable():  # the usual case, decided at C speed: no tab, no line end, no NUL
        return text
    return text.translate(_ESCAPES)


def _record(value: object) -> str:
    if value is None:
        return "\\N"
    try:
        text = _json.encode(value).decode()
        if "\\u0000" in text:  # may stand for NUL, which jsonb refuses
            text = _json.encode(_clean(value)).decode()
    except (UnicodeEncodeError, OverflowError):  # a lone surrogate, or a number of more than 64 bits
        text = _json.encode(_clean(value)).decode()
    return text.replace("\\", "\\\\") if "\\" in text else text


def _clean(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\u2400")
    if isinstance(value, int):
        return value if -_BIGINT <= value <= _BIGINT else None
    if isinstance(value, tuple):
        return [_clean(item) for item in value]
    if isinstance(value, msgspec.Struct):
        return {name: _clean(item) for name, item in msgspec.structs.asdict(value).items()}
    return value


_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\u2400"})
