"""Detectors of single causes: each fires on one made run, and stays quiet on one that looks the same."""

from __future__ import annotations

import pytest

from tests.triage.core.made import TEST, asked, client_part, failed, passed, run, said, served, server_part, wrote
from triage.core.analyse import analyse
from triage.core.findings import Mechanism, Verdict, VerdictKind
from triage.core.records import Entry, Life, LifeEvent, RunEvidence


def verdict(evidence: RunEvidence) -> Verdict:
    return next(each for each in analyse(evidence).verdicts if each.test == TEST)


def kinds(found: Verdict) -> set[str]:
    return {evidence.kind for evidence in found.evidence}


def room(sender: int, said: str = "message in room kitchen sent to 0 listeners") -> RunEvidence:
    """A WebSocket on process 11, which no step tells of, and a message posted to `sender`."""
    return run(
        client_part(
            asked(1, "POST", "/rooms/kitchen/messages", 201),
            failed("assert None == 'tea is ready'"),
        ),
        server_part(
            served(0.9, 11, "GET", "/ws/rooms/kitchen", 101),
            wrote(0.997, sender, said),
            served(0.998, sender, "POST", "/rooms/kitchen/messages", 201),
            served(1.2, 12, "GET", "/health"),
        ),
    )


def test_a_message_sent_where_nobody_listens_is_a_split() -> None:
    found = verdict(room(12))
    assert found.kind is VerdictKind.SPLIT_STATE
    assert found.mechanism is Mechanism.BROADCAST
    assert "nobody_listening_there" in kinds(found)


def test_a_message_that_is_lost_on_the_listeners_own_process_is_not() -> None:
    found = verdict(room(11))
    assert found.kind is not VerdictKind.SPLIT_STATE
    assert "nobody_listening_there" not in kinds(found)


def test_ten_listeners_are_not_none() -> None:
    assert "nobody_listening_there" not in kinds(verdict(room(12, "message in room kitchen sent to 10 listeners")))


def booted(seconds: float, pid: int, release: str) -> list[Entry]:
    return [
        wrote(seconds, 1, f"Booting worker with pid: {pid}", life=LifeEvent(what=Life.BOOT, subject=pid)),
        wrote(seconds + 0.01, pid, f"shop release {release} starts"),
    ]


def page(releases: dict[int, str], *, at_once: bool = True) -> RunEvidence:
    """A page from process 11 names a script that process 12 does not have."""
    later = () if at_once else (served(0.5, 11, "GET", "/about", 200),)
    others = (served(3, 11, "GET", "/about"),) if at_once else ()
    return run(
        client_part(
            asked(1, "GET", "/", 200, size=80),
            asked(2, "GET", "/static/app.6b86b273.js", 404, size=20),
            failed("assert 404 == 200"),
        ),
        server_part(
            *booted(0.1, 11, releases[11]),
            *(booted(0.2, 12, releases[12]) if at_once else ()),
            *later,
            served(0.998, 11, "GET", "/", 200, size=80),
            *(() if at_once else booted(1.5, 12, releases[12])),
            served(1.998, 12, "GET", "/static/app.6b86b273.js", 404, size=20),
            *others,
        ),
    )


def test_two_releases_that_answer_by_turns_are_a_split() -> None:
    found = verdict(page({11: "1", 12: "2"}))
    assert found.kind is VerdictKind.SPLIT_STATE
    assert found.mechanism is Mechanism.REPLICA
    assert "release 1" in found.summary and "release 2" in found.summary


@pytest.mark.parametrize(
    "evidence",
    [page({11: "2", 12: "2"}), page({11: "1", 12: "2"}, at_once=False)],
    ids=["one release", "one after the other"],
)
def test_one_release_or_one_after_the_other_is_not(evidence: RunEvidence) -> None:
    assert "two_releases_answered" not in kinds(verdict(evidence))


