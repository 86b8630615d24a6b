"""Whether the times on both sides can be compared: none, whole seconds, an unknown zone, a clock that was set."""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.audit.lines import (
    APP_PID,
    CLIENT_ZONE,
    DOCKER_TIMES,
    FINE,
    JOURNAL_FINE,
    PYTEST_TIMES,
    SERVER_ZONE,
    SYNCHRONISED,
    Line,
)
from triage.core.audit.seen import Seen, derived, whole_seconds
from triage.core.findings import Gap, PlacedStep, Served, TestCase
from triage.core.records import SECOND
from triage.core.servers import Server

_MOST = 0.5
_ENOUGH = 3


def coarse_server_stamps(seen: Seen) -> Iterator[Gap]:
    """Whole seconds on the server, where a finer one would tell which of several lines is a step's."""
    told = [each for each in seen.served if any(entry.stamp or entry.inner for entry in seen.entries_of(each))]
    coarse = [each for each in told if all(whole_seconds(entry) for entry in seen.entries_of(each))]
    hurt = [test for test in seen.loose if _between_processes(seen, test)]
    if not coarse or len(coarse) <= _MOST * len(told) or not hurt:
        return
    line = _fine_line(seen)
    yield Gap(
        kind="coarse_server_stamps",
        text="The server's lines tell whole seconds: of requests of the same second on several processes it cannot be"
        " told which one was a test's.",
        fix=line.text,
        where=line.where,
        lines=coarse[0].entries[:1],
        hurts=len(hurt),
    )


def coarse_test_stamps(seen: Seen) -> Iterator[Gap]:
    """The same on the tests' side."""
    stamped = [step for step in seen.requests if step.at_us is not None and step.until_us is not None]
    coarse = [step for step in stamped if _width(step) >= SECOND]
    hurt = [test for test in seen.loose if _between_processes(seen, test)]
    if not coarse or len(coarse) <= _MOST * len(stamped) or not hurt:
        return
    yield Gap(
        kind="coarse_test_stamps",
        text="The tests' lines tell whole seconds: of requests of the same second on several processes it cannot be"
        " told which one was a test's.",
        fix=PYTEST_TIMES.text,
        where=PYTEST_TIMES.where,
        lines=seen.step_lines(coarse),
        hurts=len(hurt),
    )


def no_test_times(seen: Seen) -> Iterator[Gap]:
    """Steps are placed by their order alone."""
    steps = [step for step in seen.lineup.steps if not derived(step)]
    untimed = [step for step in steps if step.at_us is None]
    hurt = [test for test in seen.loose if any(seen.lineup.steps[index].at_us is None for index in test.steps)]
    if len(untimed) <= _MOST * len(steps) or not hurt:
        return
    yield Gap(
        kind="no_test_times",
        text="The tests' lines tell no time: which of the server's lines are theirs is told by their order alone.",
        fix=PYTEST_TIMES.text,
        where=PYTEST_TIMES.where,
        lines=seen.step_lines(untimed),
        hurts=len(hurt),
    )


def no_server_times(seen: Seen) -> Iterator[Gap]:
    """The server's requests stand in order, and when they were is not known."""
    untimed = [each for each in seen.served if not any(entry.stamp or entry.inner for entry in seen.entries_of(each))]
    if not untimed or len(untimed) <= _MOST * len(seen.served) or not seen.loose:
        return
    line = DOCKER_TIMES if seen.has(Server.DOCKER) else _fine_line(seen)
    yield Gap(
        kind="no_server_times",
        text="The server's lines tell no time: which of them are a test's is told by their order alone.",
        fix=line.text,
        where=line.where,
        lines=untimed[0].entries[:1],
        hurts=len(seen.loose),
    )


def clocks(seen: Seen) -> Iterator[Gap]:
    """Clocks of which nothing tells how far they are apart, by why, and those that were set in the middle."""
    hurts = len(seen.loose)
    timed = [step for step in seen.lineup.steps if step.at_us is not None]
    undecided = [clock for clock in seen.lineup.clocks if not clock.decided and "assumed to be as" not in clock.basis]
    if hurts and timed and undecided and len(seen.served) >= _ENOUGH:
        host = undecided[0].host
        example = next((each.entries[:1] for each in seen.served if _host(seen, each) == host), ())
        server_zoned = seen.scene.lines.zoned.get(host, False)
        if not seen.scene.assembled.zoned or not server_zoned:
            side, line = ("tests'", CLIENT_ZONE) if server_zoned else ("server's", SERVER_ZONE)
            yield Gap(
                kind="zone_not_told",
                text=f"The {side} times tell no zone, and nothing else tells how far the clocks are apart: the two logs"
                " may be hours off each other.",
                fix=line.text,
                where=f"{line.where} (the zone of the {side} log)",
                lines=seen.step_lines(timed) if server_zoned else example,
                hurts=hurts,
            )
        else:
            yield _unsettled(hurts, example)
    jumping = [clock for clock in seen.lineup.clocks if clock.jumps]
    if jumping and hurts:
        yield Gap(
            kind="clock_was_set",
            text="A clock was set while the tests ran: around that moment it cannot be told which line belongs to"
            " which step.",
            fix=SYNCHRONISED.text,
            where=SYNCHRONISED.where,
            hurts=hurts,
        )


def _unsettled(hurts: int, example: tuple[object, ...]) -> Gap:
    return Gap(
        kind="clock_undecided",
        text="Nothing tells how far the server's clock is from the tests': no request stands in both logs clearly"
        " enough, so lines are compared as if the clocks agreed.",
        fix=SYNCHRONISED.text,
        where=SYNCHRONISED.where,
        lines=example,  # type: ignore[arg-type]
        hurts=hurts,
    )


def _width(step: PlacedStep) -> int:
    return (step.until_us or 0) - (step.at_us or 0)


def _host(seen: Seen, served: Served) -> str:
    return seen.lineup.processes[served.process].host


def _fine_line(seen: Seen) -> Line:
    """What writes fractions of a second here; a journal has them, its short form only hides them."""
    if seen.has(Server.JOURNALD):
        return JOURNAL_FINE
    return FINE.get(seen.server or Server.GUNICORN, APP_PID)


def _between_processes(seen: Seen, test: TestCase) -> bool:
    """Whether a step of the test may be one process's line as well as another's."""
    for step in (seen.lineup.steps[index] for index in test.steps):
        if step.matches and step.matches[0].confidence < 0.9 and not derived(step):
            others = {seen.lineup.served[match.served].process for match in step.matches}
            if len(others) > 1:
                return True
    return False
