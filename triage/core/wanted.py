"""What the tests side of a run asks of a server's log: the things, words and keys by which a line may matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from triage.core.paths import URL_PATH, identifiers, resource
from triage.core.records import RunEvidence, Side, Step, TestResult
from triage.core.words import ids, words

COMMON = 3  # a word that more than one in so many lines of prose says tells nothing
FEW = 60  # lines of prose up to which every word tells
TEXT, TAIL = 1_900, 16_000  # characters of a failure that are looked at for words, and for addresses
_ENDINGS = ("", "s", "es")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a server's line has to do with the tests by."""

    words: frozenset[str]  # as `words.words` gives them
    spelt: frozenset[str]  # the same with every ending that a line may give them
    rare: frozenset[str]  # those of `spelt` that are not just the name of an endpoint
    keys: frozenset[tuple[str, str]]  # exact keys
    methods: frozenset[str]  # of steps that name no path
    bare: bool  # a path without any word, such as `/`, is asked for
    everything: bool  # most tests name no request, so that each may be theirs


def wanted(evidence: RunEvidence) -> Wanted:
    """What the tests side looks for. Linear in its text."""
    found: set[str] = set()
    endpoints: set[str] = set()
    keys: set[tuple[str, str]] = set()
    methods: set[str] = set()
    prose: Counter[str] = Counter()
    lines = 0
    bare = False
    asking: set[str] = set()
    speaking: set[str] = set()
    for step in _steps(evidence):
        request = step.request
        keys.update(step.keys)
        speaking.add(step.test or "")
        if request is not None and request.path is not None:
            asking.add(step.test or "")
            things = resource(request.path)
            bare = bare or not things
            endpoints.update(word for thing in things for word in (thing, *words(thing)))
            found.update(identifiers(request.path))
            found.update(ids(f"{request.path} {request.query}"))
        elif request is not None and request.method is not None:
            methods.add(request.method.upper())
        else:
            lines += 1
            prose.update(words(step.text))
    found.update(word for word, count in prose.items() if lines <= FEW or count * COMMON <= lines)
    for result in _results(evidence):
        found.update(words(result.test.partition("[")[2][:200]))
        found.update((*ids(result.message), *ids(result.detail[-TEXT:])))
        for path in URL_PATH.findall(f"{result.message[-TEXT:]}\n{result.detail[-TAIL:]}"):
            endpoints.update(word for thing in resource(path) for word in (thing, *words(thing)))
            found.update(identifiers(path))
    return Wanted(
        words=frozenset(found | endpoints),
        spelt=_spelt(found | endpoints),
        rare=_spelt(found - endpoints),
        keys=frozenset(keys),
        methods=frozenset(methods),
        bare=bare,
        everything=len(asking) * 2 < len(speaking) or not speaking,
    )


def _steps(evidence: RunEvidence) -> Iterable[Step]:
    return (step for part in evidence.parts if part.side is Side.TESTS for step in part.steps)


def _results(evidence: RunEvidence) -> Iterable[TestResult]:
    return (result for part in evidence.parts if part.side is Side.TESTS for result in part.results)


def _spelt(found: Iterable[str]) -> frozenset[str]:
    """All words whose stem is one of `found`."""
    spellings = {word + ending for word in found for ending in _ENDINGS}
    return frozenset(spellings | {word[:-1] + "ies" for word in found if word.endswith("y")})