def mails(senders: tuple[int, ...], message: str = "assert 2 == 1") -> RunEvidence:
    return run(
        client_part(
            asked(1, "POST", "/reminders", 201, size=80),
            asked(3, "GET", "/outbox", 200, size=116),
            failed(f"AssertionError: sent more than once\n{message}"),
        ),
        server_part(
            served(0.5, 12, "GET", "/health"),
            wrote(0.997, 11, "reminder 9fd07d94 planned"),
            served(0.998, 11, "POST", "/reminders", 201, size=80),
            *(wrote(2 + n / 10, pid, "reminder 9fd07d94 sent to anna") for n, pid in enumerate(senders)),
            served(2.998, 11, "GET", "/outbox", 200, size=116),
        ),
    )


def test_what_every_process_did_by_itself_is_a_split_without_a_mechanism() -> None:
    found = verdict(mails((11, 12)))
    assert found.kind is VerdictKind.SPLIT_STATE
    assert found.mechanism is None
    assert found.summary.startswith("gunicorn[11] and gunicorn[12] both did it")


def test_what_one_process_did_twice_is_not() -> None:
    assert "done_by_every_process" not in kinds(verdict(mails((11, 11))))


def broken(first: str, second: str) -> RunEvidence:
    """Two processes answer 500 to two tests, with these errors."""
    other = "tests/test_cars.py::test_other"
    steps = [asked(1, "POST", "/bookings", 500, test=other), failed("assert 500 == 201", test=other)]
    steps += [asked(2, "POST", "/bookings", 500), failed("assert 500 == 201")]
    lines = []
    for at, pid, error in ((1, 11, first), (2, 12, second)):
        lines += [
            wrote(at - 0.003, pid, f"Traceback (most recent call last):\n  File\n{error}", level="error"),
            served(at - 0.002, pid, "POST", "/bookings", 500),
        ]
    return run(client_part(*steps), server_part(*lines))


MAC = "ssl.SSLError: decryption failed or bad record mac"
EOF = "ssl.SSLEOFError: EOF occurred in violation of protocol"


def test_processes_that_garble_one_connection_share_what_they_should_not() -> None:
    found = verdict(broken(MAC, EOF))
    assert found.kind is VerdictKind.SPLIT_STATE
    assert found.mechanism is None


@pytest.mark.parametrize("errors", [(EOF, EOF), ("ZeroDivisionError: by zero", "ZeroDivisionError: by zero")])
def test_a_database_that_cuts_everybody_off_is_the_servers_error(errors: tuple[str, str]) -> None:
    assert verdict(broken(*errors)).kind is VerdictKind.SERVER_ERROR


def parcels(takers: tuple[int, int], got: int) -> RunEvidence:
    return run(
        client_part(
            asked(1, "POST", "/parcels", 201, size=48),
            asked(2, "POST", "/parcels", 201, size=48),
            asked(3, "GET", "/parcels", 200, size=72),
            failed(f"assert {got} == 2"),
        ),
        server_part(
            served(0.998, takers[0], "POST", "/parcels", 201, size=48),
            served(1.998, takers[1], "POST", "/parcels", 201, size=48),
            served(2.998, 13, "GET", "/parcels", 200, size=72),
        ),
    )


def test_as_many_as_the_process_had_taken_fit_a_split() -> None:
    found = verdict(parcels((13, 12), 1))
    assert found.kind is VerdictKind.SPLIT_STATE
    assert "count_fits" in kinds(found)


def test_one_of_two_from_a_process_that_took_none_does_not() -> None:
    found = verdict(parcels((11, 12), 1))
    assert found.kind is VerdictKind.CONSISTENT_FAILURE
    assert "13" in found.summary


def price(shown: int) -> RunEvidence:
    """The answer to the change has 43 bytes, the one to the making 46."""
    path = "/items/ea4cb436"
    return run(
        client_part(
            asked(1, "POST", "/items", 201, size=46),
            asked(2, "PUT", path, 200, size=43),
            asked(3, "GET", path, 200, size=shown),
            failed("assert 75 == 75.5"),
        ),
        server_part(
            wrote(0.997, 11, "item ea4cb436 created"),
            served(0.998, 11, "POST", "/items", 201, size=46),
            served(1.998, 11, "PUT", path, 200, size=43),
            served(2.998, 12, "GET", path, 200, size=shown),
        ),
    )


def test_a_change_that_another_process_shows_was_seen() -> None:
    found = verdict(price(43))
    assert found.kind is VerdictKind.CONSISTENT_FAILURE


