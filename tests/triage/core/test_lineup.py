"""Who served which step: exact keys, time, order, words, background traffic, clocks and zones."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.triage.core.made import (
    NOON,
    asked,
    at,
    client_part,
    failed,
    life,
    passed,
    run,
    said,
    served,
    server_part,
    wrote,
)
from triage.core.analyse import analyse
from triage.core.findings import Lineup, PlacedStep
from triage.core.records import (
    SECOND,
    Entry,
    Life,
    LifeEvent,
    Outcome,
    PartRecords,
    PidTrust,
    Request,
    RunEvidence,
    Side,
    Stamp,
    Step,
    TestResult,
)


def lineup(evidence: RunEvidence) -> Lineup:
    return analyse(evidence).lineup


def pid_of(found: Lineup, step: PlacedStep) -> int | None:
    return found.processes[found.served[step.matches[0].served].process].pid if step.matches else None


def traffic(
    n: int, shift: float, *, tick: int = 1000, background: int = 0, seed: int = 7
) -> tuple[RunEvidence, list[int]]:
    """n requests of a test, the server's clock `shift` seconds ahead, others using the same endpoints in between."""
    dice = random.Random(seed)
    steps, entries, pids = [], [], []
    seconds = 0.0
    for k in range(n):
        seconds += dice.uniform(0.05, 1.5)
        method, path = dice.choice(
            [("GET", "/cars"), ("POST", "/cars"), ("GET", "/health"), ("PUT", f"/cars/{k}f3c1a")]
        )
        pid = dice.choice([11, 12, 13])
        pids.append(pid)
        steps.append(asked(seconds, method, path, size=100 + k % 7, stamp=at(seconds, tick=tick)))
        entries.append((seconds - 0.003, served(0, pid, method, path, size=100 + k % 7)))
    for _ in range(background):
        entries.append(
            (
                dice.uniform(0, seconds),
                served(0, dice.choice([11, 12, 13]), "GET", "/cars", size=dice.choice([90, 101, 103])),
            )
        )
    entries.sort(key=lambda pair: pair[0])
    stamped = [msgspec.structs.replace(entry, stamp=at(when, tick=tick, shift=shift)) for when, entry in entries]
    return run(client_part(*steps, failed()), server_part(*stamped)), pids


@pytest.mark.parametrize("shift", [0.0, 0.4, -1378.7, 5.5 * 3600 + 3.4, -12 * 3600.0, 13.75 * 3600])
@pytest.mark.parametrize("tick", [1000, SECOND])
def test_the_clock_is_found_however_wrong_it_is(shift: float, tick: int) -> None:
    evidence, pids = traffic(60, shift, tick=tick)
    evidence = unzoned(evidence)
    found = lineup(evidence)
    (clock,) = found.clocks
    assert clock.decided
    assert clock.low_us <= shift * SECOND <= clock.high_us
    assert abs(clock.offset_us - shift * SECOND) < (50_000 if tick == 1000 else 600_000)
    right = sum(pid_of(found, step) == pid for step, pid in zip(found.steps, pids, strict=True))
    assert right >= (60 if tick == 1000 else 56)


def unzoned(evidence: RunEvidence) -> RunEvidence:
    def plain(stamp: Stamp | None) -> Stamp | None:
        return Stamp(stamp.us, False, stamp.tick_us, stamp.dated) if stamp is not None else None

    parts = []
    for part in evidence.parts:
        entries = tuple(msgspec.structs.replace(entry, stamp=plain(entry.stamp)) for entry in part.entries)
        parts.append(msgspec.structs.replace(part, entries=entries))
    return msgspec.structs.replace(evidence, parts=tuple(parts))


def test_background_traffic_five_times_the_tests_own_does_not_mislead() -> None:
    evidence, pids = traffic(60, 0.2, background=300)
    found = lineup(evidence)
    sure = [
        (step, pid)
        for step, pid in zip(found.steps, pids, strict=True)
        if step.matches and step.matches[0].confidence > 0.9
    ]
    assert len(sure) > 50
    assert all(pid_of(found, step) == pid for step, pid in sure)


def test_a_coin_flip_between_two_processes_reads_as_one() -> None:
    second = at(1, tick=SECOND)
    found = lineup(
        run(
            client_part(asked(1, "GET", "/cars", stamp=second), failed()),
            server_part(served(1, 11, "GET", "/cars", stamp=second), served(1, 12, "GET", "/cars", stamp=second)),
        )
    )
    assert [round(match.confidence, 1) for match in found.steps[0].matches] == [0.5, 0.5]


def test_two_requests_of_the_same_process_do_not_make_it_less_sure() -> None:
    second = at(1, tick=SECOND)
    found = lineup(
        run(
            client_part(asked(1, "GET", "/cars", stamp=second), failed()),
            server_part(served(1, 11, "GET", "/cars", stamp=second), served(1, 11, "GET", "/cars", stamp=second)),
        )
    )
    (match,) = found.steps[0].matches
    assert match.confidence > 0.9


