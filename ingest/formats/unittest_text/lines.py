"""The single lines of unittest's text output. Every function looks at one line without escapes and is linear in it."""

from __future__ import annotations

import re

import msgspec

from ingest.formats.reports.junit_names import like_pytest, node_id
from triage.core.records import SECOND

BARS = 70  # unittest's bars are exactly so long
FAILURE_BAR, DETAIL_BAR = "=" * BARS, "-" * BARS
BROKEN_IMPORT = "unittest.loader._FailedTest"
FIXTURES = {"setUpClass": "setup", "tearDownClass": "teardown", "setUpModule": "setup", "tearDownModule": "teardown"}
WORDS = {
    "ok": "PASSED",
    "FAIL": "FAILED",
    "ERROR": "ERROR",
    "expected failure": "XFAIL",
    "unexpected success": "XPASS",
}

# test_add (test_shop.Shop.test_add) ... ok      test_add (test_shop.Shop)      not: added (see log) 3 cars
_NAMED = re.compile(
    r"^ {0,2}(?P<name>[^\W\d][^\s()]{0,300}) \((?P<where>[^\W\d][\w.<>-]{0,600})\)"
    r"(?P<rest>|\.\.\.| (?:\.\.\.|[(\[]).*)$"
)
# ERROR: test_err (test_shop.Shop.test_err)
_TITLE = re.compile(r"^(?P<word>ERROR|FAIL|UNEXPECTED SUCCESS): (?P<named>\S.{0,2000})$")
_RAN = re.compile(r"^Ran (?P<count>\d{1,9}) tests? in (?P<secs>\d{1,9}\.\d{1,6})s$")
# FAILED (failures=2, errors=1, skipped=1, expected failures=1)      OK      OK (skipped=1)      NO TESTS RAN
_VERDICT = re.compile(r"^(?:OK|FAILED|NO TESTS RAN)(?: \((?P<counts>[a-z =,\d]{1,200})\))?$")
_SKIPPED = re.compile(r"^skipped (?P<reason>(?P<quote>['\"]).{0,4000}(?P=quote))$")
_DOTS = re.compile(r"^[.FEsxu]{1,4000}$")
_RECORD = r"(?:(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|PASS|FAIL)[: ]|[0-9\[])"
# .2026-11-23 08:29:58,671 INFO shop: …      EuxPASS: printed      not: ERROR:root:no such car
_GLUED_DOTS = re.compile(rf"^(?!{_RECORD})[.FEsxu]{{1,4000}}?(?={_RECORD})")
# 0.252s     test_err (test_shop.Shop.test_err)
_DURATION = re.compile(r"^(?P<secs>\d{1,9}\.\d{3})s {1,12}(?P<named>\S.{0,2000})$")
# what Django says of the databases, with -v 2
_DJANGO = (
    "Found ",
    "Creating test database for alias",
    "Cloning test database for alias",
    "Destroying test database for alias",
    "Destroying old test database for alias",
    "Using existing test database for alias",
    "Preserving test database for alias",
    "Got an error creating the test database",
    "System check identified ",
    "Operations to perform:",
    "Synchronizing apps without migrations:",
    "Running migrations:",
    "Used shuffle seed",
    "Using shuffle seed",
    "Skipping setup of unused database(s)",
)
_COUNTED = {
    "failures": "tests_failed",
    "errors": "tests_error",
    "skipped": "tests_skipped",
    "expected failures": "tests_xfailed",
    "unexpected successes": "tests_xpassed",
}


class Named(msgspec.Struct, frozen=True, gc=False):
    """A test as unittest names it, and what stands behind the name."""

    name: str
    where: str  # module and class, without the method that newer Pythons add
    full: bool  # the method stood with them
    sub: str  # a subtest's description: "[msg] (i=1)"
    told: str | None  # behind the three dots; None where there are none


class Outcome(msgspec.Struct, frozen=True, gc=False):
    word: str
    reason: str = ""


