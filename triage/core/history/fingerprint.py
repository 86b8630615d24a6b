"""The failure of a test as it comes back: the same test failing in the same way has the same key, run after run.

Compared are the test, the type of the error, its words, the asserted expression and the endpoint; not the stack, so
that one failure reached by several paths is one, and not the line numbers, so that it survives the next commit.
"""

from __future__ import annotations

import re
from hashlib import blake2b

import msgspec

from triage.core.history.plain_text import RULES, Plain, plain
from triage.core.history.records import Fingerprint
from triage.core.paths import URL_PATH, template

FINGERPRINT_VERSION = 1  # raised whenever the same failure may get another key

_MESSAGE, _DETAIL = 4_000, 16_000  # characters of the message's beginning and of the representation's end
_LINES = 60  # lines of an error that are looked at
_ENDPOINTS = 3
_WORDS = 300  # characters of one part of the fingerprint
# matches `requests.exceptions.JSONDecodeError: Expecting value`, `AssertionError`; must not match `Note: this`
_TYPE = re.compile(
    r"^(?:[A-Za-z_][A-Za-z0-9_]{0,60}\.){0,6}(?P<type>[A-Z][A-Za-z0-9_]{0,56}(?:Error|Exception|Timeout|Failed|Exit|"
    r"Warning|Iteration|Disconnected|Refused|Interrupt))(?:$|: ?(?P<rest>.{0,2000}))"
)
# matches pytest's own `Failed: DID NOT RAISE`, `Exception: …`
_BARE = re.compile(r"^(?P<type>Failed|Exception|Skipped|Timeout|Empty): ?(?P<rest>.{0,2000})")
_PART = {
    "error": "the type of error differs",
    "words": "the words of the message differ",
    "assertion": "the asserted expression differs",
    "endpoint": "the endpoint differs",
}
_IN_PARAMETERS = tuple((name, pattern) for name, pattern in RULES if name in ("address", "uuid", "temporary path"))
_SHOWN = 4  # pieces of each side that an explanation names


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """A failure as it is compared."""

    error: str  # type, without its module
    words: str
    assertion: str
    endpoint: str
    taken: tuple[tuple[str, str], ...] = ()

    @property
    def normal(self) -> str:
        said = f"{self.error}: {self.words}" if self.words else self.error
        return " · ".join(part for part in (said, self.assertion, self.endpoint) if part)


def fingerprint(test: str, message: str, detail: str) -> Fingerprint:
    """The normalised failure of a test. Never raises; linear in the text, of which only a bounded part is looked at."""
    parts = _parts(message, detail)
    named = (str(FINGERPRINT_VERSION), _test(test).text, parts.error, parts.words, parts.assertion, parts.endpoint)
    key = blake2b("\x00".join(named).encode("utf-8", "replace"), digest_size=16).hexdigest()
    return Fingerprint(
        key=key,
        version=FINGERPRINT_VERSION,
        normal=parts.normal,
        rules=tuple(sorted({rule for rule, _ in parts.taken})),
    )


def explain_merge(first: tuple[str, str, str], second: tuple[str, str, str]) -> tuple[str, ...]:
    """Why two failures, each (test, message, detail), are one group, or why they are not: sentences to check by eye."""
    tests = [_test(each[0]).text for each in (first, second)]
    one, other = _parts(*first[1:]), _parts(*second[1:])
    if tests[0] != tests[1]:
        return (f"Not merged: failures of different tests, {first[0]} and {second[0]}, are never one group.",)
    unlike = [name for name in _PART if getattr(one, name) != getattr(other, name)]
    if unlike:
        return tuple(
            f"Not merged, as {_PART[name]}: {_quoted(getattr(one, name))} and {_quoted(getattr(other, name))}."
            for name in unlike
        )
    said = [
        f"Merged: both are failures of {first[0]}.",
        f"Compared was {_quoted(one.normal)}, which is the same in both.",
    ]
    alike = set(one.taken) & set(other.taken)
    for which, parts in (("first", one), ("second", other)):
        left = [piece for piece in dict.fromkeys(parts.taken) if piece not in alike]
        if left:
            pieces = ", ".join(f"{_quoted(text)} ({rule})" for rule, text in left[:_SHOWN])
            more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
            said.append(f"Left out of the {which}, as it differs each time: {pieces}{more}.")
    said.append(f"Stack traces and line numbers are never compared (fingerprint version {FINGERPRINT_VERSION}).")
    return tuple(said)


def _parts(message: str, detail: str) -> Parts:
    lines = _error_lines(detail[-_DETAIL:])
    said = [line.strip() for line in message[:_MESSAGE].strip().splitlines()[:_LINES]]
    headline = _headline(said, lines)
    match = _TYPE.match(headline) or _BARE.match(headline)
    error = match["type"] if match is not None else ""
    words = (match["rest"] or "") if match is not None else headline
    asserted = words if words.startswith("assert ") else _assertion(said) or _assertion(_after(headline, lines))
    if words.startswith("assert "):
        words = ""
        error = error or "AssertionError"
    if asserted and not error:
        error = "AssertionError"
    plain_words, plain_assertion = _plain(words), _plain(asserted)
    return Parts(
        error=error,
        words=plain_words.text,
        assertion=plain_assertion.text,
        endpoint=_endpoint("\n".join((headline, *said, *_after(headline, lines)))),
        taken=(*plain_words.taken, *plain_assertion.taken),
    )


def _plain(text: str) -> Plain:
    found = plain(text)
    return Plain(found.text[:_WORDS], found.taken)


def _error_lines(detail: str) -> list[str]:
    """What pytest marks as the error: the lines that begin with E, without that."""
    found = [line[1:].strip() for line in detail.splitlines() if line.startswith("E ")]
    return found[-_LINES:]


def _headline(said: list[str], lines: list[str]) -> str:
    """The line that says what went wrong, whole where the message was cut by a terminal."""
    first = said[0] if said else ""
    cut = first.removesuffix("...").removesuffix("…")
    if first and cut == first:
        return first
    whole = next((line for line in reversed(lines) if cut and _begins(line, cut)), "")
    typed = [line for line in lines if _TYPE.match(line) or _BARE.match(line)]
    return whole or (cut.strip() if cut else typed[-1] if typed else lines[0] if lines else "")


def _begins(line: str, cut: str) -> bool:
    return line.startswith(cut) or line.partition(": ")[2].startswith(cut)


def _after(headline: str, lines: list[str]) -> list[str]:
    """The error's lines from its headline on: of chained errors the last one counts."""
    for place in range(len(lines) - 1, -1, -1):
        if lines[place] == headline or (headline and lines[place].endswith(headline)):
            return lines[place:]
    return lines


def _assertion(lines: list[str]) -> str:
    return next((line for line in lines if line.startswith("assert ")), "")


def _endpoint(text: str) -> str:
    """The templates of the addresses that the error names."""
    found = dict.fromkeys(template(path) for path in URL_PATH.findall(text[: 2 * _MESSAGE]))
    return ", ".join(list(found)[:_ENDPOINTS])[:_WORDS]


def _test(test: str) -> Plain:
    """A test's id without addresses and the like in its parameters; names and counts of parameters stay."""
    if "[" not in test:
        return Plain(test)
    name, _, parameters = test.partition("[")
    for rule, pattern in _IN_PARAMETERS:
        parameters = pattern.sub(f"<{rule}>", parameters[:2_000])
    return Plain(f"{name}[{parameters}")


def _quoted(text: str) -> str:
    return f"“{text[:160]}…”" if len(text) > 160 else f"“{text}”" if text else "nothing"
