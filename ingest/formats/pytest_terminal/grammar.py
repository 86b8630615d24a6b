"""The single lines of pytest's terminal output: bars, progress, headers, summary lines, the last line.

Every function looks at one line without escapes and says what it is, or None. All are linear in the line.
"""

from __future__ import annotations

import re

import msgspec

from triage.core.records import SECOND, Outcome

WORDS = {
    "PASSED": Outcome.PASSED,
    "FAILED": Outcome.FAILED,
    "ERROR": Outcome.ERROR,
    "SKIPPED": Outcome.SKIPPED,
    "XFAIL": Outcome.XFAILED,
    "XPASS": Outcome.XPASSED,
    "RERUN": Outcome.RERUN,
    "SUBPASSED": Outcome.PASSED,
    "SUBFAILED": Outcome.FAILED,
    "SUBSKIPPED": Outcome.SKIPPED,
    "SUBXFAIL": Outcome.XFAILED,
}
_WORD = "(?P<word>" + "|".join(sorted(WORDS, key=len, reverse=True)) + ")"
_SUBTEST = r"(?P<sub>(?:\[[^\]]{0,400}\])?(?: \([^()]{0,400}\))?)"
_PERCENT = r"(?:\[ {0,5}\d{1,9}(?:%|/\d{1,9})\]|[\d.]{1,12}(?:s|ms|us|ns|m|h)(?: [\d.]{1,6}s)?)"
# behind the node id: FAILED      [  5%]   ·   SKIPPED (no way)   [ 50%]   ·   SUBFAILED[step] (i=1)
_AFTER_ID = re.compile(rf" {_WORD}{_SUBTEST}(?P<reason>(?: \(.*\))?) *(?:{_PERCENT})?$")
# FAILED                    [  4%]            glued: added soonFAILED
_BARE_WORD = re.compile(rf"^{_WORD}(?: \((?P<reason>.*)\))? *(?:{_PERCENT})?$")
_GLUED_WORD = re.compile(rf"(?<=[^\sA-Z_=:\"'-]){_WORD} *(?:{_PERCENT})?$")
# [gw0] [  4%] FAILED tests/test_cars.py::test_add_car         [gw0] PASSED t.py::test_a
_XDIST = re.compile(rf"^\[(?P<worker>gw\d{{1,5}})\](?: {_PERCENT})? {_WORD}{_SUBTEST} (?P<node>\S.*)$")
# FFF.FFFF..F.FFFEEsxX.uuuF.F.                   [100%]      tests/api/test_cars.py FFF.F    [ 91%]
_DOTS = re.compile(rf"^(?:[^\s:]{{1,400}}\.\w{{1,8}} )?[.FEsxXRpPu,\-f]+ *(?:{_PERCENT})?$")
# FAILED tests/test_cars.py::test_a - KeyError: 'figo'         SUBFAILED[step] (i=1) t.py::test_b - assert 1 != 1
_SUMMARY = re.compile(rf"^{_WORD}{_SUBTEST} (?P<rest>\S.*)$")
_SKIPPED_FOLD = re.compile(r"^SKIPPED \[\d{1,9}\] ")
_WORKER_INFO = re.compile(r"^\[(?P<worker>gw\d{1,5})\] (?P<platform>\w{1,20}) -- Python (?P<python>\S{1,40})")
_COUNT = re.compile(
    r"^(?P<n>\d{1,9}) (?P<what>passed|failed|errors?|skipped|deselected|xfailed|xpassed|warnings?|rerun|reruns|"
    r"subtests passed|subtests failed|subtests skipped|retried|flaky)$"
)
_TOOK = re.compile(r"^(?P<secs>\d{1,9}(?:\.\d{1,6})?)s(?: \([\d:, a-z]{1,40}\))?$")
_DURATION = re.compile(r"^(?P<secs>\d{1,9}\.\d{1,6})s (?P<phase>setup|call|teardown) +(?P<node>\S.*)$")
_ID_NAME = re.compile(r"[^\s\[:]+")
_LOCATION = re.compile(r"^(?P<path>[^\s:][^:]{0,1000}\.\w{1,8}):(?P<line>\d{1,9}):(?: (?P<what>.*))?$")
_SECTION = re.compile(
    r"^Captured (?P<kind>stdout|stderr|log|out|err)(?: (?P<phase>setup|call|teardown))?$", re.IGNORECASE
)
_LIVE = re.compile(r"^live log (?P<phase>\w{1,20})$")
_SLOWEST = re.compile(r"^slowest (?:\d{1,9} )?(?:test )?durations$")

SESSION = "test session starts"
AREAS = {
    "ERRORS": "errors",
    "FAILURES": "failures",
    "PASSES": "passes",
    "XPASSES": "xpasses",
    "XFAILURES": "xfailures",
    "warnings summary": "warnings",
    "warnings summary (final)": "warnings",
    "short test summary info": "summary",
    "rerun test summary info": "reruns",
    "tests coverage": "other",
}
BLOCK_AREAS = ("errors", "failures", "passes", "xpasses", "xfailures")


class Progress(msgspec.Struct, frozen=True, gc=False):
    """One line that names a test and what came of it; `word` is "" where the test only starts."""

    node: str
    word: str = ""
    worker: str = ""
    rest: str = ""  # a skip reason, or text that a test printed behind its own name
    sub: str = ""  # description of a subtest


def bar(text: str, sign: str) -> str | None:
    """The title of a bar of `sign`s: "= FAILURES =" and "___ test_a ___"; None for other lines and untitled bars."""
    if not (text.startswith(sign) and text.endswith(sign)):
        return None
    inner = text.strip(sign)
    if len(inner) < 3 or inner[0] != " " or inner[-1] != " ":
        return None
    title = inner.strip()
    return title if title.strip(f"{sign} ") else None


