"""What a person asks for in one line of text.

Words are all wanted, in any order; `"a phrase"` wants them side by side, and `word*` what begins so. Names narrow:
`pid: host: path: status: level:` look at fields of log lines, `test: verdict: owner: status:` at failures, `run:` and
`branch:` at where, `since:` at when, `in:` at what. Anything else with a colon is text: logs are full of colons.
The text is read once, sign by sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from triage.core.called import KINDS, STATUSES
from triage.core.search.words import WORD, words_in

LONGEST = 500  # characters that are read
TERMS, WORDS = 12, 24  # of one query; what comes after them is told of and left out
STEM = 3  # letters before a star: fewer begin too many words
PLACES = ("failures", "runs", "lines")
STATES = {**STATUSES, "open": "open", "came_back": "came back", "waiting": "waiting for proof"}  # as the list has them
ALIKE = {"warn": "warning", "err": "error", "crit": "critical", "fatal": "critical"}
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_QUOTES = {'"': '"', "\N{LEFT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}"}
# What would turn the box's text around is no part of any word.
_UNSEEN = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)) | {0: "\u2400"}
FIELDS = ("pid", "host", "path", "status", "level", "test", "verdict", "owner", "run", "branch", "since", "in")


class Term(msgspec.Struct, frozen=True):
    """Words that stand side by side."""

    text: str  # as typed, without quotes and star
    words: tuple[str, ...]
    open: bool = False  # the last word may go on


class Query(msgspec.Struct, frozen=True, kw_only=True):
    text: str = ""
    terms: tuple[Term, ...] = ()
    pid: int | None = None
    host: str = ""
    path: str = ""
    status: str = ""  # 500, or 5 for 5xx
    level: str = ""
    test: str = ""
    verdict: str = ""  # a kind
    owner: str = ""  # a name, or "me", or "nobody"
    state: str = ""  # of STATES
    run: str = ""
    branch: str = ""
    since: datetime | None = None
    places: tuple[str, ...] = PLACES
    problems: tuple[str, ...] = ()  # sentences: what was not understood
    unknown: tuple[tuple[str, str], ...] = ()  # what looks like a field and is none, with its value: taken as text

    @property
    def of_lines(self) -> bool:
        """It asks for something that only lines have."""
        return bool(self.pid is not None or self.host or self.path or self.status or self.level)

    @property
    def of_failures(self) -> bool:
        """It asks for something that only failures have."""
        return bool(self.test or self.verdict or self.owner or self.state)

    @property
    def empty(self) -> bool:
        return not (self.terms or self.of_lines or self.of_failures or self.run or self.branch or self.since)


def read_query(text: str, now: datetime) -> Query:
    """Never raises; what makes no sense becomes a problem and narrows nothing."""
    said: dict[str, object] = {}
    problems: list[str] = []
    terms: list[Term] = []
    unknown: list[tuple[str, str]] = []
    if len(text) > LONGEST:
        problems.append(f"Only the first {LONGEST} characters of the query are read.")
    text = text[:LONGEST].translate(_UNSEEN)
    for name, value, quoted in _pieces(text):
        if name:
            problem = _field(said, name, value, now)
            problems += [problem] if problem else []
        elif value:
            terms.append(_term(value, quoted))
            unknown += [] if quoted else _like_a_field(value)
            short = terms[-1].open and len(terms[-1].words[-1]) < STEM
            if short:
                problems.append(f"{value}: a star needs {STEM} letters before it, so it was left out.")
                terms.pop()
    kept = _few(terms)
    if len(kept) < len(terms):
        problems.append("The query has too many words; the last ones were left out.")
    return Query(text=text, terms=kept, problems=tuple(problems), unknown=tuple(unknown), **said)  # type: ignore[arg-type]


def _like_a_field(value: str) -> list[tuple[str, str]]:
    """`ower:anna`, but nothing of what logs and addresses hold: `http://a`, `KeyError: x`, `web1:8000`, `a::b`."""
    name, _, rest = value.partition(":")
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalpha() and name == name.lower()
    return [(name, rest)] if plain and 2 <= len(name) <= 16 and rest and rest[0] not in ":/\\" else []


def _few(terms: list[Term]) -> tuple[Term, ...]:
    kept: list[Term] = []
    count = 0
    for term in terms[:TERMS]:
        count += len(term.words)
        if count > WORDS:
            break
        kept.append(term)
    return tuple(kept)


def _pieces(text: str) -> Iterator[tuple[str, str, bool]]:
    """(name of a field or "", value, whether it stood in quotes), in order."""
    at = 0
    while at < len(text):
        if text[at].isspace() or ord(text[at]) < 32:
            at += 1
            continue
        name = next((f for f in FIELDS if text[at : at + len(f) + 1].lower() == f"{f}:"), "")
        at += len(name) + 1 if name else 0
        closing = _QUOTES.get(text[at : at + 1], "")
        if closing:
            end = text.find(closing, at + 1)
            end = len(text) if end < 0 else end
            yield name, text[at + 1 : end].strip(), True
            at = end + 1
            continue
        end = at
        while end < len(text) and not text[end].isspace() and text[end] not in _QUOTES and ord(text[end]) >= 32:
            end += 1
        yield name, text[at:end], False
        at = end


def _term(value: str, quoted: bool) -> Term:
    starred = not quoted and value.endswith("*")
    text = value.rstrip("*") if starred else value
    words = tuple(word[:WORD] for word in words_in(text))
    return Term(text=text, words=words, open=starred and bool(words) and text[-1:].isalnum())


def _field(said: dict[str, object], name: str, value: str, now: datetime) -> str:
    """Notes what a field says; a sentence where it says nothing that can be used."""
    if not value:
        return f"{name}: needs a value."
    if name in ("host", "path", "run", "branch", "test"):
        said[name] = value
    elif name == "owner":
        said[name] = value.removeprefix("@")
    elif name == "verdict":
        kind = _called(value, KINDS)
        if not kind:
            return f"verdict:{value} is no verdict; there are {', '.join(KINDS.values()).lower()}."
        said[name] = kind
    elif name == "level":
        said[name] = ALIKE.get(value.lower(), value.lower())
    elif name == "pid":
        if not (value.isascii() and value.isdigit() and len(value) < 19):
            return f"pid:{value} is no number."
        said[name] = int(value)
    elif name == "status" and _called(value, STATES):
        said["state"] = _called(value, STATES)
    elif name == "status":
        digits = value.lower().removesuffix("xx")
        whole = digits == value.lower()
        if not (digits.isascii() and digits.isdigit() and len(digits) == (3 if whole else 1)):
            return (
                f"status:{value} is no status; write status:500 or status:5xx of requests, and of failures one of "
                f"{', '.join(STATES.values())}."
            )
        said[name] = digits
    elif name == "in":
        places = tuple(place for place in PLACES if place in value.lower().split(","))
        if not places:
            return f"in:{value} is unknown; there are {', '.join(PLACES)}."
        said["places"] = places
    else:
        at = _moment(value, now)
        if at is None:
            return f"since:{value} is no time; write since:7d, since:12h or since:2026-05-01."
        said[name] = at
    return ""


def _called(value: str, names: Mapping[str, str]) -> str:
    """The key of what is called so, or begins so: split, "split state", split_state."""
    asked = " ".join(value.lower().replace("_", " ").replace("-", " ").split())
    return next((key for key, name in names.items() if asked and name.lower().startswith(asked)), "")


def _moment(value: str, now: datetime) -> datetime | None:
    number, unit = value[:-1], _UNITS.get(value[-1:].lower())
    if unit is not None and number.isascii() and number.isdigit() and len(number) <= 5:
        try:
            return now - int(number) * unit
        except OverflowError:
            return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        return None


def replaced(text: str, name: str, value: str) -> str:
    """The query with another value of one field, or without it: what a link beside the box leads to."""
    kept = []
    for field, said, quoted in _pieces(text[:LONGEST]):
        if field != name and (said or field):
            written = f'"{said}"' if quoted else said
            kept.append(f"{field}:{written}" if field else written)
    return " ".join([*kept, f"{name}:{value}"] if value else kept)
