"""Which request each step was, told by all steps together: order, strangers in between, lines that are missing."""

from __future__ import annotations

import msgspec
import pytest

from tests.triage.core.made import asked, at, client_part, failed, passed, run, said, served, server_part, wrote
from triage.core.analyse import analyse
from triage.core.assemble import assemble
from triage.core.crowd import ANY, FLATTEST, SILENT, STEEPEST, crowd, strangers_between
from triage.core.events import client_events
from triage.core.findings import Lineup, PlacedStep
from triage.core.records import SECOND
from triage.core.telling import tie_lines

OTHER = "tests/test_cars.py::test_other"


def lineup(*parts: object) -> Lineup:
    return analyse(run(*parts)).lineup  # type: ignore[arg-type]


def pid_of(found: Lineup, step: PlacedStep) -> int | None:
    return found.processes[found.served[step.matches[0].served].process].pid if step.matches else None


def test_requests_that_look_alike_are_told_apart_by_their_order_within_one_second() -> None:
    second = at(5, tick=SECOND)
    pids = [11, 12, 12, 13, 11, 13]
    found = lineup(
        client_part(*(asked(5, "POST", "/codes", size=14, stamp=second) for _ in pids), failed()),
        server_part(*(served(5 + n / 10, pid, "POST", "/codes", size=14) for n, pid in enumerate(pids))),
    )
    assert [pid_of(found, step) for step in found.steps] == pids
    assert min(step.matches[0].confidence for step in found.steps) > 0.9


def test_one_request_more_on_the_server_leaves_the_order_open() -> None:
    """Somebody else asked as well, and neither side says when."""
    second = at(5, tick=SECOND)
    found = lineup(
        client_part(*(asked(5, "GET", "/cars", stamp=second) for _ in range(2)), failed()),
        server_part(*(served(5, pid, "GET", "/cars", stamp=second) for pid in (11, 12, 13))),
    )
    assert all(step.matches[0].confidence < 0.9 for step in found.steps)


def test_the_nearer_of_two_equal_requests_is_likelier_and_never_sure() -> None:
    """Since the step before, somebody else's request was answered too, and nothing but time tells the two apart."""
    times = [5.0 + n for n in range(24)]
    own = [served(second - 0.002, 11, "GET", "/cars") for second in times]
    strangers = [served(second - 0.6, 12, "GET", "/cars") for second in times[12::6]]
    tests = client_part(*(asked(second, "GET", "/cars") for second in times), failed())
    found = lineup(tests, server_part(*own, *strangers))
    assert {pid_of(found, step) for step in found.steps} == {11}
    assert max(step.matches[0].confidence for step in found.steps[10:15]) < 0.9
    assert found.steps[15].matches[0].confidence > 0.9


def test_words_written_at_once_with_an_answer_speak_of_that_request() -> None:
    """Nothing but time says so: no test begins or ends with its own words."""
    steps = []
    for n in range(3):
        word = msgspec.structs.replace(said(None, f"car {n} is in"), stamp=at(n + 0.001), phase="call")
        steps += [asked(n, "POST", "/cars", 201), word, asked(n + 0.5, "GET", "/health")]
    assert tie_lines(client_events(assemble(run(client_part(*steps, failed()))))) == {1: 0, 4: 3, 7: 6}


def test_a_step_that_left_no_line_keeps_the_place_of_those_around_it() -> None:
    """The second request of each test is never logged; the third still comes right behind the first."""
    steps, entries, pids = [], [], []
    for n in range(6):
        pids.append(11 + n % 3)
        steps += [asked(None, "PUT", f"/w/{n}a3f9c1"), asked(None, "GET", "/quiet"), asked(None, "POST", "/pay")]
        entries += [
            served(n, pids[-1], "PUT", f"/w/{n}a3f9c1"),
            served(n + 0.3, pids[-1], "POST", "/pay"),
        ]
    found = lineup(client_part(*steps, failed()), server_part(*entries))
    paid = [step for step in found.steps if step.request is not None and step.request.path == "/pay"]
    assert [pid_of(found, step) for step in paid] == pids
    assert min(step.matches[0].confidence for step in paid) > 0.9


def test_the_request_right_before_is_likelier_than_one_further_away() -> None:
    """Only the failing test logs; the requests of the others look the same."""
    paths = [("POST", "/p", 11), ("GET", "/p/1", 12), ("POST", "/p", 12), ("GET", "/p/2", 11)]
    paths += [("POST", "/p", 13), ("DELETE", "/p/6", 11), ("POST", "/p", 12)]
    found = lineup(
        client_part(asked(None, "POST", "/p"), asked(None, "DELETE", "/p/6", 403), failed()),
        server_part(
            *(served(n / 9, pid, m, path, 403 if m == "DELETE" else 200) for n, (m, path, pid) in enumerate(paths))
        ),
    )
    assert pid_of(found, found.steps[0]) == 13
    assert found.steps[0].matches[0].confidence > 0.6


