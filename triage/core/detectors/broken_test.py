"""The test itself broke: a fixture, an import, a programming error; no answer of the server explains it.

Catches: missing fixtures and files, import errors, NameError, and TypeError or AttributeError in the test's own code.
Evidence needed: the type and text of the error; it is stronger where no request went before it.
Looks the same but is not: KeyError or “NoneType is not subscriptable” on an answer that lacks what was written.
Example: fixture 'catalogue' not found.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import VerdictKind
from triage.core.quoting import clipped

_KIND = VerdictKind.TEST_ERROR


def detect(case: Case, court: Court) -> Iterator[Finding]:
    failure = case.failure
    if failure.no_answer:
        return
    reason = next((line.strip() for line in case.test.message.splitlines() if line.strip()), "")
    reason = clipped(reason or " ".join(failure.errors[-1:]), 110).rstrip(". ")
    refused = case.read is not None and not case.read.ok
    if failure.test_broke:
        yield Finding(
            of=_KIND,
            kind="test_broke",
            text=f"The test's own code or set-up broke: {reason}.",
            times=0.5 if refused else 1.0,
            contrast=True,
        )
    elif failure.code_error:
        yield Finding(
            of=_KIND,
            kind="code_error",
            text=f"The error was raised in the test's own code: {reason}.",
            times=0.4 if refused else 1.0,
        )
    quiet = not case.exchanges and case.test.steps == () and court.requests_are_told
    if (failure.test_broke or failure.code_error) and quiet:
        yield Finding(of=_KIND, kind="no_request_in_setup", text="No request of this test is known before the error.")
