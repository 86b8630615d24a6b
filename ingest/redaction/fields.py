"""Which texts a record carries, and the same record with those texts redacted.

A secret found in one text of a record is replaced in its others too, where nothing around it may tell that it is one.
Names (of tests, hosts, units, loggers) are redacted each by itself, so that a name comes out the same in every record.
Line, times, process and method stay as they are.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec

from ingest.redaction.found import Placeholders
from ingest.redaction.values import is_random
from ingest.redaction.views import view_of
from triage.core.records import Entry, Fact, LifeEvent, Record, Request, Step, TestResult, Unparsed

KEY = "private-key"
LISTS = re.compile(r"\[ ?[0-9]{1,3}, ?[0-9]")
SPREADS = 10  # characters that a secret must have to be looked for where nothing tells of it
Found = tuple[str, dict[str, str], Counter[str]]  # the text redacted, its secrets with their kinds, how many of each


def lines_to_search(record: Record, texts: list[str]) -> int:
    """Appends what has to be searched to know whether the record holds a secret; returns its length."""
    first = len(texts)
    size = _said(record, texts)
    for text in texts[first:]:
        view = view_of(text)
        if view is not None:
            texts.append(view.text)
            size += len(view.text)
    return size


def _said(record: Record, texts: list[str]) -> int:
    """Appends the record's texts; returns their length."""
    if isinstance(record, (Entry, Step)):
        raw = record.raw
        said = record.message if isinstance(record, Entry) else record.text
        texts.append(raw)
        size = len(raw)
        if not raw.endswith(said):
            texts.append(said)
            size += len(said)
        request = record.request
        if request is not None and request.query:
            texts.append("?" + request.query)
        for name, value in record.keys:
            texts.append(f"{name}={value}")
        if isinstance(record, Step) and record.test:
            texts.append(record.test)
        return size
    if isinstance(record, TestResult):
        texts += (record.test, record.message, record.detail)
        return len(record.test) + len(record.message) + len(record.detail)
    if isinstance(record, Fact):
        texts.append(f"{record.name}={record.value}")
        return len(record.value)
    texts.append(record.raw)
    return len(record.raw)


def names_of(record: Record) -> tuple[str, ...]:
    """Names that a record has and its own line need not, as a container's that stood before it."""
    if isinstance(record, Entry):
        return record.unit, record.host
    if isinstance(record, Step):
        return record.logger, record.worker
    return (record.phase, record.worker) if isinstance(record, TestResult) else ()


def said_by(record: Record) -> str:
    """What the program said, without what a log service put around it."""
    if isinstance(record, Entry):
        return record.message
    if isinstance(record, Step):
        return record.text
    return record.raw if isinstance(record, Unparsed) else ""


def writer_of(record: Record) -> tuple[str, str, int | None]:
    """Whose lines belong together."""
    if isinstance(record, Entry):
        return record.host, record.unit, record.pid
    return "", type(record).__name__ if isinstance(record, TestResult) else "", None


class Cleaned:
    """The texts of one record on their way: first each by itself, then each by what was found in the others."""

    def __init__(self, clean: Callable[[str], Found], name: Callable[[str], Found], placeholders: Placeholders) -> None:
        self._clean = clean
        self._name = name
        self._placeholders = placeholders
        self._done: dict[str, str] = {}  # a log's line is often its message as well
        self._secrets: dict[str, str] = {}
        self._forms: list[tuple[str, str]] | None = None
        self.counts: Counter[str] = Counter()  # the most that one text held

    def expect(self, secret: str, kind: str) -> None:
        """A secret that was known before."""
        self._secrets[secret] = kind

    def text(self, text: str) -> str:
        if not text:
            return text
        done = self._done.get(text)
        if done is None:
            done, secrets, counts = self._clean(text)
            self._done[text] = done
            self._note(secrets, counts)
        return done

    def name(self, text: str) -> str:
        """A node id or a host, which what stands in other texts must not change."""
        if not text:
            return text
        cleaned, _, counts = self._name(text)
        self.counts |= counts
        return cleaned

    def value(self, name: str, text: str) -> str:
        """A value whose name may be what tells that it is a secret."""
        cleaned = self.text(f"{name}={text}")
        return cleaned[len(name) + 1 :] if cleaned.startswith(f"{name}=") else self.text(text)

    def _note(self, secrets: dict[str, str], counts: Counter[str]) -> None:
        self.counts |= counts
        for secret, kind in secrets.items():
            if len(secret) >= SPREADS and (kind == KEY or is_random(secret)):
                self._secrets.setdefault(secret, kind)

    def spread(self, text: str) -> str:
        """Call it when all texts of the record have been cleaned."""
        if not self._secrets or not text:
            return text
        for form, put in self._looked_for():
            if form in text:
                text = text.replace(form, put)
        return text

    def _looked_for(self) -> list[tuple[str, str]]:
        if self._forms is None:
            of = self._placeholders.of
            self._forms = [form for secret, kind in self._secrets.items() for form in _forms(secret, of(kind, secret))]
        return self._forms

    def bytes(self, raw: str) -> str:
        """A journal gives a message with control characters as a list of numbers: "MESSAGE":[27,91,51]."""
        if self._secrets and LISTS.search(raw):
            for secret, kind in self._secrets.items():
                for comma in (",", ", "):
                    raw = raw.replace(_bytes(secret, comma), _bytes(self._placeholders.of(kind, secret), comma))
        return raw


