"""Splits that show in other ways than a missing object, and what looks like a split and is none."""

from __future__ import annotations

from tests.triage.core.made import TEST, asked, client_part, failed, life, passed, run, said, served, server_part, wrote
from tests.triage.core.test_diagnose import verdict
from triage.core.findings import Mechanism, VerdictKind
from triage.core.records import Life

OTHER = "tests/test_cars.py::test_other"


def kinds(found) -> set[str]:
    return {evidence.kind for evidence in found.evidence}


def test_settings_that_lag_on_the_writers_own_process_acquit_their_siblings() -> None:
    """/settings/currency failed across processes; /settings/theme failed the same way on one process."""
    steps = [
        asked(1, "PUT", "/settings/theme", test=OTHER), asked(1.1, "GET", "/settings/theme", test=OTHER),
        failed("AssertionError: assert 'light' == 'dark'", test=OTHER),
        asked(2, "PUT", "/settings/currency"), asked(2.1, "GET", "/settings/currency"),
        failed("AssertionError: assert 'EUR' == 'USD'"),
    ]  # fmt: skip
    entries = [
        served(0.998, 11, "PUT", "/settings/theme"), served(1.098, 11, "GET", "/settings/theme"),
        served(1.998, 11, "PUT", "/settings/currency"), served(2.098, 12, "GET", "/settings/currency"),
    ]  # fmt: skip
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert found.kind is VerdictKind.CONSISTENT_FAILURE
    assert "sibling_same_process_failed" in kinds(found)


def test_a_process_that_learns_of_others_writes_shares_their_state() -> None:
    """Process 12 took no write, yet its answer moved from the first value to the second."""
    reads = [(1, 12, 20), (2, 12, 22), (3, 12, 22)]
    steps = [asked(at, "GET", "/settings/theme", size=size) for at, _, size in reads]
    steps += [asked(at, "PUT", "/settings/theme") for at in (1.5, 2.5)]
    entries = [served(at - 0.002, pid, "GET", "/settings/theme", size=size) for at, pid, size in reads]
    entries += [served(at - 0.002, 11, "PUT", "/settings/theme") for at in (1.5, 2.5)]
    steps.sort(key=lambda step: step.stamp.us)
    entries.sort(key=lambda entry: entry.stamp.us)
    found = verdict(run(client_part(*steps, failed("assert 'old' == 'new'")), server_part(*entries)))
    assert found.kind is not VerdictKind.SPLIT_STATE
    assert "learned_from_others" in kinds(found)


def test_objects_that_nobody_ever_saw_do_not_speak_for_the_same_everywhere() -> None:
    """A stranger asks for an object that never was, right after POSTs, on the very process that took them."""
    steps, entries = [], []
    for n in range(4):
        entries += [
            served(n - 0.3, 11, "POST", "/items", 201),
            served(n - 0.2, 11, "GET", "/items/0badcafe", 404),
        ]
    steps += [asked(5, "POST", "/items", 201), asked(5.1, "GET", "/items/8025b594", 404), failed()]
    entries += [served(4.998, 11, "POST", "/items", 201), served(5.098, 12, "GET", "/items/8025b594", 404)]
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert "objects_disagree" not in kinds(found)
    assert found.kind is VerdictKind.SPLIT_STATE


def test_a_key_that_two_processes_took_as_new_is_a_split() -> None:
    """The same payment, sent twice with one idempotency key; both processes booked it."""
    key, test = "e30bfadb-77aa-4c01", "t.py::test_repeated_payment_is_charged_once"
    evidence = run(
        client_part(
            asked(1, "POST", "/wallets/w44c796b9/transfers", 201, test=test),
            asked(2, "POST", "/wallets/w44c796b9/transfers", 201, test=test),
            failed("AssertionError: assert '671cf93b' == 'a2bf21bb'", test=test),
        ),
        server_part(
            wrote(0.997, 11, f"booked key {key}"), served(0.998, 11, "POST", "/wallets/w44c796b9/transfers", 201),
            wrote(1.997, 12, f"booked key {key}"), served(1.998, 12, "POST", "/wallets/w44c796b9/transfers", 201),
        ),
    )  # fmt: skip
    found = verdict(evidence, test)
    assert found.kind is VerdictKind.SPLIT_STATE
    assert found.mechanism is Mechanism.IN_MEMORY
    assert found.summary.endswith("which knew nothing of the first time.")


def test_a_table_that_only_one_process_lacks_is_a_split() -> None:
    steps = [asked(1, "POST", "/readings", 201, test=OTHER), passed(OTHER), asked(2, "POST", "/readings", 500)]
    entries = [
        served(0.998, 11, "POST", "/readings", 201),
        wrote(1.997, 12, "Traceback (most recent call last):\nsqlite3.OperationalError: no such table: reading"),
        served(1.998, 12, "POST", "/readings", 500),
    ]
    found = verdict(run(client_part(*steps, failed("assert 500 == 201")), server_part(*entries)))
    assert found.kind is VerdictKind.SPLIT_STATE
    assert found.mechanism is Mechanism.IN_MEMORY_DATABASE
    assert "goes well on gunicorn[11]" in found.summary