def test_an_exact_key_beats_everything() -> None:
    key = (("request_id", "7f3c1a"),)
    step = msgspec.structs.replace(asked(1, "GET", "/cars"), keys=key)
    found = lineup(
        run(
            client_part(step, failed()),
            server_part(served(0.999, 11, "GET", "/cars"), served(1.6, 12, "GET", "/cars", keys=key)),
        )
    )
    assert pid_of(found, found.steps[0]) == 12


def test_steps_without_stamps_are_tied_by_their_order() -> None:
    order = [("POST", "/a"), ("GET", "/b"), ("GET", "/c"), ("DELETE", "/a"), ("GET", "/b")]
    steps = [asked(None, method, path) for method, path in order]
    entries = [served(n, 11 + n % 3, method, path) for n, (method, path) in enumerate(order)]
    found = lineup(run(client_part(*steps, failed()), server_part(*entries)))
    assert [pid_of(found, step) for step in found.steps] == [11, 12, 13, 11, 12]


def test_a_step_in_prose_is_tied_by_its_rare_words_and_an_assertion_to_nothing() -> None:
    found = lineup(
        run(
            client_part(
                said(1, "Successfully added new car figo"),
                said(1, "FAIL: car count doesnt match expected", mark="fail"),
                failed(),
            ),
            server_part(
                wrote(0.5, 11, "successfully added {'name': 'figo'}"), wrote(1.5, 12, "something else entirely")
            ),
        )
    )
    assert pid_of(found, found.steps[0]) == 11
    assert not found.steps[1].matches


def test_the_lines_of_one_request_are_one_request() -> None:
    found = lineup(
        run(
            server_part(
                wrote(1, 11, "item 8025 created: fork"),
                wrote(1, 12, "listing"),
                served(1.001, 11, "POST", "/items", 201),
            )
        )
    )
    assert sorted(len(each.entries) for each in found.served) == [1, 2]


def test_an_open_websocket_keeps_its_own_lines_and_leaves_a_request_its_own() -> None:
    upgrade = Request(method="GET", path="/ws/rooms/tea", status=101)
    entries = [
        wrote(1.0, 11, '"- /ws/rooms/tea HTTP/1.1" 101', request=upgrade),
        wrote(1.1, 11, "somebody joined room tea"),
        wrote(2.0, 11, "message in room tea sent to 1 listeners"),
        served(2.001, 11, "POST", "/rooms/tea/messages", 201),
        wrote(3.0, 11, "somebody left room tea"),
        wrote(3.5, 11, "message in room attic sent to 0 listeners"),
        served(3.501, 11, "POST", "/rooms/attic/messages", 201),
    ]
    tests = client_part(asked(2.0, "POST", "/rooms/tea/messages", 201), failed())
    found = lineup(run(tests, server_part(*entries)))
    lines = {each.request.path: len(each.entries) for each in found.served if each.request is not None}
    assert lines == {"/ws/rooms/tea": 3, "/rooms/tea/messages": 2, "/rooms/attic/messages": 2}


def test_a_pid_that_is_used_again_is_another_process() -> None:
    found = lineup(
        run(
            server_part(
                life(0, 10, Life.BOOT, 11),
                served(1, 11, "GET", "/cars"),
                life(2, 10, Life.KILL, 11, reason="SIGKILL"),
                life(300, 10, Life.BOOT, 11),
                served(301, 11, "GET", "/cars"),
            )
        )
    )
    workers = [process for process in found.processes if process.pid == 11]
    assert [(each.ended_by, each.requests) for each in workers] == [(Life.KILL, 1), (None, 1)]


def test_the_same_test_of_several_reports_is_one_test_with_its_steps_once() -> None:
    terminal = client_part(
        asked(None, "POST", "/cars", 201, test="TestCars.test_add"),
        asked(None, "GET", "/cars", test="TestCars.test_add"),
        TestResult(test="TestCars.test_add", outcome=Outcome.FAILED, message="assert 1 ==...", lossy=True),
        passed("tests/test_cars.py::TestCars::test_list"),
        failed("assert 1 == 2", test="tests/test_cars.py::TestCars::test_add"),
    )
    junit = client_part(
        asked(None, "POST", "/cars", 201, test="tests.test_cars.TestCars::test_add"),
        asked(None, "GET", "/cars", test="tests.test_cars.TestCars::test_add"),
        TestResult(
            test="tests.test_cars.TestCars::test_add", outcome=Outcome.FAILED, detail="E   assert 1 == 2", lossy=True
        ),
        name="junit.xml",
    )
    log = client_part(asked(1, "POST", "/cars", 201, test=None), asked(2, "GET", "/cars", test=None), name="pytest.log")
    found = lineup(run(terminal, junit, log))
    assert [test.test for test in found.tests] == [
        f"tests/test_cars.py::TestCars::test_{name}" for name in ("add", "list")
    ]
    assert [(step.n, step.at_us) for step in found.steps] == [(1, NOON + SECOND), (2, NOON + 2 * SECOND)]
    assert (found.tests[0].message, found.tests[0].detail) == ("assert 1 == 2", "E   assert 1 == 2")