def test_an_old_value_on_another_process_stays_suspect() -> None:
    assert "change_was_seen" not in kinds(verdict(price(46)))


def test_who_answered_the_same_request_before_knew_what_it_needs() -> None:
    """Process 12 lets the token in, and a second later does not: time has passed, nothing is split."""
    found = verdict(
        run(
            client_part(
                asked(1, "POST", "/tokens", 200),
                asked(2, "GET", "/profile", 200),
                asked(3, "GET", "/profile", 401),
                failed("assert 401 == 200"),
            ),
            server_part(
                served(0.998, 11, "POST", "/tokens", 200),
                served(1.998, 12, "GET", "/profile", 200),
                served(2.998, 12, "GET", "/profile", 401),
            ),
        )
    )
    assert found.kind is not VerdictKind.SPLIT_STATE
    assert "reader_knew_it" in kinds(found)


def test_the_processes_of_a_host_may_share_its_disk() -> None:
    """Two workers of each host share their host's files; another host's are not found."""
    steps, entries = [], []
    for n, (writer, reader) in enumerate(((11, 12), (21, 22), (12, 11))):
        test, path = f"tests/test_files.py::test_other[{n}]", f"/files/f{n}a4f09c{n}"
        steps += [
            asked(n, "PUT", path, 201, size=30, test=test),
            asked(n + 0.1, "GET", path, 200, size=40, test=test),
            passed(test),
        ]
        for at, pid, method, status in ((n - 0.002, writer, "PUT", 201), (n + 0.098, reader, "GET", 200)):
            entries.append(served(at, pid, method, path, status, host=f"web{pid // 10}"))
    steps += [asked(5, "PUT", "/files/8025b594", 201), asked(5.1, "GET", "/files/8025b594", 404), failed()]
    entries += [
        served(4.998, 11, "PUT", "/files/8025b594", 201, host="web1"),
        served(5.098, 21, "GET", "/files/8025b594", 404, host="web2"),
    ]
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert found.kind is VerdictKind.SPLIT_STATE
    assert found.mechanism is Mechanism.REPLICA


def test_what_the_servers_line_leaves_out_the_tied_step_tells() -> None:
    """The log has neither method nor status, only words with the object's name; the tests' log has both."""
    steps, entries = [], []
    for n, (writer, reader) in enumerate(((11, 11), (12, 12), (13, 13))):
        test, thing = f"tests/test_cars.py::test_other[{n}]", f"{n}a4f09c{n}"
        steps += [
            asked(n, "POST", "/cars", 201, test=test),
            asked(n + 0.1, "GET", f"/cars/{thing}", 200, test=test),
            passed(test),
        ]
        entries += [wrote(n - 0.002, writer, f"car {thing} stored"), wrote(n + 0.098, reader, f"car {thing} found")]
    steps += [asked(5, "POST", "/cars", 201), asked(5.1, "GET", "/cars/8025b594", 404), failed()]
    entries += [wrote(4.998, 11, "car 8025b594 stored"), wrote(5.098, 12, "car 8025b594 is unknown")]
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert found.kind is VerdictKind.SPLIT_STATE


def silent(last: str) -> RunEvidence:
    """The assertion says nothing of the connection; the line before it may."""
    return run(
        client_part(asked(1, "GET", "/health", 200), said(2, last), failed("AssertionError: assert None is not None")),
        server_part(served(0.998, 11, "GET", "/health")),
    )


def test_what_the_tests_own_log_says_of_the_connection_counts() -> None:
    found = verdict(silent("GET /export failed: Read timed out. (read timeout=1.5)"))
    assert found.kind is VerdictKind.SERVER_UNAVAILABLE


def test_a_line_on_something_else_does_not() -> None:
    assert verdict(silent("export is empty")).kind is not VerdictKind.SERVER_UNAVAILABLE


def test_a_proxys_status_is_known_from_the_message_of_urllib() -> None:
    evidence = run(
        client_part(failed("urllib.error.HTTPError: HTTP Error 502: Bad Gateway")),
        server_part(served(1, 11, "GET", "/health")),
    )
    assert verdict(evidence).kind is VerdictKind.SERVER_UNAVAILABLE