def named(text: str) -> Named | None:
    """The test that a line begins with."""
    found = _NAMED.match(text) if " (" in text[:320] else None
    if found is None:
        return None
    name, where, rest = found["name"], found["where"], found["rest"]
    sub, dots, told = rest.partition(" ...")
    full = where.endswith("." + name)
    return Named(
        name,
        where[: -len(name) - 1] if full else where,
        full,
        sub.strip(),
        told.removeprefix(" ") if dots else None,
    )


def is_start(test: Named) -> bool:
    """Whether it can only be a test: a program may write `cars (all) ...` as well."""
    if test.full or test.where == BROKEN_IMPORT or test.name in FIXTURES:
        return True
    return "." in test.where and test.name.startswith("test")


def is_alone(test: Named) -> bool:
    """Whether the line tells a test by itself, be it that its docstring stands on the next one."""
    return test.told is not None or test.full or test.where.rpartition(".")[2][:1].isupper()


def test_id(test: Named) -> tuple[str, bool]:
    """(node id, whether its file is only a guess), as a JUnit report of the same run is read."""
    if test.where == BROKEN_IMPORT:
        return test.name.replace(".", "/") + ".py", True
    attributes = {"classname": test.where, "name": test.name}
    pytest = like_pytest(attributes)
    return node_id(attributes, pytest), pytest


def title(text: str) -> tuple[str, Named] | None:
    """(word, test) of the first line of a failure, under its bar."""
    found = _TITLE.match(text)
    test = named(found["named"]) if found else None
    if found is None or test is None or test.told is not None or not (is_start(test) or "." in test.where):
        return None
    return found["word"], test


def outcome(text: str) -> Outcome | None:
    """`ok`, `FAIL`, `skipped 'later'` and so on."""
    word = WORDS.get(text)
    if word is not None:
        return Outcome(word)
    found = _SKIPPED.match(text) if text.startswith("skipped ") else None
    return Outcome("SKIPPED", found["reason"][1:-1]) if found else None


def glued(text: str) -> tuple[str, Outcome] | None:
    """(what was printed, outcome) of a line that a test printed without an end before its outcome."""
    for end, word in WORDS.items():
        if text.endswith(end):
            return text[: -len(end)], Outcome(word)
    return None


def ran(text: str) -> tuple[int, int] | None:
    """(tests, microseconds) of `Ran 7 tests in 0.004s`."""
    found = _RAN.match(text) if text.startswith("Ran ") else None
    return (int(found["count"]), round(float(found["secs"]) * SECOND)) if found else None


def verdict(text: str) -> tuple[tuple[str, str], ...] | None:
    """(fact, count) of `FAILED (failures=2, errors=1)`; None for another line."""
    found = _VERDICT.match(text)
    if found is None:
        return None
    counts = (each.partition("=") for each in (found["counts"] or "").split(", "))
    return tuple((_COUNTED[name], count) for name, _, count in counts if name in _COUNTED and count.isdecimal())


def is_dots(text: str) -> bool:
    """`..F.s`: outcomes without names."""
    return _DOTS.match(text) is not None


def without_dots(text: str) -> str:
    """What was logged behind the letters of tests that had ended."""
    found = _GLUED_DOTS.match(text)
    return text[found.end() :] if found else text


def ends(following: str) -> bool:
    """Whether the line before this one must have been the last of its test."""
    if not following.strip() or following in (FAILURE_BAR, DETAIL_BAR):
        return True
    test = named(following)
    return test is not None and is_start(test)


def duration(text: str) -> tuple[int, Named] | None:
    """(microseconds, test) of a line of --durations."""
    found = _DURATION.match(text)
    test = named(found["named"]) if found else None
    return (round(float(found["secs"]) * SECOND), test) if found and test else None


def is_django(text: str) -> bool:
    """What Django says before and after: how many tests it found, the databases it makes and destroys."""
    return text.startswith(_DJANGO) and (not text.startswith("Found ") or text.endswith(" test(s)."))