def _forms(secret: str, placeholder: str) -> Iterator[tuple[str, str]]:
    """How a secret looks as it is, and in JSON."""
    yield secret, placeholder
    in_json = json.dumps(secret)[1:-1]
    if in_json != secret:
        yield in_json, placeholder
    if "/" in secret:
        yield secret.replace("/", "\\/"), placeholder


def _bytes(text: str, comma: str) -> str:
    return comma.join(map(str, text.encode("utf-8", "replace")))


def rewritten(record: Record, to: Cleaned) -> Record:
    """The record with its texts redacted; the very same one where there is nothing to redact."""
    if isinstance(record, (Entry, Step)):
        return _line(record, to)
    if isinstance(record, TestResult):
        message, detail = to.text(record.message), to.text(record.detail)
        return _changed(
            record, test=to.name(record.test), message=to.spread(message), detail=to.spread(detail),
            phase=to.name(record.phase), worker=to.name(record.worker),
        )  # fmt: skip
    if isinstance(record, Fact):
        return _changed(record, value=to.value(record.name, record.value))
    raw = to.text(record.raw)
    return _changed(record, raw=to.spread(raw))


def _line(record: Entry | Step, to: Cleaned) -> Record:
    said = "message" if isinstance(record, Entry) else "text"
    raw = to.text(record.raw)
    message = to.text(getattr(record, said))
    request = record.request
    path = to.text(request.path) if request is not None and request.path else None
    query = to.text(request.query) if request is not None else ""
    keys = [(name, to.value(name, value)) for name, value in record.keys]
    changes: dict[str, object] = {
        "raw": to.bytes(to.spread(raw)),
        said: to.spread(message),
        "keys": tuple((name, to.spread(value)) for name, value in keys),
    }
    if request is not None:
        changes["request"] = _request(request, path and to.spread(path), to.spread(query), to)
    names = ("host", "unit", "boot", "level") if isinstance(record, Entry) else ("logger", "worker", "phase", "level")
    changes |= {name: to.name(getattr(record, name)) for name in names}
    if isinstance(record, Step) and record.test:
        changes["test"] = to.name(record.test)
    if isinstance(record, Entry) and record.life is not None:
        changes["life"] = _life(record.life, to)
    return _changed(record, **changes)


def _request(request: Request, path: str | None, query: str, to: Cleaned) -> Request:
    client, target = to.name(request.client), to.name(request.target)
    if (path, query, client, target) == (request.path or None, request.query, request.client, request.target):
        return request
    path = path if request.path else request.path
    return msgspec.structs.replace(request, path=path, query=query, client=client, target=target)


def _life(life: LifeEvent, to: Cleaned) -> LifeEvent:
    reason = to.spread(to.text(life.reason))
    return life if reason == life.reason else msgspec.structs.replace(life, reason=reason)


def _changed(record: Record, **fields: object) -> Record:
    if all(getattr(record, name) == value for name, value in fields.items()):
        return record
    return msgspec.structs.replace(record, **fields)