def area(text: str) -> str | None:
    """Which area of the output a title bar opens: "session", "failures", …"""
    title = bar(text, "=")
    if title is None:
        return None
    if title == SESSION:
        return "session"
    if _SLOWEST.match(title):
        return "durations"
    return AREAS.get(title)


def node_id(text: str) -> tuple[str, str] | None:
    """(node id, what stands behind it) of a text that begins with a node id: `path::name::name[parameters]`.

    Parameters may hold spaces, brackets and " - "; they end at the first "]" that a space or the end follows.
    """
    start = text.find("::")
    if start <= 0 or text[0] in " \t[(<'\"{":
        return None
    path = text[:start]
    if "  " in path or "." not in path.rsplit("/", 1)[-1] or len(path) > 1000 or path.endswith((" ", ":")):
        return None
    if " " in path and not path.endswith(".py"):
        return None
    at = start
    while text.startswith("::", at):
        found = _ID_NAME.match(text, at + 2)
        if found is None:
            return None
        at = found.end()
    if text.startswith("[", at):
        end = text.find("]", at)
        while end >= 0 and end + 1 < len(text) and text[end + 1] != " ":
            end = text.find("]", end + 1)
        if end >= 0:
            at = end + 1
    if at < len(text) and text[at] != " ":
        return None
    return text[:at], text[at:]


def progress(text: str) -> Progress | None:
    """A verbose progress line, a start line, or the report of a distributed worker."""
    if text.startswith("["):
        found = _XDIST.match(text)
        if found is None:
            return None
        return Progress(found["node"].rstrip(), found["word"], found["worker"], "", found["sub"])
    if "::" not in text or not (split := node_id(text)):
        return None
    node, rest = split
    if not rest.strip():
        return Progress(node)
    after = _AFTER_ID.match(rest)
    if after is None:
        tail = _GLUED_WORD.search(rest)
        if tail is None:
            return Progress(node, "", "", rest.strip())
        return Progress(node, tail["word"], "", rest[: tail.start()].strip())
    return Progress(node, after["word"], "", after["reason"].strip()[1:-1], after["sub"])


def outcome(text: str) -> str | None:
    """The word of a line that is nothing but an outcome, as live logs and -s leave it."""
    found = _BARE_WORD.match(text)
    return found["word"] if found else None


def glued(text: str) -> tuple[str, str] | None:
    """(printed text, outcome word) of a line whose end an outcome was glued to: "added soonFAILED"."""
    found = _GLUED_WORD.search(text)
    return (text[: found.start()], found["word"]) if found else None


def is_dots(text: str) -> bool:
    """Whether the line is the short progress of quiet and default output."""
    return _DOTS.match(text) is not None


def live(text: str) -> str | None:
    """The phase of a live log header: "setup", "call", "teardown", "collection", …"""
    title = bar(text, "-")
    found = _LIVE.match(title) if title else None
    return found["phase"] if found else None


def section(text: str) -> tuple[str, str] | None:
    """(kind, phase) of a captured section's header: ("log", "call"). JUnit's "Captured Out" has no phase."""
    title = bar(text, "-")
    found = _SECTION.match(title) if title else None
    if found is None:
        return None
    kind = found["kind"].lower()
    return {"out": "stdout", "err": "stderr"}.get(kind, kind), (found["phase"] or "").lower()


def summary(text: str) -> tuple[str, str, str, str] | None:
    """(word, subtest, node id, message) of a line of the short summary; None for what continues a message."""
    found = _SUMMARY.match(text)
    if found is None:
        return None
    rest = found["rest"]
    split = node_id(rest)
    if split is not None and (not split[1].strip() or split[1].startswith(" - ")):
        return found["word"], found["sub"], split[0], split[1][3:] if split[1].startswith(" - ") else ""
    node, dash, message = rest.partition(" - ")
    if "::" in node or not (dash or node.rsplit(".", 1)[-1].isalnum()):
        return None if split is None else (found["word"], found["sub"], split[0], split[1].strip())
    if " " in node:
        return None  # "ERROR something went wrong": a tester's words
    return found["word"], found["sub"], node.strip(), message


def is_folded_skip(text: str) -> bool:
    """SKIPPED [1] test_cars.py:19: no way"""
    return _SKIPPED_FOLD.match(text) is not None


def worker_info(text: str) -> str | None:
    """The worker of `[gw0] linux -- Python 3.11.7 /usr/bin/python`, the first line of a distributed block."""
    found = _WORKER_INFO.match(text)
    return found["worker"] if found else None


def location(text: str) -> tuple[str, str] | None:
    """(path, what) of `tests/test_cars.py:13: AssertionError`."""
    found = _LOCATION.match(text)
    return (found["path"], found["what"] or "") if found else None


def duration(text: str) -> tuple[int, str, str] | None:
    """(microseconds, phase, node id) of a line of the slowest durations."""
    found = _DURATION.match(text)
    return (int(float(found["secs"]) * SECOND), found["phase"], found["node"].strip()) if found else None


def final(text: str) -> tuple[dict[str, int], int] | None:
    """Counts by word and microseconds of the last line: `= 6 failed, 10 passed in 0.36s =`, or quiet without bars."""
    body = text.strip("= ")
    counted, found, took = body.rpartition(" in ")
    if not found or len(body) > 400:
        return None
    time = _TOOK.match(took)
    if time is None:
        return None
    counts: dict[str, int] = {}
    if counted != "no tests ran":
        for piece in counted.split(", "):
            count = _COUNT.match(piece)
            if count is None:
                return None
            counts[count["what"].rstrip("s") if count["what"] in ("errors", "warnings") else count["what"]] = int(
                count["n"]
            )
    return counts, int(float(time["secs"]) * SECOND)
