"""What the logs of a run cannot prove: each gap where it holds, and not where it does not."""

from __future__ import annotations

import msgspec

from tests.triage.core.made import (
    TEST,
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
from triage.core.audit.audit import audit
from triage.core.findings import Gap
from triage.core.lineup import line_up
from triage.core.records import (
    SECOND,
    Entry,
    Fact,
    LeftOut,
    Life,
    PartRecords,
    PidTrust,
    Request,
    Step,
)

OTHER = "tests/test_cars.py::test_list"
MISSED = failed("assert 404 == 200")


def gaps(*parts: PartRecords, **more: object) -> dict[str, Gap]:
    return {gap.kind: gap for gap in analyse(run(*parts, **more)).gaps}


def a_test(*, stamp: bool = True) -> tuple[Step, ...]:
    """A car is added and not found."""
    return (
        asked(1 if stamp else None, "POST", "/cars", 201, size=20),
        asked(1.1 if stamp else None, "GET", "/cars/8025b594", 404, size=22),
    )


def a_sibling() -> tuple[Step, ...]:
    return (asked(2, "POST", "/cars", 201, size=20, test=OTHER), asked(2.1, "GET", "/cars", 200, size=2, test=OTHER))


def answers(*pids: int | None) -> list[Entry]:
    first, second, third, fourth = pids
    return [
        served(0.999, first, "POST", "/cars", 201, size=20),
        served(1.099, second, "GET", "/cars/8025b594", 404, size=22),
        served(1.999, third, "POST", "/cars", 201, size=20),
        served(2.099, fourth, "GET", "/cars", 200, size=2),
    ]


def both_tests(*more: object) -> PartRecords:
    return client_part(*a_test(), *a_sibling(), MISSED, passed(OTHER), *more)  # type: ignore[arg-type]


def test_a_good_run_has_no_gap() -> None:
    assert gaps(both_tests(), server_part(*answers(11, 12, 12, 11))) == {}


def test_without_a_servers_log_the_command_that_saves_it_holds_the_runs_own_times() -> None:
    found = gaps(both_tests())
    assert list(found) == ["no_server_log"]
    assert found["no_server_log"].hurts == 1
    assert '--since "2026-11-23 11:59:01 UTC" --until "2026-11-23 12:01:02 UTC"' in found["no_server_log"].fix


def test_a_log_of_another_time_is_told_from_one_of_a_clock_that_is_off() -> None:
    def moved(by: float) -> list[Entry]:
        return [msgspec.structs.replace(entry, stamp=at(by + n)) for n, entry in enumerate(answers(11, 12, 12, 11))]

    strange = [
        msgspec.structs.replace(e, request=Request(method="GET", path="/health", ended=True)) for e in moved(7200)
    ]
    assert list(gaps(both_tests(), server_part(*strange))) == ["server_log_of_another_time"]
    assert "server_log_of_another_time" not in gaps(both_tests(), server_part(*answers(11, 12, 12, 11)))
    assert list(gaps(both_tests(), server_part())) == ["server_log_of_another_time"]


def test_a_log_without_any_of_the_tests_paths_is_another_services() -> None:
    entries = [served(1 + n / 10, 11, "GET", "/health") for n in range(4)]
    assert list(gaps(both_tests(), server_part(*entries))) == ["server_log_of_another_service"]


def test_a_log_that_begins_within_the_run_is_named_with_the_requests_before_it() -> None:
    early = [asked(-60 + n, "GET", f"/early/{n}", 200, size=n) for n in range(6)]
    later = [asked(3 + n, "GET", f"/late/{n}", 200, size=n) for n in range(6)]
    lines = [served(3.001 + n, 11, "GET", f"/late/{n}", 200, size=n) for n in range(6)]
    found = gaps(client_part(*early, *later, MISSED), server_part(*lines))
    assert found["server_log_begins_within"].text.startswith("The server's log begins within the run: 6 requests")
    unanswered = [msgspec.structs.replace(each, request=Request(method="GET", path="/early")) for each in early]
    assert "server_log_begins_within" not in gaps(client_part(*unanswered, *later, MISSED), server_part(*lines))


def test_access_lines_without_a_pid_hurt_the_tests_that_they_served() -> None:
    found = gaps(both_tests(), server_part(*answers(None, None, None, None)))
    assert found["no_pid"].hurts == 1
    assert found["no_pid"].lines[0].part == 1
    assert "no_pid" not in gaps(
        client_part(*a_test(), passed(TEST)), server_part(*answers(None, None, None, None)), server_workers=1
    )


def test_application_lines_without_a_pid_are_told_from_access_lines() -> None:
    lines = [
        wrote(0.999, None, "POST /cars -> 201", request=Request(method="POST", path="/cars", status=201)),
        wrote(1.099, None, "GET /cars/8025b594", request=Request(method="GET", path="/cars/8025b594", status=404)),
    ]
    found = gaps(both_tests(), server_part(*lines))
    assert "%(process)d" in found["no_pid_in_app_lines"].fix
    assert "no_pid" not in found


def test_a_pid_that_is_the_parents_is_named_as_such() -> None:
    boots = [life(-2, 10, Life.BOOT, pid, f"Booting worker with pid: {pid}") for pid in (11, 12)]
    found = gaps(both_tests(), server_part(*boots, *answers(10, 10, 10, 10)))
    assert "systemd 244" in found["parent_pid"].text
    assert "pid=%(p)s" in found["parent_pid"].fix


def test_a_proxy_that_alone_tells_of_requests_hides_who_answered() -> None:
    lines = [
        msgspec.structs.replace(entry, unit="nginx", pid=None, pid_trust=PidTrust.UNKNOWN)
        for entry in answers(None, None, None, None)
    ]
    found = gaps(both_tests(), server_part(*lines))
    assert "$upstream_addr" in found["proxy_hides_process"].fix


def test_logs_of_two_hosts_without_a_name_are_told_from_one() -> None:
    one = [msgspec.structs.replace(entry, host="") for entry in answers(11, 12, 12, 11)[:2]]
    two = [msgspec.structs.replace(entry, host="") for entry in answers(11, 12, 12, 11)[2:]]
    assert "no_host_names" in gaps(both_tests(), server_part(*one), server_part(*two, name="second.txt"))
    assert "no_host_names" not in gaps(both_tests(), server_part(*one, *two))


def test_a_server_that_is_pid_1_of_a_nameless_container() -> None:
    nameless = [msgspec.structs.replace(entry, host="") for entry in answers(1, 1, 1, 1)]
    assert "--prefix" in gaps(both_tests(), server_part(*nameless))["containers_share_pid"].fix
    assert "containers_share_pid" not in gaps(both_tests(), server_part(*answers(1, 1, 1, 1)))


def test_requests_on_one_connection_prove_nothing_of_the_other_workers() -> None:
    def ported(*ports: str) -> PartRecords:
        lines = zip(answers(11, 11, 12, 12), ports, strict=True)
        return server_part(*(msgspec.structs.replace(e, keys=(("client_port", port),)) for e, port in lines))

    found = gaps(both_tests(), ported("5001", "5001", "5002", "5002"))
    assert "2 of 2 tests" in found["kept_alive"].text
    assert "kept_alive" not in gaps(both_tests(), ported("5001", "5002", "5003", "5004"))


def test_urllib3_says_when_a_connection_is_kept_where_no_port_is_logged() -> None:
    opened = [said(when - 0.001, "Starting new HTTP connection (1): h", test=t) for when, t in ((1, TEST), (2, OTHER))]
    again = [
        said(when - 0.001, "Starting new HTTP connection (1): h", test=t) for when, t in ((1.1, TEST), (2.1, OTHER))
    ]
    server = server_part(*answers(11, 11, 12, 12))
    first, second = a_test(), a_sibling()
    kept = client_part(opened[0], *first, opened[1], *second, MISSED, passed(OTHER))
    fresh = client_part(
        opened[0], first[0], again[0], first[1], opened[1], second[0], again[1], second[1], MISSED, passed(OTHER)
    )
    assert "kept_alive" in gaps(kept, server)
    assert "kept_alive" not in gaps(fresh, server)


def test_requests_that_only_the_application_tells_of_are_a_gap_where_one_is_missed() -> None:
    lines = [wrote(0.999, 11, "POST /cars -> 201", request=Request(method="POST", path="/cars", status=201))]
    assert "no_access_log" in gaps(both_tests(), server_part(*lines))
    assert "no_access_log" not in gaps(both_tests(), server_part(*answers(11, 12, 12, 11)))


def test_a_log_of_the_tests_that_names_no_request() -> None:
    words = [said(1, "added a car"), said(2, "looked it up")]
    found = gaps(client_part(*words, MISSED), server_part(*answers(11, 12, 12, 11)))
    assert "--report-log=report.jsonl" in found["no_test_requests"].fix
    assert found["no_test_requests"].hurts == 1


def test_passing_tests_that_left_nothing_cannot_acquit() -> None:
    server = server_part(*answers(11, 12, 12, 11)[:2])
    assert "only_failures_logged" in gaps(client_part(*a_test(), MISSED, passed(OTHER)), server)
    assert "only_failures_logged" not in gaps(both_tests(), server_part(*answers(11, 12, 12, 11)))


def test_a_failing_test_without_a_line_beside_others_that_have_some() -> None:
    silent = failed("assert 1 == 2", test="tests/test_cars.py::test_silent")
    found = gaps(both_tests(silent), server_part(*answers(11, 12, 12, 11)))
    assert found["silent_failures"].hurts == 1
    assert "silent_failures" not in gaps(both_tests(), server_part(*answers(11, 12, 12, 11)))


def crowded(*, server_tick: int, test_tick: int) -> dict[str, Gap]:
    """Two processes answer the same request in one second, and only fractions would tell whose is whose.

    The gaps as they are for a test whose verdict is open, however the evidence is weighed.
    """
    write = asked(1.45, "POST", "/cars", 201, stamp=at(1.45, tick=test_tick))
    read = asked(1.5, "GET", "/cars", 200, stamp=at(1.5, tick=test_tick))
    lines = [served(1.449, 11, "POST", "/cars", 201, stamp=at(1.449, tick=server_tick))]
    lines += [
        served(1.0 + n / 10, 11 + n % 2, "GET", "/cars", stamp=at(1.0 + n / 10, tick=server_tick)) for n in range(10)
    ]
    scene = line_up(run(client_part(write, read, failed("assert 3 == 4")), server_part(*lines)))
    return {gap.kind: gap for gap in audit(scene, ())}


def test_whole_seconds_are_a_gap_where_finer_ones_would_decide() -> None:
    coarse = {"coarse_server_stamps", "coarse_test_stamps"}
    assert coarse <= crowded(server_tick=SECOND, test_tick=SECOND).keys()
    assert not coarse & crowded(server_tick=1000, test_tick=1000).keys()
    surely = [msgspec.structs.replace(e, stamp=at(n + 1, tick=SECOND)) for n, e in enumerate(answers(11, 12, 12, 11))]
    assert "coarse_server_stamps" not in gaps(both_tests(), server_part(*surely))


def test_a_request_id_is_asked_for_only_where_the_lines_do_not_tell_surely() -> None:
    found = crowded(server_tick=SECOND, test_tick=SECOND)
    assert "X-Request-ID" in found["no_request_id"].fix
    assert "no_request_id" not in gaps(both_tests(), server_part(*answers(11, 12, 12, 11)))


def test_messages_that_journalctl_left_out_are_counted() -> None:
    left = Fact(name="messages_left_out", value="3")
    found = gaps(both_tests(), server_part(left, *answers(11, 12, 12, 11)))
    assert "--all" in found["messages_left_out"].fix
    assert "3 long messages" in found["messages_left_out"].text


def test_a_sifted_log_is_a_gap_only_for_a_test_that_is_not_surely_tied() -> None:
    whole = server_part(*answers(11, 12, 12, 11))
    sifted = msgspec.structs.replace(whole, left_out=(LeftOut(line=1, entries=9000, requests=0),))
    assert "log_sifted" not in gaps(both_tests(), sifted)
    loose = client_part(*a_test(), asked(1.2, "GET", "/nowhere", 200), failed("assert 3 == 4"))
    assert "9,000 lines" in gaps(loose, sifted)["log_sifted"].text


def test_the_most_harmful_gap_comes_first() -> None:
    silent = failed("assert 1 == 2", test="tests/test_cars.py::test_silent")
    left = Fact(name="messages_left_out", value="3")
    hurts = [
        gap.hurts for gap in analyse(run(both_tests(silent), server_part(left, *answers(None, None, None, None)))).gaps
    ]
    assert hurts == sorted(hurts, reverse=True)
    assert len(hurts) > 1


def test_no_evidence_at_all_has_no_gap() -> None:
    assert gaps() == {}
    assert gaps(server_part(*answers(11, 12, 12, 11))) == {}


def open_gaps(*parts: PartRecords) -> dict[str, Gap]:
    """The gaps as they are for failing tests whose verdicts are open."""
    return {gap.kind: gap for gap in audit(line_up(run(*parts)), ())}


def test_a_zone_that_no_log_names_is_asked_for_where_nothing_else_tells_the_clocks() -> None:
    def health(*, zoned: bool) -> PartRecords:
        names = [f"/x{n}" for n in range(4)]
        return server_part(*(served(n, 11, "GET", name, stamp=at(n, zoned=zoned)) for n, name in enumerate(names)))

    words = client_part(said(1, "hello"), failed("assert 3 == 4"))
    assert open_gaps(words, health(zoned=False))["zone_not_told"].fix.startswith('"server_timezone"')
    assert "zone_not_told" not in open_gaps(words, health(zoned=True))
    assert "clock_undecided" in open_gaps(words, health(zoned=True))


def test_lines_without_a_time_are_a_gap_on_either_side() -> None:
    untimed = [asked(None, "GET", "/cars", 200) for _ in range(2)]
    lines = [served(1 + n / 10, 11 + n % 2, "GET", "/cars") for n in range(6)]
    found = open_gaps(client_part(*untimed, failed("assert 3 == 4")), server_part(*lines))
    assert "log_date_format" in found["no_test_times"].fix
    bare = [msgspec.structs.replace(entry, stamp=None) for entry in lines]
    assert "no_server_times" in open_gaps(client_part(*untimed, failed("assert 3 == 4")), server_part(*bare))


def test_a_log_that_ends_within_the_run_is_named_with_the_requests_after_it() -> None:
    early = [asked(n, "GET", f"/early/{n}", 200, size=n) for n in range(6)]
    later = [asked(60 + n, "GET", f"/late/{n}", 200, size=n) for n in range(6)]
    lines = [served(0.001 + n, 11, "GET", f"/early/{n}", 200, size=n) for n in range(6)]
    assert "server_log_ends_within" in gaps(client_part(*early, *later, MISSED), server_part(*lines))