def test_a_table_that_every_process_lacks_is_an_error_of_the_server() -> None:
    entries = []
    for pid in (11, 12):
        entries += [
            wrote(pid - 10.003, pid, "Traceback (most recent call last):\nsqlite3.OperationalError: no such table: r"),
            served(pid - 10.002, pid, "POST", "/readings", 500),
        ]
    steps = [asked(1, "POST", "/readings", 500, test=OTHER), failed("assert 500 == 201", test=OTHER)]
    steps += [asked(2, "POST", "/readings", 500), failed("assert 500 == 201")]
    assert verdict(run(client_part(*steps), server_part(*entries))).kind is VerdictKind.SERVER_ERROR


def test_a_route_that_nobody_has_is_no_lost_object() -> None:
    steps = [asked(1, "POST", "/patients", 201), asked(1.1, "GET", "/patient/9/next", 404), failed()]
    entries = [served(0.998, 11, "POST", "/patients", 201), served(1.098, 12, "GET", "/patient/9/next", 404)]
    assert verdict(run(client_part(*steps), server_part(*entries))).kind is VerdictKind.UNEXPLAINED


def test_nothing_for_or_against_is_unexplained_not_consistent() -> None:
    steps = [asked(1, "POST", "/lines", 201), asked(1.1, "GET", "/basket", 200), failed("assert 0 == 1")]
    entries = [served(0.998, 11, "POST", "/lines", 201), served(1.098, 12, "GET", "/basket", 200)]
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert found.kind is VerdictKind.UNEXPLAINED
    assert 0 < found.confidence < 0.5, "such verdicts are seldom the last word, and say so"
    assert "gunicorn[11]" in found.summary


def test_an_error_of_the_server_is_told_where_the_tests_requests_are_not_known() -> None:
    evidence = run(
        client_part(failed("requests.exceptions.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
                           detail='    summary = s.get(page.url + "/summary").json()')),
        server_part(
            wrote(1, 11, "Traceback (most recent call last):\nKeyError: 'assignee'"),
            served(1.001, 11, "GET", "/tickets/7cb9cf/summary", 500),
        ),
    )  # fmt: skip
    found = verdict(evidence)
    assert found.kind is VerdictKind.SERVER_ERROR
    assert "KeyError: 'assignee'" in found.summary


def test_a_server_that_could_not_start_is_named() -> None:
    evidence = run(
        client_part(failed("AssertionError: the shop is not there")),
        server_part(
            life(1, 11, Life.BOOT, 11), wrote(1.1, 11, "[ERROR] Reason: Worker failed to boot.", level="error")
        ),
    )
    found = verdict(evidence)
    assert found.kind is VerdictKind.SERVER_UNAVAILABLE
    assert "failed to boot" in found.summary


def test_a_long_connection_error_becomes_a_plain_sentence() -> None:
    message = (
        "requests.exceptions.ConnectionError: HTTPConnectionPool(host='127.0.0.1', port=5000): Max retries exceeded"
        " with url: /items (Caused by NewConnectionError(\"HTTPConnection(host='127.0.0.1', port=5000): Failed to"
        ' establish a new connection: [Errno 111] Connection refused"))'
    )
    found = verdict(
        run(client_part(asked(1, "POST", "/items", None), failed(message)), server_part(wrote(0, 11, "up")))
    )
    assert found.summary == "The client got no answer to POST /items: connection refused."


def test_answers_of_two_peoples_sessions_are_not_compared() -> None:
    """Where people sign in, /basket shows each their own; two answers of two tests prove nothing."""
    steps, entries = [], []
    for n, (pid, size) in enumerate([(11, 20), (12, 40), (11, 20), (12, 40)]):
        test = f"tests/test_b.py::test_{n}"
        steps += [asked(n, "POST", "/login", test=test), asked(n + 0.1, "GET", "/basket", size=size, test=test)]
        steps.append(passed(test))
        entries += [
            served(n - 0.002, pid, "POST", "/login"),
            served(n + 0.098, pid, "GET", "/basket", size=size),
        ]
    steps += [asked(9, "POST", "/basket/lines", 201), asked(9.1, "GET", "/basket", size=30), failed("assert 3 == 2")]
    entries += [served(8.998, 11, "POST", "/basket/lines", 201), served(9.098, 12, "GET", "/basket", size=30)]
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert not kinds(found) & {"values_disagree", "reader_saw_it_later", "learned_from_others"}


def test_a_summary_of_steps_in_prose_carries_no_payload() -> None:
    steps = [
        said(1, "PASS: Successfully added new car with details {'name': 'figo'}"),
        said(2, "Successfully fetched cars"),
        failed("Total car count doesnt match expected count"),
    ]
    entries = [
        wrote(1, 11, "successfully added {'name': 'figo'}"),
        wrote(2, 12, "Processing /GET request against /cars"),
    ]
    found = verdict(run(client_part(*steps), server_part(*entries)), TEST)
    assert "{" not in found.summary
    assert found.summary.count("“") == found.summary.count("”")