def test_strangers_are_counted_between_neighbours_of_one_test_only() -> None:
    assert strangers_between([(1, "a", 0.9), (3, "a", 0.9), (9, "b", 0.9), (10, "b", 0.2)]) == [1.0]


@pytest.mark.parametrize("count", [0, 1, 50, 5_000])
def test_more_strangers_cost_less_each_and_never_earn(count: int) -> None:
    quiet, busy = crowd([0.0] * count, ()), crowd([40.0] * count, ())
    assert STEEPEST <= quiet.fade <= busy.fade <= FLATTEST


def test_a_log_that_kept_every_request_is_believed_to_keep_the_next() -> None:
    assert SILENT <= crowd((), [0.0] * 100).silence < ANY.silence <= crowd((), [1.0] * 100).silence <= 0


def test_an_answer_that_names_its_process_decides_between_equals() -> None:
    second = at(1, tick=SECOND)
    step = asked(1, "GET", "/cars", stamp=second)
    named = msgspec.structs.replace(step, keys=(("server_pid", "12"),))
    found = lineup(
        client_part(named, failed()),
        server_part(served(1, 11, "GET", "/cars", stamp=second), served(1, 12, "GET", "/cars", stamp=second)),
    )
    assert pid_of(found, found.steps[0]) == 12
    assert found.steps[0].matches[0].confidence > 0.95
    assert "process" in found.steps[0].matches[0].basis


def test_a_pid_that_no_line_of_the_server_knows_decides_nothing() -> None:
    """Inside a container the process has another number."""
    step = asked(1, "GET", "/cars")
    named = msgspec.structs.replace(step, keys=(("server_pid", "7"),))
    found = lineup(client_part(named, failed()), server_part(served(1, 11, "GET", "/cars")))
    assert pid_of(found, found.steps[0]) == 11


def test_lines_that_name_no_test_come_home_to_the_test_that_their_requests_are_of() -> None:
    log = client_part(
        *(asked(10 * n + 1, m, f"/cars/{n}e4f1a", test=None) for n in range(3) for m in ("PUT", "GET")),
        name="pytest.log",
    )
    report = client_part(
        passed(TEST_A, started=at(0), stopped=at(5)),
        passed(OTHER, started=at(10), stopped=at(15)),
        failed(test=TEST_C, started=at(20), stopped=at(25)),
    )
    entries = [served(10 * n + 1, 11 + n, m, f"/cars/{n}e4f1a") for n in range(3) for m in ("PUT", "GET")]
    found = lineup(log, report, server_part(*entries))
    assert [step.test for step in found.steps] == [TEST_A, TEST_A, OTHER, OTHER, TEST_C, TEST_C]
    assert [step.ref.part for step in found.steps] == [0] * 6, "they are the log's own lines"
    assert [len(test.steps) for test in found.tests] == [2, 2, 2]


TEST_A, TEST_C = "tests/test_cars.py::test_a", "tests/test_cars.py::test_c"


def test_a_proxys_line_on_a_request_is_not_another_request() -> None:
    calls = [(n, 11 + n % 2, "POST" if n % 3 else "GET") for n in range(6)]
    app = server_part(*(served(n, pid, m, "/cars") for n, pid, m in calls))
    proxy = server_part(
        *(served(n + 0.01, None, m, "/cars") for n, _, m in calls),
        served(20, None, "GET", "/logo.png"),
        name="access.log",
    )
    front = [msgspec.structs.replace(e, unit="nginx") for e in proxy.entries]
    proxy = msgspec.structs.replace(proxy, entries=tuple(front))
    found = lineup(client_part(*(asked(n + 0.02, m, "/cars") for n, _, m in calls), failed()), app, proxy)
    assert len(found.served) == len(calls) + 1, "the picture that only the proxy served is its own"
    assert [pid_of(found, step) for step in found.steps] == [pid for _, pid, _ in calls]
    assert all(len(one.entries) == 2 for one in found.served[:6])


def test_words_alone_do_not_make_a_proxy() -> None:
    app = server_part(wrote(1, 11, "car added"), wrote(1.01, None, "car added"))
    found = lineup(client_part(said(1, "car added"), failed()), app)
    assert found.served
