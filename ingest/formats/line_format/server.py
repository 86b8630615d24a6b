"""Described lines of the server's side as entries."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ingest.formats.assemble import Assembler, joined
from ingest.formats.base import Context, Outer
from ingest.formats.hosts import host_of
from ingest.formats.line_format.lines import JOINED_LIMIT, Line, Lines, level_of
from ingest.formats.messages.access import duration_of, trace_of
from ingest.formats.messages.said import METHODS, pid_of, split_target
from triage.core.records import SECOND, Entry, PidTrust, Record, Request, Unparsed

REQUEST = frozenset(("method", "path", "status", "duration", "size", "client"))
UNIT_US = {"": 0, "us": 1, "ms": 1000, "s": SECOND}
LARGEST_SIZE = 1 << 62
NOTHING = Outer()


def entries(lines: Lines, context: Context) -> Iterator[Record]:
    """Entries in file order with the lines that go on with them; then what only the whole part tells."""
    making = _Making(lines, context)
    last: Entry | None = None
    more: list[str] = []
    for line in lines:
        if line.joins and last is not None:
            if len(more) < JOINED_LIMIT:
                more.append(line.raw)
            continue
        if last is not None:
            yield joined(last, more) if more else last
            last, more = None, []
        if line.told is None:
            yield Unparsed(line.number, line.raw)
        else:
            last = making.entry(line, line.told)
    if last is not None:
        yield joined(last, more) if more else last
    yield from making.assembler.facts()


class _Making:
    def __init__(self, lines: Lines, context: Context) -> None:
        self.assembler = Assembler()
        self._hint = host_of(context.host_hint)
        self._says = "message" in lines.shape.fields
        self._requests = bool(lines.shape.fields & REQUEST)
        form = next((group.form for group in lines.shape.groups if group.field == "duration"), "")
        self._unit_us = UNIT_US[form]

    def entry(self, line: Line, told: dict[str, str]) -> Entry:
        """What the pattern names goes before what the message mentions."""
        outer = line.outer or NOTHING
        level = level_of(told.get("level", ""))
        entry = self.assembler.entry(
            line.number,
            line.raw,
            line.stamp or outer.stamp,
            told.get("message", "") if self._says else "",
            told.get("host") or outer.host or self._hint,
            told.get("unit") or outer.unit,
            pid_of(told.get("pid")),
            PidTrust.PROVEN,
        )
        keys = _keys(told)
        request = self._request(told, entry.request) if self._requests else entry.request
        return msgspec.structs.replace(
            entry,
            message=entry.message if self._says else line.text,
            level=level or entry.level,
            request=request,
            keys=(*keys, *(pair for pair in entry.keys if pair[0] not in dict(keys))),
        )

    def _request(self, told: dict[str, str], said: Request | None) -> Request | None:
        method = told.get("method", "").upper()
        path, query = split_target(told["path"]) if "path" in told else ("", "")
        if method not in METHODS:
            method = ""
        if said is None:
            if not method and not path:
                return None  # a status or a duration alone is of no request that anyone could find
            said = Request()
        elif path and said.path not in (None, path):
            said = Request(method=said.method)  # the message mentions another request than the one that is told
        status = int(told["status"]) if told.get("status", "").isdigit() else None
        size = int(told["size"]) if told.get("size", "").isdigit() else LARGEST_SIZE
        took = duration_of(told["duration"].replace(",", ".").replace(" ", "").replace("sec", "s"), self._unit_us) \
            if "duration" in told else None  # fmt: skip
        return Request(
            method=method or said.method,
            path=path or said.path,
            query=query if path else said.query,
            status=status if status is not None and 100 <= status <= 599 else said.status,
            size=size if size < LARGEST_SIZE else said.size,
            duration_us=took if took is not None else said.duration_us,
            target=said.target,
            client=told.get("client") or said.client,
            ended=said.ended or status is not None or took is not None,
        )


def _keys(told: dict[str, str]) -> tuple[tuple[str, str], ...]:
    keys = []
    if "request_id" in told:
        keys.append(("request_id", told["request_id"]))
    if "trace" in told:
        keys.append(("trace", trace_of(told["trace"])))
    address, _, port = told.get("client", "").rpartition(":")
    if port.isascii() and port.isdigit() and len(port) <= 5 and (":" not in address or address.endswith("]")):
        keys.append(("client_port", port))
    return tuple(keys)
