"""One log line that is a JSON object, as structlog, python-json-logger and loguru's serialize write it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import msgspec

from ingest.formats import stamps
from ingest.formats.client_logs.log_line import LEVELS, LogLine
from triage.core.records import Stamp

NUL, NUL_SIGN = "\\u0000", "\\u2400"  # JSON's escape of a character that no database text can hold
TIMES = ("timestamp", "@timestamp", "time", "ts", "asctime", "datetime", "created")
MESSAGES = ("event", "message", "msg", "text")
LEVEL_NAMES = ("level", "levelname", "severity", "log_level", "log.level")
LOGGERS = ("logger", "name", "logger_name", "log.logger", "channel")
PIDS = ("process", "pid", "process_id", "process.pid")

_decoder = msgspec.json.Decoder(dict[str, object])


def decode(text: str | bytes) -> dict[str, object] | None:
    """The object of a JSON line; None for anything else, however hostile."""
    opening, closing = (b"{", b"}") if isinstance(text, bytes) else ("{", "}")
    trimmed = text.strip()
    trimmed = (
        trimmed.replace(NUL.encode(), NUL_SIGN.encode())
        if isinstance(trimmed, bytes)
        else trimmed.replace(NUL, NUL_SIGN)
    )
    if not trimmed.startswith(opening) or not trimmed.endswith(closing):  # type: ignore[arg-type]
        return None
    try:
        return _decoder.decode(trimmed)
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError):
        return _with_surrogates(trimmed)


def _with_surrogates(text: str | bytes) -> dict[str, object] | None:
    """The same for what Python's own json writes: lone surrogates, of bytes that were no text, and NaN."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        if "\\u" not in text and "NaN" not in text and "Infinity" not in text:
            return None
        again = json.dumps(_numbers_only(json.loads(text)), ensure_ascii=False)
        return _decoder.decode(again.encode("utf-8", "replace"))
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError):
        return None


def _numbers_only(value: object) -> object:
    if isinstance(value, dict):
        return {name: _numbers_only(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_numbers_only(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read(text: str) -> LogLine | None:
    """The columns of a JSON log line; None where the line is no object or tells neither message nor time."""
    record = decode(text)
    return columns(record) if record is not None else None


def columns(record: Mapping[str, object]) -> LogLine | None:
    """The same of fields that are read already."""
    nested = record.get("record")
    if isinstance(nested, dict):  # loguru's serialize=True
        record = {**nested, **_loguru(nested)}
    message = _first(record, MESSAGES)
    if message is None:
        return None
    level = str(_first(record, LEVEL_NAMES) or "").upper()
    extras = " ".join(
        f"{name}={value}"
        for name, value in list(record.items())[:40]
        if name not in _KNOWN and isinstance(value, str | int | float | bool)
    )
    pid = _first(record, PIDS)
    return LogLine(
        f"{message} {extras}".rstrip(),
        _time(record),
        LEVELS.get(level, ""),
        str(_first(record, LOGGERS) or ""),
        int(pid)
        if isinstance(pid, str | int) and str(pid).isascii() and str(pid).isdigit() and len(str(pid)) < 11
        else None,
    )


_KNOWN = frozenset((*TIMES, *MESSAGES, *LEVEL_NAMES, *LOGGERS, *PIDS))


def _first(record: Mapping[str, object], names: tuple[str, ...]) -> str | int | float | None:
    for name in names:
        value = record.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return value
    return None


def _time(record: Mapping[str, object]) -> Stamp | None:
    for name in TIMES:
        value = record.get(name)
        if isinstance(value, str):
            read = stamps.iso(value) or stamps.clock(value)
            if read is not None:
                return read[0]
        if isinstance(value, int | float) and not isinstance(value, bool):
            stamp = stamps.number(repr(value))
            if stamp is not None:
                return stamp
    return None


def _loguru(record: Mapping[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, key in (("level", "name"), ("process", "id"), ("time", "timestamp")):
        value = record.get(name)
        if isinstance(value, dict):
            flat[name] = value.get(key)
    if isinstance(flat.get("time"), int | float):
        flat["created"] = flat.pop("time")
    return flat
