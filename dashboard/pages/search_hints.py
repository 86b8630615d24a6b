"""What a search says of a word that looks like a field and is none: which is meant, or which page filters by it."""

from __future__ import annotations

from difflib import get_close_matches
from urllib.parse import urlencode

import msgspec
from django.urls import reverse

from dashboard.timeline.text import visible
from triage.core.search.query import FIELDS, Query

MOST = 3  # hints of one query
CLOSE = 0.7
MEANT = {
    "assignee": "owner", "assigned": "owner", "assigned-to": "owner", "who": "owner", "kind": "verdict",
    "cause": "verdict", "is": "status", "state": "status", "code": "status", "name": "test", "nodeid": "test",
    "worker": "pid", "process": "pid", "server": "host", "machine": "host", "url": "path", "severity": "level",
    "date": "since", "after": "since", "age": "since", "build": "run", "where": "in",
}  # fmt: skip
FILTERS = {  # of the list of failures, with the address of each
    "overdue": "overdue=yes", "due": "overdue=yes", "blocker": "blocker=yes", "blocks": "blocker=yes",
    "confidence": "level=confirmed", "order": "order=frequent", "sort": "order=frequent",
}  # fmt: skip
SEARCHED = ("note", "notes", "ticket", "message", "error", "commit", "text")  # what their words alone find


class Hint(msgspec.Struct, frozen=True):
    text: str
    href: str = ""
    label: str = ""


def hints_of(query: Query, slug: str) -> tuple[Hint, ...]:
    return tuple(_hint(query.text, name, value, slug) for name, value in dict(query.unknown[:MOST]).items())


def _hint(text: str, name: str, value: str, slug: str) -> Hint:
    said = f"There is no field {name}:, so “{visible(name)}:{visible(value)}” was looked for as text."
    close = MEANT.get(name) or next(iter(get_close_matches(name, FIELDS, 1, CLOSE)), "")
    if close:
        instead = text.replace(f"{name}:{value}", f"{close}:{value}", 1)
        return Hint(said, "?" + urlencode({"q": instead}), f"Search {close}:{visible(value)} instead")
    if name in FILTERS:
        return Hint(said, f"{reverse('groups', args=[slug])}?{FILTERS[name]}", "The list of failures filters by it")
    if name in SEARCHED:
        instead = text.replace(f"{name}:{value}", value, 1)
        return Hint(said, "?" + urlencode({"q": instead}), f"Search {visible(value)} alone: it is found there, too")
    return Hint(said)
