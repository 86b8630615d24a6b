"""Private keys in PEM, OpenSSH and PGP armour: within one text, or one line a record, or with \\n escapes in JSON.

The lines that say where a key begins and ends stay; each line between them is replaced on its own, so that no line
number changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.redaction.engine import compiled, spans
from ingest.redaction.found import PLACEHOLDER, Found

KIND = "private-key"
# -----BEGIN RSA PRIVATE KEY-----   -----BEGIN PGP PRIVATE KEY BLOCK-----   ---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----
TRIGGER = r"----[ -]?BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?----[ -]?"
_BEGIN = compiled(TRIGGER)
END = re.compile(r"----[ -]?END")
BODY = re.compile(r"[A-Za-z0-9+/]{1,200}={0,2}")
RUN = re.compile(r"[A-Za-z0-9+/=_-]{16,}")
STOP = re.compile(r"[\"'\s]")
EDGES = " \t\r\"'`,|>"
FULL = 16  # characters; a shorter line is the last of a key or no part of it
LINES = 500  # that a key may have: one of 16,384 bits has 200
STRANGERS = 40  # records of others between two lines of a key


def find(text: str) -> Iterator[Found]:
    headers = list(spans(_BEGIN, text))
    for number, (_, start) in enumerate(headers):
        limit = headers[number + 1][0] if number + 1 < len(headers) else len(text)
        end = END.search(text, start, limit)
        yield from _lines(text, start, end.start() if end else limit, whole=end is not None)


def _lines(text: str, start: int, limit: int, *, whole: bool) -> Iterator[Found]:
    """What stands between the two marks; where the second is missing, only what looks like a key's lines."""
    at, more = start, False
    while at < limit:
        line_end = text.find("\n", at, limit)
        line_end = limit if line_end < 0 else line_end
        span = _span(text, at, line_end, first=at == start, loose=whole)
        if span is not None:
            yield Found(*span, KIND, more)
            more = True
        elif not whole and at != start and text[at:line_end].strip():
            return
        at = line_end + 1


def _span(text: str, start: int, end: int, *, first: bool, loose: bool) -> tuple[int, int] | None:
    run = RUN.search(text, start, end)
    if run is None:
        body = text[start:end].strip(EDGES)
        if not loose or first or not BODY.fullmatch(body):
            return None
        at = text.index(body, start)
        return at, at + len(body)
    if PLACEHOLDER.search(text, start, end):
        return None
    at = run.start()
    if text[at] == "n" and at > start and text[at - 1] == "\\":
        at += 1  # the n of an escaped line end
    if not loose and first:
        quote = STOP.search(text, at, end)
        end = quote.start() if quote else end
    kept = text[at:end].rstrip(EDGES)
    while kept.endswith(("\\n", "\\r")):
        kept = kept[:-2].rstrip("\\")
    return at, at + len(kept)


class OpenKey:
    """A key whose records are still coming in, one line each."""

    def __init__(self, writer: object) -> None:
        self.writer = writer
        self._lines = self._strangers = self._full = 0

    @property
    def over(self) -> bool:
        return self._lines > LINES or self._strangers > STRANGERS

    def line_of(self, text: str) -> str:
        """The part of a following record's text that belongs to the key; "" for none."""
        body = text.strip(EDGES).rsplit(None, 1)[-1:]
        said = body[0].strip(EDGES) if body else ""
        alone = said == text.strip(EDGES)
        if not BODY.fullmatch(said) or not (len(said) >= FULL or (alone and self._full and not said.isalpha())):
            self._strangers += 1
            return ""
        self._lines += 1
        self._full += len(said) >= FULL
        return said


def opens(text: str) -> bool:
    """Whether a key begins in it that does not end in it."""
    begins = [end for _, end in spans(_BEGIN, text)]
    return bool(begins) and END.search(text, begins[-1]) is None


def closes(text: str) -> bool:
    return END.search(text) is not None
