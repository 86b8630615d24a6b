"""Which test a line of a framework's log belongs to, where nothing but names in the lines tells it.

Such logs have no frames around a test. A test is named by the module or function that wrote a line, and by what the
framework says when it gives up: "Exception when trying to run test:/path/tests/test_api_example.py".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

import msgspec

from ingest.formats.client_logs.client_steps import mark_in
from triage.core.records import Outcome, Stamp, TestResult

TESTS = 50_000
DETAIL_LINES = 200

_TEST_NAME = re.compile(r"^(?:test_\w{1,200}|\w{1,200}_test)$")
_ENDED = re.compile(r"(?:Exception when trying to run test|Finished test|End of test) ?: ?(?P<path>\S{1,1000}?\.py)\b")
_BEGUN = re.compile(r"(?:Starting test|Running test|Start of test|Begin test) ?: ?(?P<path>\S{1,1000})")
_SAID = re.compile(r"^[ *-]{0,8}(?:PASS|PASSED|FAIL|FAILED)(?::| -)\s*")
_TEST_FOLDER = re.compile(r"(?:^|[/\\])(?P<path>tests?[/\\][^\s]{0,500})$")


class Naming(msgspec.Struct, frozen=True, gc=False):
    """The columns of a line that may name a test."""

    file: str = ""
    name: str = ""
    func: str = ""


class Segment(msgspec.Struct):
    """Lines that follow one another and belong to one test."""

    first: int
    last: int = 0
    name: str = ""
    path: str = ""
    ended: bool = False
    failed: str = ""
    passed: int = 0
    exception: bool = False
    detail: list[str] = msgspec.field(default_factory=list)
    started: Stamp | None = None
    stopped: Stamp | None = None

    @property
    def test(self) -> str | None:
        """The node id, as well as it can be told."""
        if not self.name and not self.path:
            return None
        if not self.path:
            return self.name
        return f"{self.path}::{self.name or _stem(self.path)}"


class Segments:
    """Feed it the lines in order, then ask which test a line belongs to."""

    def __init__(self, part_name: str) -> None:
        self._all: list[Segment] = [Segment(1)]
        self._ends: list[int] = []
        found = re.search(r"(?:^|[/\\])(?:temp_)?(test_\w{1,200})", part_name)
        self._fallback = found[1] if found else ""

    def see(self, line: int, message: str, naming: Naming, stamp: Stamp | None) -> None:
        """One line that has columns."""
        name, path = _named(naming)
        ended = _ENDED.search(message)
        begun = _BEGUN.search(message)
        if ended is not None:
            path = _short(ended["path"])
            name = name or _stem(path)
        elif begun is not None and begun["path"].endswith(".py"):
            path = _short(begun["path"])
        current = self._all[-1]
        if self._is_other(current, (name, path), begun is not None, bool(mark_in(message))) and len(self._all) < TESTS:
            current.last = line - 1
            current = Segment(line)
            self._all.append(current)
        current.name = current.name or name
        current.path = current.path or path
        current.started = current.started or stamp
        current.stopped = stamp or current.stopped
        self._judge(current, message, ended is not None and message.lstrip().startswith("Exception"))
        current.ended = current.ended or ended is not None

    def close(self) -> None:
        """No more lines."""
        self._all[-1].last = 1 << 62
        self._ends = [segment.last for segment in self._all]
        if len(self._all) == 1 and self._all[0].test is None:
            self._all[0].name = self._fallback

    def at(self, line: int) -> tuple[str | None, int]:
        """(test, last line up to which it is the test) of a line."""
        segment = self._all[min(bisect_left(self._ends, line), len(self._all) - 1)]
        return segment.test, segment.last

    def results(self) -> Iterator[TestResult]:
        """One for each segment that says how it went."""
        attempts: dict[str, int] = {}
        for segment in self._all:
            test = segment.test
            if test is None or not (segment.failed or segment.exception or segment.passed):
                continue
            attempts[test] = attempts.get(test, 0) + 1
            failed = bool(segment.failed) or segment.exception
            yield TestResult(
                test=test,
                outcome=Outcome.FAILED if failed else Outcome.PASSED,
                message=segment.failed or ("an exception, which the log does not name" if segment.exception else ""),
                detail="\n".join(segment.detail)[:65_536],
                phase="call" if failed else "",
                started=segment.started,
                stopped=segment.stopped,
                attempt=attempts[test],
                line=segment.first,
                lossy=True,
            )

    @staticmethod
    def _is_other(current: Segment, naming_of: tuple[str, str], begins: bool, checks: bool) -> bool:
        """Whether a line that names this test, or none, belongs to another test than the lines before it."""
        name, path = naming_of
        if current.ended and not name and not path:
            return checks  # "Python says: …" follows the end of a test; a check is the next one's
        if begins and (current.passed or current.failed or current.ended):
            return True
        if name and current.name:
            return name != current.name
        return bool(path and current.path and path != current.path)

    @staticmethod
    def _judge(segment: Segment, message: str, exception: bool) -> None:
        mark = mark_in(message)
        said = _SAID.sub("", message).strip()
        if mark == "pass":
            segment.passed += 1
        elif mark == "fail":
            segment.failed = segment.failed or said[:4096]
        segment.exception = segment.exception or exception
        if (
            (mark == "fail" or exception or segment.exception)
            and message.strip()
            and len(segment.detail) < DETAIL_LINES
        ):
            segment.detail.append(message.strip()[:4096])


def _named(naming: Naming) -> tuple[str, str]:
    """(test function, path) that the columns tell; "" for what they do not."""
    name = naming.func if _TEST_NAME.match(naming.func) else ""
    module = naming.name.rpartition(".")[2]
    if not name and _TEST_NAME.match(module):
        name = module
    path = naming.file if _TEST_NAME.match(_stem(naming.file)) else ""
    if path and not name:
        name = _stem(path)
    return name, _short(path) if path else ""


def _stem(path: str) -> str:
    return re.split(r"[/\\]", path)[-1].removesuffix(".py")


def _short(path: str) -> str:
    """`tests/test_api_example.py` of `/home/ci/project/tests/test_api_example.py`, as pytest would name it."""
    path = path.replace("\\", "/")
    at = max(path.rfind("/tests/"), path.rfind("/test/"))
    if at >= 0:
        return path[at + 1 :]
    return path if not path.startswith("/") and path[1:2] != ":" else path.rpartition("/")[2]