def test_the_last_attempt_decides() -> None:
    test = "tests/test_a.py::test_flaky"
    part = client_part(
        TestResult(test=test, outcome=Outcome.RERUN, attempt=1),
        TestResult(test=test, outcome=Outcome.PASSED, attempt=2),
    )
    (found,) = lineup(run(part)).tests
    assert (found.outcome, found.attempts) == (Outcome.PASSED, 2)


def test_a_time_of_day_finds_its_day_and_its_declared_zone() -> None:
    """01:30 in Kolkata is 20:00 of the day before in UTC; in the hour that New York repeats nothing breaks."""
    bare = Stamp((1 * 3600 + 1800) * SECOND, zoned=False, tick_us=SECOND, dated=False)
    start = NOON + 8 * 3600 * SECOND
    part = client_part(asked(0, "GET", "/cars", stamp=bare), failed())
    found = lineup(run(part, client_timezone="Asia/Kolkata", started_us=start))
    assert found.steps[0].at_us == start
    for zone in ("America/New_York", "Europe/Berlin"):
        assert lineup(run(part, client_timezone=zone, started_us=1_793_512_200 * SECOND)).steps[0].at_us is not None


def test_a_zone_that_nobody_knows_is_ignored_with_a_remark() -> None:
    part = client_part(asked(0, "GET", "/cars"), failed())
    found = lineup(
        run(part, server_part(served(0, 11, "GET", "/cars")), client_timezone="Mars/Olympus", server_timezone="../etc")
    )
    assert sum("IANA" in remark for remark in found.remarks) == 2
    assert found.steps[0].at_us == NOON


hostile = st.text(st.characters(codec="utf-8"), max_size=40)
numbers = st.integers(-(2**50), 2**51)
pids = st.none() | st.integers(1, 4)
workers = st.sampled_from(["", "gw0", "gw1"])
stamps = st.none() | st.builds(
    Stamp, us=numbers, zoned=st.booleans(), tick_us=st.sampled_from([0, 1, 1000, SECOND]), dated=st.booleans()
)
requests = st.none() | st.builds(
    Request,
    method=st.none() | st.sampled_from(["GET", "POST", "DELETE", "", "x"]),
    path=st.none() | st.sampled_from(["/", "", "/cars", "/cars/17", "/login", "//%2f/é"]),
    status=st.none() | st.integers(0, 999),
    size=st.none() | st.integers(0, 10**12),
    ended=st.booleans(),
)
steps = st.builds(
    Step,
    line=st.integers(1, 99),
    raw=hostile,
    text=hostile,
    stamp=stamps,
    test=st.none() | st.sampled_from(["t::a", "a", ""]),
    phase=st.sampled_from(["", "setup", "call", "teardown", "?"]),
    worker=workers,
    request=requests,
    mark=st.sampled_from(["", "pass", "fail"]),
    after=stamps,
)
results = st.builds(
    TestResult,
    test=st.sampled_from(["t::a", "t::b", "a", ""]),
    outcome=st.sampled_from(list(Outcome)),
    message=hostile,
    detail=hostile,
    started=stamps,
    stopped=stamps,
    worker=workers,
    lossy=st.booleans(),
)
entries = st.builds(
    Entry,
    line=st.integers(1, 99),
    raw=hostile,
    stamp=stamps,
    inner=stamps,
    host=st.sampled_from(["", "a", "b"]),
    pid=pids,
    pid_trust=st.sampled_from(list(PidTrust)),
    message=hostile,
    request=requests,
    life=st.none() | st.builds(LifeEvent, what=st.sampled_from(list(Life)), subject=pids),
    keys=st.sampled_from([(), (("client_port", "1"),), (("request_id", "x"),)]),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(steps, max_size=12),
    st.lists(results, max_size=6),
    st.lists(entries, max_size=15),
    st.sampled_from([None, "Asia/Kolkata"]),
)
def test_whatever_the_logs_say_there_is_a_report(steps: list, results: list, entries: list, zone: str | None) -> None:
    tests = PartRecords(name="t", side=Side.TESTS, steps=tuple(steps), results=tuple(results))
    server = PartRecords(name="s", side=Side.SERVER, entries=tuple(entries))
    report = analyse(RunEvidence(parts=(tests, server), client_timezone=zone, server_timezone=zone))
    failing = [test for test in report.lineup.tests if test.outcome in (Outcome.FAILED, Outcome.ERROR)]
    assert [found.test for found in report.verdicts] == [test.test for test in failing]
    assert all(0 <= found.confidence <= 1 and found.summary for found in report.verdicts)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(report), type=type(report)) == report
