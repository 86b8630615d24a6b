"""Names, at the end of a run, what a missing program kept from running: skips whose reason begins with "needs ".

With LINEUP_NOTHING_MISSING=1, as in CI, a missing program fails the run instead.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter

import pytest

_missing: Counter[str] = Counter()


def program(*names: str) -> pytest.MarkDecorator:
    """A mark for tests that need any one of these programs: `@needs.program("chromium", "google-chrome")`."""
    found = any(shutil.which(name) for name in names)
    return pytest.mark.skipif(not found, reason=f"needs {' or '.join(names)}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _count(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    _count(report)  # a whole module that was skipped


def _count(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason.startswith("needs "):
            _missing[reason] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _missing:
        terminalreporter.section("not run, because something is missing on this machine", yellow=True)
        for reason, count in sorted(_missing.items()):
            terminalreporter.line(f"{reason}: {count} {'test' if count == 1 else 'tests'} not run")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _missing and exitstatus == 0 and os.environ.get("LINEUP_NOTHING_MISSING") == "1":
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
