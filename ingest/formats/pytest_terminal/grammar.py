"""The single lines of pytest's terminal output: bars, headers, summary lines, the last line.

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
    "xfail": Outcome.XFAILED,  # until pytest 5
    "xpass": Outcome.XPASSED,
    "RERUN": Outcome.RERUN,
    "SUBPASSED": Outcome.PASSED,
    "SUBFAILED": Outcome.FAILED,
    "SUBSKIPPED": Outcome.SKIPPED,
    "SUBXFAIL": Outcome.XFAILED,
    "SUBPASS": Outcome.PASSED,  # the plugin that pytest 9 took in
    "SUBFAIL": Outcome.FAILED,
    "SUBSKIP": Outcome.SKIPPED,
}
WORD = "(?P<word>" + "|".join(sorted(WORDS, key=len, reverse=True)) + ")"
PERCENT = r"(?:\[ {0,9}\d{1,9}(?:%|/\d{1,9})\]|[\d.]{1,12}(?:s|ms|us|ns|m|h)(?: [\d.]{1,6}s)?)"
LEAST_WIDTH = 40  # of a bar where the width of the terminal is not known: a shorter one is a program's own line

# FAILED tests/test_cars.py::test_a - KeyError: 'figo'
_SUMMARY = re.compile(rf"^{WORD} (?P<rest>\S.*)$")
# SUBFAILED[step [1]] (i=1) t.py::test_b - assert 1 != 1      [step] (i=1) SUBFAIL t.py::test_b - …  (the plugin)
_SUMMARY_SUB = re.compile(r"^(?P<word>SUB[A-Z]{4,7})(?P<sub>[\[ ].*)$")
_SUMMARY_SUB_LAST = re.compile(r"\]\)? (?P<word>SUB[A-Z]{4,7}) |\) (?P<other>SUB[A-Z]{4,7}) ")
_AFTER_SUB = re.compile(r"(?<=[\])]) (?=[^\s:]+::)")
_SKIPPED_FOLD = re.compile(r"^(?:SKIPPED|SUBSKIP\w{0,3}|\[.{0,400}\] SUBSKIP)(?:\[.{0,400}\])? \[\d{1,9}\] ")
_WORKER_INFO = re.compile(r"^\[(?P<worker>gw\d{1,5})\] (?P<platform>\w{1,20}) -- Python (?P<python>\S{1,40})")
_COUNT = re.compile(
    r"^(?P<n>\d{1,9}) (?P<what>passed|failed|errors?|skipped|deselected|xfailed|xpassed|warnings?|rerun|reruns|"
    r"subtests passed|subtests failed|subtests skipped|subtests xfailed|retried|flaky|snapshots? \w{1,20}|seconds)$"
)
_TOOK = re.compile(r"^(?P<secs>\d{1,9}(?:\.\d{1,6})?)(?:s| seconds)(?: \([\d:, a-z]{1,40}\))?$")
# 99 tests collected in 0.22s      3/99 tests collected (96 deselected) in 0.1s      no tests collected, 1 error in 2s
_COLLECTED = re.compile(
    r"^(?:\d{1,9}(?:/\d{1,9})? tests? collected|no tests collected)(?: \(\d{1,9} deselected\))?(?:, \d{1,9} errors?)?$"
)
_DURATION = re.compile(r"^(?P<secs>\d{1,9}\.\d{1,6})s (?P<phase>setup|call|teardown) +(?P<node>\S.*)$")
_ID_NAME = re.compile(r"[^\s\[:]+")
_LOCATION = re.compile(r"^(?P<path>[^\s:][^:]{0,1000}\.\w{1,8}):(?P<line>\d{1,9}):(?: (?P<what>.*))?$")
_FRAME = re.compile(r'^ {2}File "(?P<path>[^"]{1,1000})", line \d{1,9}, in ')  # --tb=native
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
CLOSING = ("generated ", "coverage: ", "JSON report", "benchmark", "live log sessionfinish", "Docs: ")
BLOCK_AREAS = ("errors", "failures", "passes", "xpasses", "xfailures")


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
    if start <= 0 or text[0] in " \t[(<'\"{" or not is_path(text[:start]):
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


def is_path(path: str) -> bool:
    """Whether a node id may begin with this file: `my tests/test_a.py`, not `with 'x.py`."""
    if "." not in path.rsplit("/", 1)[-1] or len(path) > 1000 or path.endswith((" ", ":")):
        return False
    if " " not in path:
        return True
    return path.endswith(".py") and "  " not in path and not any(sign in path for sign in "'\"=(){}<>:,")


def has_free_names(node: str) -> bool:
    """Whether what the file holds is no Python, so that its tests may have spaces in their names."""
    return not node.partition("::")[0].endswith(".py")


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


def is_closing(text: str) -> bool:
    """A bar with which a plugin begins its own report behind the last block: `--- generated xml file: r.xml ---`."""
    title = bar(text, "-")
    return title is not None and title.startswith(CLOSING)


class Summary(msgspec.Struct, frozen=True, gc=False):
    """One line of the short summary."""

    word: str
    node: str
    message: str = ""


def summary(text: str) -> Summary | None:
    """A line of the short summary; None for what continues a message."""
    found = _SUMMARY.match(text)
    if found is not None:
        return _named(found["word"], found["rest"])
    if found := _SUMMARY_SUB.match(text):
        if found["word"] not in WORDS or (start := _AFTER_SUB.search(found["sub"])) is None:
            return None
        return _named(found["word"], found["sub"][start.end() :])
    if text.startswith(("[", "(")) and (last := _SUMMARY_SUB_LAST.search(text[:4000])):
        word = last["word"] or last["other"]
        return _named(word, text[last.end() :]) if word in WORDS else None
    return None


def _named(word: str, rest: str) -> Summary | None:
    split = node_id(rest)
    if split is not None:
        if has_free_names(split[0]):
            node, _, message = rest.partition(" - ")
            return Summary(word, node.rstrip(), message)
        behind = split[1]
        return Summary(word, split[0], behind[3:] if behind.startswith(" - ") else behind.strip())
    node, dash, message = rest.partition(" - ")
    if "::" in node or " " in node or not (dash or node.rsplit(".", 1)[-1].isalnum()):
        return None  # "ERROR something went wrong": a tester's words
    return Summary(word, node.strip(), message)


def is_folded_skip(text: str) -> bool:
    """SKIPPED [1] test_cars.py:19: no way"""
    return _SKIPPED_FOLD.match(text) is not None


def worker_info(text: str) -> str | None:
    """The worker of `[gw0] linux -- Python 3.11.7 /usr/bin/python`, the first line of a distributed block."""
    found = _WORKER_INFO.match(text)
    return found["worker"] if found else None


def location(text: str) -> tuple[str, str] | None:
    """(path, what) of `tests/test_cars.py:13: AssertionError`."""
    if text[:1] in " >E\t" or (": " not in text and not text.endswith(":")):
        return None
    found = _LOCATION.match(text)
    return (found["path"], found["what"] or "") if found else None


def frame(text: str) -> str | None:
    """The file of a line of Python's own traceback: `  File "/srv/tests/test_cars.py", line 5, in test_a`."""
    found = _FRAME.match(text)
    return found["path"] if found else None


def duration(text: str) -> tuple[int, str, str] | None:
    """(microseconds, phase, node id) of a line of the slowest durations."""
    found = _DURATION.match(text)
    return (round(float(found["secs"]) * SECOND), found["phase"], found["node"].strip()) if found else None


def final(text: str) -> tuple[dict[str, int], int] | None:
    """Counts by word and microseconds of the last line: `= 6 failed, 10 passed in 0.36s =`, or quiet without bars."""
    if text[-1:] not in "=s)" or " in " not in text or len(text) > 2_000:
        return None
    body = text.strip("= ")
    counted, found, took = body.rpartition(" in ")
    if not found or len(body) > 400:
        return None
    time = _TOOK.match(took)
    if time is None:
        return None
    counts: dict[str, int] = {}
    if counted != "no tests ran" and not _COLLECTED.match(counted):
        for piece in counted.split(", "):
            count = _COUNT.match(piece)
            if count is None:
                return None
            counts[count["what"].rstrip("s") if count["what"] in ("errors", "warnings") else count["what"]] = int(
                count["n"]
            )
    return counts, round(float(time["secs"]) * SECOND)
