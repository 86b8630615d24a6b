"""What ties a request to a test that does not name it: its failure's words, its name, and its times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import log

import msgspec

from triage.core.findings import TestCase
from triage.core.paths import is_identifier, segments
from triage.core.records import SECOND, Outcome
from triage.core.results import FAILING
from triage.core.verbs import METHOD_OF
from triage.core.words import ids, names, rival, stem

TEXT = 8_000  # characters of a failure that are looked at, from its end
RARE = 12  # an object that more pieces speak of than this tells no test
SLACK = SECOND // 10  # this far outside a test's times a piece is hardly the test's any more
UNRUN = -6.0  # of a piece in a test that was skipped: only its fixtures may have asked something
UNREACHED = -4.0  # of a piece in a test that no server answered
STRANGER = -3.0  # of one more piece in a test whose pieces are known

_STATUS = re.compile(r"(?<![\d.])[2-5]\d\d(?![\d.])")
_LITERAL = re.compile(r"/([A-Za-z][A-Za-z0-9_-]{1,40})")
_CALL = re.compile(r"\.(get|post|put|patch|delete)\(")
_REFUSED = re.compile(
    r"unknown|not_|refus|den[iy]|invalid|missing|bad|wrong|without|forbid|expire|reject|no_|stranger|revoke|negative"
)
_WRITES = {"PATCH": "PUT"}
# what HTTP libraries say where nobody listens
_NOBODY = re.compile(r"Connection refused|Failed to establish a new connection|NewConnectionError|ConnectError\b")


class Piece(msgspec.Struct, frozen=True):
    """A line or a request whose test is asked for."""

    kind: str
    method: str | None = None
    path: str | None = None
    status: int | None = None
    ids: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    low: int | None = None  # client time
    high: int | None = None
    test: int | None = None  # where it is known


def unreached(test: TestCase) -> bool:
    """Whether a test failed because no server took its request: what the server wrote is then of others."""
    return test.outcome in FAILING and _NOBODY.search(f"{test.message}\n{test.detail[-TEXT:]}") is not None


class Clues:
    """The clues of all tests, and what each of them is worth for each piece."""

    def __init__(
        self, tests: Sequence[TestCase], pieces: Sequence[Piece], closed: frozenset[int] = frozenset()
    ) -> None:
        """`closed`: tests whose pieces are known already, all but a few."""
        self._closed = closed
        self._pieces = pieces
        self._tests = [_Test(test) for test in tests]
        self._spread = Counter(word for piece in pieces for word in _about(piece))
        self._objects = Counter(word for piece in pieces for word in piece.ids)

    def score(self, i: int, t: int) -> float:
        """The log-likelihood of piece i in test t."""
        piece, test = self._pieces[i], self._tests[t]
        if piece.test is not None:
            return 0.0 if piece.test == t else -9.0
        if t in self._closed:
            return STRANGER
        if test.case.outcome is Outcome.SKIPPED:
            return UNRUN
        if test.unreached:
            return UNREACHED
        return self._said(piece, test) + _answered(piece, test) + _in_time(piece, test.case)

    def _said(self, piece: Piece, test: _Test) -> float:
        score = 0.0
        if any(word in test.ids and self._objects[word] <= RARE for word in piece.ids):
            score += 3.0
        elif rival(test.ids, piece.ids):
            score -= 0.7
        score += min(sum(0.8 * self._rarity(part) for part in _parts(piece) if part in test.literals), 2.0)
        score += min(sum(0.5 * self._rarity(word) for word in _about(piece) if word in test.name), 1.5)
        if piece.method is not None and test.methods:
            score += 0.2 if piece.method in test.methods else -0.4
        if piece.method is not None and test.verbs:
            score += 0.5 if _WRITES.get(piece.method, piece.method) in test.verbs else 0.0
        return score

    def _rarity(self, word: str) -> float:
        return min(2.0, log(1 + len(self._pieces) / max(self._spread[word], 1)))


class _Test:
    """One test's clues."""

    def __init__(self, case: TestCase) -> None:
        self.case = case
        self.failing = case.outcome in FAILING
        self.unreached = unreached(case)
        text = f"{case.message}\n{case.detail[-TEXT:]}" if self.failing else ""
        asserted = "\n".join([case.message, *(line for line in text.split("\n") if line.startswith(("E ", ">")))])
        self.ids = frozenset(word for start in range(0, len(text), 1_900) for word in ids(text[start : start + 1_900]))
        self.statuses = {int(found) for found in _STATUS.findall(asserted)} if self.failing else set()
        self.literals = {stem(found.lower()) for found in _LITERAL.findall(text)}
        self.methods = {found.upper() for found in _CALL.findall(text)}
        function = case.test.rpartition("::")[2]
        self.name = {stem(word) for part in function.split("_") for word in names(part)}
        self.verbs = {METHOD_OF[word] for word in function.lower().split("_") if word in METHOD_OF}
        self.refused = _REFUSED.search(function.lower()) is not None


def _parts(piece: Piece) -> set[str]:
    return {stem(part) for part in segments(piece.path or "") if not is_identifier(part)}


def _about(piece: Piece) -> set[str]:
    return _parts(piece) | piece.words


def _answered(piece: Piece, test: _Test) -> float:
    status = piece.status
    if status is None or status < 400:
        return 0.0
    if test.failing:
        return 1.5 if status in test.statuses else 1.0 if status >= 500 else 0.0
    if status >= 500:
        return -1.5
    return 0.5 if test.refused else -0.7


def _in_time(piece: Piece, test: TestCase) -> float:
    if piece.low is None or piece.high is None or test.started_us is None or test.stopped_us is None:
        return 0.0
    if test.started_us <= piece.low and piece.high <= test.stopped_us:
        return 1.0
    away = max(test.started_us - piece.high, piece.low - test.stopped_us, 0)
    return -min(8.0, 4.0 * away / SLACK)


def objects(path: str) -> set[str]:
    """The things that a path names, each with its kind: `/patients/1/notes` names `patients/1`."""
    parts = segments(path)
    return {f"{kind}/{part}" for kind, part in pairwise(("", *parts)) if is_identifier(part)}


def boundaries(pieces: Sequence[Piece], cases: Sequence[TestCase], unlisted: int = 0) -> list[float]:
    """The odds that each piece begins another test than the one before it."""
    tests = len(cases) + unlisted
    fatal = {status for case in cases for status in _Test(case).statuses if status >= 400}
    usual = min(max(tests / max(len(pieces), 1), 0.05), 0.7)
    odds = usual / (1 - usual)
    gaps = sorted(_gap(a, b) for a, b in pairwise(pieces))
    middle = max(gaps[len(gaps) // 2], 1_000) if gaps else 0
    seen: set[str] = set(pieces[0].ids) if pieces else set()
    result = [odds]
    for one, other in pairwise(pieces):
        change = 1.0
        if one.ids & other.ids:
            change *= 0.08
        elif rival(one.ids, other.ids) and not other.ids & seen:
            change *= 2.0
        if other.kind and other.kind == pieces[0].kind:
            change *= 2.7  # tests tend to begin alike
        if one.status in fatal:
            change *= 3.0  # what a test fails on, it ends with
        if middle and (gap := _gap(one, other)):
            change *= min(max((gap / middle) ** 0.7, 0.35), 4.0)
        seen |= other.ids
        result.append(odds * change)
    return result


def _gap(one: Piece, other: Piece) -> int:
    if one.low is None or other.low is None or one.high is None or one.high - one.low >= SECOND:
        return 0
    return max(other.low - one.low, 0)
