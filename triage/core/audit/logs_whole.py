"""Whether the logs are there, of the run's time and place, and whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from triage.core.audit.lines import JOURNAL_WHOLE, Line
from triage.core.audit.seen import Seen
from triage.core.clock_scale import to_server
from triage.core.findings import Clock, Gap, LineRef, PlacedStep
from triage.core.paths import template
from triage.core.records import SECOND, Fact, Side, instant
from triage.core.servers import Server

APART = 15 * 60 * SECOND  # between the tests and a server's log that can have nothing to do with them
SLACK = 2 * SECOND
_LEAST = 3  # requests that were answered and have no line
_SHARE = 0.05
_KINDS = 3  # of requests that must have no counterpart before a log is called another service's


def server_log(seen: Seen) -> Iterator[Gap]:
    """No log of the server's, or one that has nothing to do with these tests."""
    parts = seen.parts(Side.SERVER)
    if not seen.lineup.tests and not seen.lineup.steps:
        return
    if not parts:
        yield _absent(seen, "no_server_log", "There is no log of the server's, so who served a request cannot be told.")
    elif not seen.scene.lines.lines:
        yield _absent(
            seen,
            "server_log_of_another_time",
            "The server's log holds no line of the time of the run, so who served a request cannot be told.",
        )
    elif apart(seen):
        first = seen.served[0]
        yield _absent(
            seen,
            "server_log_of_another_time",
            "The server's log is of another time than the tests: none of its requests can be theirs.",
            first.entries[:1],
        )
    elif _strange(seen):
        first = seen.served[0]
        yield _absent(
            seen,
            "server_log_of_another_service",
            "None of the tests' requests stands in the server's log: it is another service's or another host's.",
            first.entries[:1],
        )


def _absent(seen: Seen, kind: str, text: str, example: tuple[LineRef, ...] = ()) -> Gap:
    line = save_command(seen)
    return Gap(kind=kind, text=text, fix=line.text, where=line.where, lines=example, hurts=len(seen.weak))


def save_command(seen: Seen) -> Line:
    """What saves the server's log of the run, with its own times where the tests tell them."""
    span = seen.span()
    since, until = "START", "END"
    if span is not None and seen.scene.assembled.zoned:
        try:
            since = f"{instant(span[0] - 60 * SECOND):%Y-%m-%d %H:%M:%S} UTC"
            until = f"{instant(span[1] + 60 * SECOND):%Y-%m-%d %H:%M:%S} UTC"
        except OverflowError:
            pass
    if seen.has(Server.DOCKER):
        since, until = (time.replace(" UTC", "Z").replace(" ", "T") for time in (since, until))
        command = f"docker logs --timestamps --since {since} --until {until} CONTAINER > server.log"
        return Line(command, "the server's host, after the tests")
    command = f'journalctl -o json -u SERVICE --since "{since}" --until "{until}" > server.json'
    return Line(command, "the server's host, after the tests; without systemd, its access log of that time")


def apart(seen: Seen) -> bool:
    """Whether every request of the server's was at quite another time; only where both sides tell their zone."""
    span = seen.span()
    if span is None or not seen.served or not seen.scene.assembled.zoned:
        return False
    if any(clock.decided for clock in seen.lineup.clocks) or not all(seen.scene.lines.zoned.values()):
        return False
    timed = [line for line in seen.scene.lines.lines if line.timed]
    if not timed:
        return False
    low, high = min(line.low for line in timed), max(line.high for line in timed)
    return low > span[1] + APART or high < span[0] - APART


def _strange(seen: Seen) -> bool:
    """Whether the two sides have no kind of request in common, though both name several."""
    asked = {_kind(step) for step in seen.requests}
    served = {
        (each.request.method, template(each.request.path))
        for each in seen.served
        if each.request is not None and each.request.path is not None
    }
    paths = {path for _, path in served}
    return len(seen.requests) >= _KINDS and len(served) >= 1 and not any(path in paths for _, path in asked)


def _kind(step: PlacedStep) -> tuple[str | None, str]:
    request = step.request
    return (request.method if request else None), template((request.path if request else "") or "")


def begins_or_ends_within(seen: Seen) -> Iterator[Gap]:
    """Answered requests from before the server's first line or after its last: the log was rotated, or cut."""
    clocks = {clock.host: clock for clock in seen.lineup.clocks if clock.decided}
    timed = [line for line in seen.scene.lines.lines if line.timed and line.host in clocks]
    if not timed or not seen.requests or len(clocks) < len(seen.lineup.clocks):
        return
    first = {host: min(line.low for line in timed if line.host == host) for host in {line.host for line in timed}}
    last = {host: max(line.high for line in timed if line.host == host) for host in first}
    answered = [
        step
        for step in seen.requests
        if step.at_us is not None and not step.matches and step.request is not None and step.request.status is not None
    ]
    early = [
        step for step in answered if all(_at(clocks, h, step) < low - _reach(clocks, h) for h, low in first.items())
    ]
    late = [
        step for step in answered if all(_at(clocks, h, step) > high + _reach(clocks, h) for h, high in last.items())
    ]
    for steps, where, what in ((early, "begins", "before its first line"), (late, "ends", "after its last line")):
        if len(steps) < max(_LEAST, _SHARE * len(seen.requests)):
            continue
        line = save_command(seen)
        tests = {step.test for step in steps}
        yield Gap(
            kind=f"server_log_{where}_within",
            text=f"The server's log {where} within the run: {len(steps)} requests that the tests had answered"
            f" {what} have no line, so who served them cannot be told.",
            fix=line.text,
            where=f"{line.where}, the rotated files too",
            lines=seen.step_lines(steps),
            hurts=seen.hurt(seen.weak, lambda test, tests=tests: test.test in tests),  # type: ignore[misc]
        )


def left_out(seen: Seen) -> Iterator[Gap]:
    """Messages that the journal did not print, and logs too long to be compared whole."""
    facts = [(index, fact) for index, part in enumerate(seen.evidence.parts) for fact in part.facts]
    unprinted = [(index, fact) for index, fact in facts if fact.name == "messages_left_out"]
    if unprinted:
        index, fact = unprinted[0]
        count = sum(_number(each) for _, each in unprinted)
        yield Gap(
            kind="messages_left_out",
            text=f"journalctl left out the text of {count:,} long messages, so what they say cannot be told.",
            fix=JOURNAL_WHOLE.text,
            where=JOURNAL_WHOLE.where,
            lines=(LineRef(index, fact.line),) if fact.line else (),
            hurts=len(seen.loose),
        )
    sifted = sum(left.entries for part in seen.evidence.parts for left in part.left_out)
    if sifted and seen.loose:
        line = save_command(seen)
        yield Gap(
            kind="log_sifted",
            text=f"Of the server's log {sifted:,} lines that name nothing of the tests' were passed over, so what"
            " others changed in between cannot be told.",
            fix=line.text,
            where=line.where,
            hurts=len(seen.loose),
        )


def _number(fact: Fact) -> int:
    return int(fact.value) if fact.value.isdigit() and len(fact.value) < 16 else 1


def _at(clocks: Mapping[str, Clock], host: str, step: PlacedStep) -> int:
    return to_server(clocks[host], step.at_us or 0)


def _reach(clocks: Mapping[str, Clock], host: str) -> int:
    """How far a step must lie outside to be outside for sure."""
    clock = clocks[host]
    return SLACK + max(clock.high_us - clock.offset_us, clock.offset_us - clock.low_us, 0)
