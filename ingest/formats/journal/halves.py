"""Halves of one message that a journal holds as entries of their own, put together again.

journald ends an entry where another process writes into the same stream (`_LINE_BREAK=pid-change`) and after 48 KiB
(`line-max`); container engines after 16 KiB (`CONTAINER_PARTIAL_MESSAGE`). What stands between two halves waits for the
second one, so that everything keeps its order.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ingest.formats.base import LINE_LIMIT
from ingest.formats.journal.fields import Fields
from ingest.formats.messages.understand import understand

ENTRIES_HELD = 64
TEXT_HELD = 4_000_000  # characters
OPEN_ENDED = ("pid-change", "line-max")
WORDS = ("mention", "traceback")  # what free text may look like

Written = tuple[int, str, Fields]  # line, raw text, fields
Key = tuple[str | None, str | None]


class Halves:
    """Holds what is incomplete. Every entry given to `take` comes out once, in order, or as part of another."""

    def __init__(self) -> None:
        self.waiting = False
        self._held: list[Written] = []
        self._open: dict[Key, int] = {}  # a writer's first half, as an index of _held
        self._text = 0

    def take(self, written: Written) -> Iterator[Written]:
        """What is complete now that this came, which may be nothing or several."""
        _, raw, fields = written
        key, unfinished = _key(fields), _unfinished(fields)
        place = self._open.pop(key, None)
        if place is not None and self._belongs(self._held[place][2], fields):
            first = self._held[place]
            self._held[place] = _together(first, written)
            self._text += len(raw)
            if unfinished:
                self._open[key] = place
        else:
            if unfinished:
                self._open[key] = len(self._held)
            self._held.append(written)
            self._text += len(raw)
        if not self._open or len(self._held) > ENTRIES_HELD or self._text > TEXT_HELD:
            yield from self.rest()
        self.waiting = bool(self._held)

    def rest(self) -> Iterator[Written]:
        """Everything that is held, complete or not."""
        held, self._held, self._open, self._text, self.waiting = self._held, [], {}, 0, False
        yield from held

    @staticmethod
    def _belongs(first: Fields, second: Fields) -> bool:
        """Whether this may be the other half. After a change of the process it may also be a line of its own."""
        if first.line_break != "pid-change":
            return True
        said = understand(second.message or "")
        return said is None or said.kind in WORDS


def is_half(fields: Fields) -> bool:
    return fields.line_break is not None or fields.partial is not None


def _unfinished(fields: Fields) -> bool:
    return fields.line_break in OPEN_ENDED or fields.partial == "true"


def _key(fields: Fields) -> Key:
    if fields.container is not None or fields.container_id is not None:
        # podman gives the pieces no id; its priority tells standard output from standard error
        return fields.container_id or fields.container, fields.partial_id or fields.priority
    return fields.stream, fields.pid


def _together(first: Written, second: Written) -> Written:
    """The first half's time and writer, both halves' text."""
    line, raw, fields = first
    message = fields.message or ""
    if len(message) < LINE_LIMIT:
        message = (message + (second[2].message or ""))[:LINE_LIMIT]
    if len(raw) < LINE_LIMIT:
        raw = f"{raw}\n{second[1]}"[:LINE_LIMIT]
    return line, raw, msgspec.structs.replace(fields, message=message, line_break=second[2].line_break)
