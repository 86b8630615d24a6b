"""Whether both sides tell of the requests at all: access log, the tests' own words, and an id that both write."""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.audit.lines import PYTEST_ALL, PYTEST_REQUESTS, access_line, with_request_id
from triage.core.audit.seen import SURE, Seen, derived
from triage.core.findings import Gap, LineRef, PlacedStep, TestCase, VerdictKind
from triage.core.records import Side

_FEW = 2


def no_access_log(seen: Seen) -> Iterator[Gap]:
    """The server's requests are known only from what the application wrote, or not at all."""
    if not seen.scene.lines.lines or any(seen.scene.requests.ended):
        return
    hurts = len(seen.loose)
    unseen = any(not step.matches for step in seen.requests)
    if seen.served and not hurts and not unseen:
        return
    line = access_line(seen.server)
    first = seen.scene.lines.lines[0]
    known = seen.lineup.served
    example = known[0].entries[:1] if known else (LineRef(first.part, first.entry.line),)
    left = "are known only from what the application wrote" if known else "are not known"
    yield Gap(
        kind="no_access_log",
        text=f"There is no access log: requests {left}, and one that it wrote nothing of is missed.",
        fix=line.text,
        where=line.where,
        lines=example,
        hurts=hurts,
    )


def no_test_requests(seen: Seen) -> Iterator[Gap]:
    """The tests' logs name no request, or not those of all tests."""
    if not seen.lineup.tests or not seen.parts(Side.TESTS):
        return
    made_up = [step for step in seen.lineup.steps if derived(step)]
    if not seen.requests:
        own = [step for step in seen.lineup.steps if not derived(step)]
        yield Gap(
            kind="no_test_requests",
            text="The tests' logs name no HTTP request"
            + (
                ": whose a request was is derived from the order and the times of the server's log."
                if made_up
                else ", so which of the server's requests are a test's is a guess."
            ),
            fix=PYTEST_REQUESTS.text,
            where=PYTEST_REQUESTS.where,
            lines=seen.step_lines(own),
            hurts=seen.hurt(seen.weak, lambda test: not _test_broke(seen, test)),
        )
    elif made_up:
        owners = {step.test for step in made_up}
        yield Gap(
            kind="requests_derived",
            text="The tests' logs do not name all of their requests: some are derived from the order and the times of"
            " the server's log, which is less sure.",
            fix=PYTEST_REQUESTS.text,
            where=PYTEST_REQUESTS.where,
            lines=seen.step_lines(made_up),
            hurts=seen.hurt(seen.weak, lambda test: test.test in owners),
        )


def silent_failures(seen: Seen) -> Iterator[Gap]:
    """Failing tests that left no line of what they did, while others did."""
    silent = [test for test in seen.weak if not test.steps and not _test_broke(seen, test)]
    if silent and seen.requests:
        count = "A failing test" if len(silent) == 1 else f"{len(silent)} failing tests"
        yield Gap(
            kind="silent_failures",
            text=f"{count} left no line of what was done before the failure, so the request that disappointed it is"
            " not known."
            if len(silent) == 1
            else f"{count} left no line of what they did before they failed, so the"
            " requests that disappointed them are not known.",
            fix=PYTEST_REQUESTS.text,
            where=PYTEST_REQUESTS.where,
            hurts=len(silent),
        )


def unnamed_tests(seen: Seen) -> Iterator[Gap]:
    """Log lines that no report ties to a test, where that leaves a failing test or its passing siblings open."""
    guessed = [step for step in seen.lineup.steps if step.belongs < SURE and not derived(step)]
    homeless = _homeless(seen)
    owners = {step.test for step in guessed}
    siblings = bool(homeless) and not any(seen.asked(test) for test in seen.passed)
    hurts = seen.hurt(
        seen.weak, lambda test: test.test in owners or (bool(homeless) and (siblings or not seen.asked(test)))
    )
    if not hurts:
        return
    yield Gap(
        kind="lines_name_no_test",
        text="A log of the tests does not say which test wrote a line: that is told by order and times, or not at all.",
        fix=PYTEST_REQUESTS.text,
        where=PYTEST_REQUESTS.where,
        lines=seen.step_lines([*guessed, *homeless]),
        hurts=hurts,
    )


def _homeless(seen: Seen) -> list[PlacedStep]:
    """Requests of which it is not known whose they are."""
    found = [step for step in seen.requests if not step.test] if len(seen.lineup.tests) > 1 else []
    return found if len(found) > _FEW else []


def only_failures(seen: Seen) -> Iterator[Gap]:
    """What passing tests asked is not logged, so that a pass on other processes cannot acquit them."""
    silent = [test for test in seen.passed if not seen.asked(test)]
    telling = [test for test in seen.failing if seen.asked(test)]
    if not telling or not silent or len(silent) < len(seen.passed) or _homeless(seen):
        return
    yield Gap(
        kind="only_failures_logged",
        text="Only the failing tests' requests are logged: whether passing tests crossed processes as well, which"
        " would speak against a split, cannot be told.",
        fix=PYTEST_ALL.text,
        where=PYTEST_ALL.where,
        lines=seen.step_lines(seen.asked(telling[0])),
        hurts=len(seen.weak),
    )


def no_request_id(seen: Seen) -> Iterator[Gap]:
    """Which of several lines is a step's is a guess, and no id that both sides log settles it."""
    hurt = [test for test in seen.loose if _doubtful(seen, test)]
    if not hurt or not seen.requests:
        return
    line = with_request_id(seen.server)
    doubtful = next(step for step in seen.tied(hurt[0]) if step.matches and step.matches[0].confidence < SURE)
    yield Gap(
        kind="no_request_id",
        text="No id of a request stands in both logs: which of the server's lines belongs to a step is told by times"
        " and paths, and here they do not tell surely.",
        fix=line.text,
        where=line.where,
        lines=(doubtful.ref,),
        hurts=len(hurt),
    )


def _doubtful(seen: Seen, test: TestCase) -> bool:
    return any(step.matches and step.matches[0].confidence < SURE for step in seen.tied(test))


def _test_broke(seen: Seen, test: TestCase) -> bool:
    verdict = seen.verdicts.get(test.test)
    return verdict is not None and verdict.kind is VerdictKind.TEST_ERROR
