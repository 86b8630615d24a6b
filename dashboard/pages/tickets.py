"""A ticket's short name, as people say it: ABC-123, org/repo#12."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from dashboard.pages.words import middle
from dashboard.timeline.text import visible

LONGEST = 40
KEY = re.compile(r"[A-Z][A-Z0-9_]{1,20}-\d{1,9}")  # ABC-123 of Jira, Linear and their like
NUMBER = re.compile(r"\d{1,12}")
NUMBERED = {"issues": "#", "pull": "#", "discussions": "#", "work_items": "#", "merge_requests": "!"}  # of code hosts


def short_ticket(url: str) -> str:
    """The short name of a ticket's address; its host and last word where it follows no form that is known."""
    if not url:
        return ""
    try:
        parts = urlsplit(url[:2000])
        asked = parse_qs(parts.query, max_num_fields=20)
    except ValueError:
        return middle(visible(url), LONGEST)
    words = [unquote(word) for word in parts.path.split("/") if word and word != "-"]
    found = _numbered(words) or next((word for word in reversed(words) if KEY.fullmatch(word)), "")
    number = asked.get("id", [""])[0]
    if not found and NUMBER.fullmatch(number):
        found = f"{parts.hostname} {number}"  # https://bugs.example.org/show_bug.cgi?id=123
    return middle(visible(found or " ".join([parts.hostname or "", *words[-1:]]).strip() or url), LONGEST)


def _numbered(words: list[str]) -> str:
    """`org/repo#12` of /org/repo/issues/12; groups of several levels stay."""
    for at, word in enumerate(words[:-1]):
        if word in NUMBERED and at >= 1 and NUMBER.fullmatch(words[at + 1]):
            return f"{'/'.join(words[max(0, at - 2) : at])}{NUMBERED[word]}{words[at + 1]}"
    return ""
