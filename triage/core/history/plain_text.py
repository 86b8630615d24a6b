"""The words of a failure without what differs each time: each rule is a name and a pattern, applied in this order.

Every pattern is linear and runs on bounded text. What a rule takes out leaves its name in angle brackets, so that a
person sees what was there; what was taken out is kept, so that a merge can be explained.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from triage.core.paths import template
from triage.core.words import is_id

LIMIT = 2_000  # characters of one text that are looked at
TAKEN = 60  # pieces remembered that were taken out
# Numbers with a meaning of their own: what a server answered, and what the test wanted.
_CODES = """
    200 201 202 204 206 301 302 303 304 307 308 400 401 402 403 404 405 406 408 409 410 411 412 413 414 415 416 417 418
    419 421 422 423 424 425 426 428 429 431 440 451 500 501 502 503 504 505 507 508 511 520 521 522 523 524 530
"""
STATUSES = frozenset(_CODES.split())

Rule = tuple[str, re.Pattern[str]]
RULES: tuple[Rule, ...] = (
    # matches a colour of a terminal
    ("colour", re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")),
    # matches `http://127.0.0.1:5000/items/9319493c?x=1`, `/items/17 (Caused by` after `url: `
    ("url", re.compile(r"\bhttps?://[^\s'\"<>),;\]]{1,400}|(?<=url: )/[^\s'\"<>),;\]]{0,400}")),
    # matches `0x7f1d765ef1a0`
    ("address", re.compile(r"\b0x[0-9a-fA-F]{4,16}\b")),
    # matches `3f2a1c04-9d1e-4b7c-8a52-0c6f1d2e3b4a`, with or without hyphens
    ("uuid", re.compile(r"\b[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\b")),
    # matches `2026-11-23T12:00:00.123Z`, `2026-11-23`, `12:34:56.789`, `20:30`, `23 Nov 2026 12:00:00`
    (
        "time",
        re.compile(
            r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?(?:Z\b|[+-]\d\d:?\d\d\b)?"
            r"|\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} \d{4}(?: \d\d:\d\d:\d\d)?"
            r"|\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?\b(?!\.)"
        ),
    ),
    # matches `0.35 s`, `120ms`, `5 seconds`; must not match `3 sets`
    ("duration", re.compile(r"\b\d{1,12}(?:\.\d{1,12})? ?(?:ns|us|µs|ms|s|secs?|seconds?|minutes?|min|hours?)\b")),
    # matches `/tmp/pytest-of-ci/pytest-12/x0`, `C:\\Users\\me\\AppData\\Local\\Temp\\x`
    (
        "temporary path",
        re.compile(
            r"(?:/private)?/(?:tmp|var/folders|var/tmp|dev/shm)/[^\s'\"<>),;\]]{1,400}|\b[A-Z]:\\[^\s'\"<>),;\]]{1,400}"
        ),
    ),
    # matches `/home/me/project/tests/test_x.py`, of which the last name stays
    ("folder", re.compile(r"(?:/[A-Za-z0-9_.@+-]{1,60}){2,20}/(?=[A-Za-z0-9_-]{1,60}\.[a-z]{1,6}\b)")),
    # matches `127.0.0.1:5000`, `localhost:5000`, `ip-172-31-10-107`
    ("host", re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|\blocalhost(?::\d{1,5})?\b|\bip(?:-\d{1,3}){4}\b")),
    # matches `f5839ff5`, `m-919066`, `pl_f6272e1302`; also `urllib3`, which `is_id` leaves alone
    ("id", re.compile(r"(?<![A-Za-z0-9_.-])[A-Za-z0-9][A-Za-z0-9_.-]{2,62}[A-Za-z0-9](?![A-Za-z0-9_-])")),
)
# matches `404`, `-3.5`, `1e-9`, `web1`; the digits alone
_NUMBER = re.compile(r"(?<![\d.])[0-9]{1,40}(?:\.[0-9]{1,40})?(?:e[+-]?[0-9]{1,4})?")
# what says that the number beside it is a status: `Response [404]`, `status_code: 404`, `returned 500`, `404 Not Found`
_STATUS_BEFORE = re.compile(
    r"(?i)(?:response \[|status|http|got|returned|answered|expected|received|code)[\"']?(?: was| is)?[ =:]{0,3}$"
)
_STATUS_AFTER = re.compile(
    r"^ (?:Client Error|Server Error|OK|Created|Found|Moved|Bad|Unauthori[sz]ed|Forbidden|Not|Method|Conflict|Gone|"
    r"Unprocessable|Too|Internal|Service|Gateway)\b"
)
# matches ` parcels`, which says that the number before it counts something
_COUNTED = re.compile(r"^ [a-z]{2,20}s\b")
# matches `assert 404 == 200`, `assert 404 in (200, 201)`
_COMPARED = re.compile(r"\bassert \(?(?P<got>[1-5]\d\d) (?:==|!=|in|is|not in|<|<=) [(\[{]?(?P<want>[1-5]\d\d)\b")
_LOWER = re.compile(r"[a-z]{1,64}")
_SPACE = re.compile(r"[ \t\r\n]{1,200}")
_OPEN, _CLOSE = "[{", "]}"


class Plain(msgspec.Struct, frozen=True):
    """A text as it is compared, and what was taken out of it: (rule, as it stood)."""

    text: str
    taken: tuple[tuple[str, str], ...] = ()


def plain(text: str) -> Plain:
    """The text without what differs each time. Never raises; linear."""
    text = text[:LIMIT]
    taken: list[tuple[str, str]] = []
    for name, pattern in RULES:
        text = pattern.sub(_taking(name, taken), text)
    text = _without_numbers(text, taken)
    text = _without_contents(text, taken)
    return Plain(_SPACE.sub(" ", text).strip(), tuple(taken[:TAKEN]))


def _taking(name: str, taken: list[tuple[str, str]]) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        found = match.group()
        if name == "id" and not (is_id(found) or _is_drawn(found)):
            return found
        instead = {"colour": "", "folder": ""}.get(name, f"<{name}>")
        if name == "url":
            path = "/" + found.split("://", 1)[-1].partition("/")[2] if "://" in found else found
            instead = f"<url>{template(path)}"
            if path.partition("?")[0].rstrip("/") == template(path).rstrip("/") and "://" not in found:
                return found
        taken.append((name, found))
        return instead

    return replace


def _is_drawn(word: str) -> bool:
    """Whether a long word mixes cases as no name does: `SBSAIMVcg_mgvHbjAAAD`, not `HTTPConnectionPoolError`."""
    if len(word) < 16 or word.islower() or word.isupper():
        return False
    lower = _LOWER.findall(word)
    return len(lower) >= 3 and sum(map(len, lower)) <= 3.5 * len(lower)


def _without_numbers(text: str, taken: list[tuple[str, str]]) -> str:
    """Every number becomes one word, except for statuses, which say what went wrong."""
    compared: set[int] = set()
    for match in _COMPARED.finditer(text):
        if {match["got"], match["want"]} <= STATUSES:
            compared |= {match.start("got"), match.start("want")}

    def replace(match: re.Match[str]) -> str:
        number = match.group()
        if number in STATUSES and (
            match.start() in compared
            or _STATUS_AFTER.search(after := text[match.end() : match.end() + 24])
            or (_STATUS_BEFORE.search(text[max(match.start() - 24, 0) : match.start()]) and not _COUNTED.search(after))
        ):
            return number
        taken.append(("number", number))
        return "<n>"

    return _NUMBER.sub(replace, text)


def _without_contents(text: str, taken: list[tuple[str, str]]) -> str:
    """Lists and mappings lose what is in them, as how many there are differs; `data[key]` and `Response [404]` stay."""
    out: list[str] = []
    depth = start = 0
    for place, char in enumerate(text):
        if char in _OPEN:
            if not depth:
                if _belongs(text, place):
                    out.append(char)
                    continue
                start = place
            depth += 1
        elif char in _CLOSE and depth:
            depth -= 1
            if not depth:
                if place > start + 1:
                    taken.append(("contents", text[start : place + 1]))
                out.append(f"{text[start]}…{char}")
        elif not depth:
            out.append(char)
    if depth:
        taken.append(("contents", text[start:]))
        out.append(f"{text[start]}…")
    return "".join(out)


def _belongs(text: str, place: int) -> bool:
    """Whether a bracket goes with what stands before it: an index, or the status of a response."""
    before = text[place - 1] if place else " "
    return before.isalnum() or before in "_])" or text.startswith("Response ", place - 9)
