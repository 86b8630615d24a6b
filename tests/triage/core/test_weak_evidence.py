"""What does not acquit: guesses, numbers that come twice, siblings that missed another write, a refusal after a GET."""

from __future__ import annotations

import msgspec
import pytest

from tests.triage.core.made import TEST, asked, client_part, failed, passed, run, served, server_part
from triage.core.analyse import analyse
from triage.core.case import Case
from triage.core.court import Court
from triage.core.detectors import counts_seen, one_process, split_process
from triage.core.diagnose import court_of
from triage.core.failure import read_failure
from triage.core.findings import TestCase, Verdict, VerdictKind
from triage.core.lineup import line_up
from triage.core.pairing import pair
from triage.core.records import Outcome, RunEvidence

OTHER = "tests/test_cars.py::test_other"


def verdict(evidence: RunEvidence) -> Verdict:
    return next(each for each in analyse(evidence).verdicts if each.test == TEST)


def kinds(found: Verdict) -> set[str]:
    return {evidence.kind for evidence in found.evidence}


def heard(evidence: RunEvidence) -> tuple[Case, Court]:
    """The case of the test, with the court that it comes before."""
    court = court_of(line_up(evidence))
    test = next(each for each in court.failing if each.test == TEST)
    case = pair(test, court.failure(test), court.exchanges.of(test))
    court.prepare([case])
    return case, court


def guessed(case: Case) -> Case:
    """The same case where the process of its read is known with less confidence."""
    assert case.read is not None
    read = msgspec.structs.replace(case.read, confidence=0.7)
    exchanges = tuple(read if each is case.read else each for each in case.exchanges)
    return msgspec.structs.replace(case, read=read, exchanges=exchanges)


def numbered(number: int) -> RunEvidence:
    """Both processes take POSTs; object `number` is read on the first maker's process after the other one made more."""
    return run(
        client_part(
            asked(1, "POST", "/patients", 201, test=OTHER), asked(1.1, "GET", f"/patients/{number}", test=OTHER),
            asked(2, "POST", "/patients", 201, test=OTHER), asked(2.1, "GET", f"/patients/{number}", 404, test=OTHER),
            passed(OTHER),
            asked(9, "POST", "/patients", 201), asked(9.1, "GET", f"/patients/{number + 1}", 404), failed(),
        ),
        server_part(
            served(0.998, 11, "POST", "/patients", 201), served(1.098, 11, "GET", f"/patients/{number}"),
            served(1.998, 12, "POST", "/patients", 201), served(2.098, 11, "GET", f"/patients/{number}", 404),
            served(8.998, 11, "POST", "/patients", 201), served(9.098, 12, "GET", f"/patients/{number + 1}", 404),
        ),
    )  # fmt: skip


def test_a_number_that_another_process_may_have_given_out_anew_is_not_missed_by_its_maker() -> None:
    _, court = heard(numbered(1))
    assert not [each for each in court.sightings.of("/patients/1") if not each.crossed and not each.seen]
    assert verdict(numbered(1)).kind is VerdictKind.SPLIT_STATE


def test_a_number_that_nobody_else_can_have_counted_up_to_is_one_object() -> None:
    _, court = heard(numbered(701))
    assert [each for each in court.sightings.of("/patients/701") if not each.crossed and not each.seen]


def calls(first: int, later: int) -> RunEvidence:
    """Two tests that write and read under one address; the other one's writes go to processes `first` and `later`."""
    steps = [asked(at, "POST", "/graphql", test=OTHER) for at in (1, 1.1, 1.2)]
    steps += [asked(2, "POST", "/graphql"), asked(2.1, "POST", "/graphql")]
    entries = [served(at - 0.002, pid, "POST", "/graphql") for at, pid in ((1, first), (1.1, later), (1.2, later))]
    entries += [served(1.998, 11, "POST", "/graphql"), served(2.098, 12, "POST", "/graphql")]
    said = "TypeError: 'NoneType' object is not subscriptable"
    return run(client_part(*steps, failed(said, test=OTHER), failed(said)), server_part(*entries))


def test_a_sibling_that_missed_an_earlier_write_does_not_acquit() -> None:
    found = verdict(calls(first=11, later=12))
    assert found.kind is VerdictKind.SPLIT_STATE
    assert "sibling_same_process_failed" not in kinds(found)


def test_a_sibling_that_met_one_process_only_does() -> None:
    found = verdict(calls(first=12, later=12))
    assert found.kind is not VerdictKind.SPLIT_STATE
    assert "sibling_same_process_failed" in kinds(found)


def test_two_guesses_that_agree_do_not_make_one_process() -> None:
    steps = [asked(1, "POST", "/items", 201), asked(1.1, "GET", "/items/8025b594", 404), failed()]
    entries = [served(0.998, 11, "POST", "/items", 201), served(1.098, 11, "GET", "/items/8025b594", 404)]
    case, court = heard(run(client_part(*steps), server_part(*entries)))
    assert [finding.kind for finding in split_process.detect(case, court)] == ["same_process"]
    assert not list(split_process.detect(guessed(case), court))


def test_a_process_that_is_guessed_is_not_counted_with() -> None:
    steps = [asked(at, "POST", "/parcels", 201) for at in (1, 1.1)]
    steps += [asked(1.2, "GET", "/parcels", 200)]
    entries = [served(at - 0.002, 11, "POST", "/parcels", 201) for at in (1, 1.1)]
    entries += [served(1.198, 12, "GET", "/parcels", 200)]
    case, court = heard(run(client_part(*steps, failed("assert 1 == 2")), server_part(*entries)))
    assert [finding.kind for finding in counts_seen.detect(case, court)] == ["count_does_not_fit"]
    assert not list(counts_seen.detect(guessed(case), court))


def tries(last: int) -> RunEvidence:
    """Four wrong PINs by turns; the fourth was to be refused for good."""
    pids = (11, 12, 11, last)
    steps = [asked(1, "POST", "/cards/c-77", 201)]
    steps += [asked(2 + n / 10, "POST", "/cards/c-77/pin", 403) for n in range(4)]
    entries = [served(0.998, last, "POST", "/cards/c-77", 201)]
    entries += [served(1.998 + n / 10, pid, "POST", "/cards/c-77/pin", 403) for n, pid in enumerate(pids)]
    return run(client_part(*steps, failed("assert 403 == 423")), server_part(*entries))


def test_tries_that_each_process_counts_for_itself_are_a_split() -> None:
    found = verdict(tries(12))
    assert found.kind is VerdictKind.SPLIT_STATE
    assert "limit_across_processes" in kinds(found)


def test_a_refusal_after_a_get_is_not_said_to_be_the_same_on_every_process() -> None:
    """The form handed out what the second request was refused for want of."""
    steps = [asked(1, "GET", "/join"), asked(1.1, "GET", "/join/done", 403), failed("assert 403 == 200")]
    entries = [served(0.998, 11, "GET", "/join"), served(1.098, 12, "GET", "/join/done", 403)]
    assert verdict(run(client_part(*steps), server_part(*entries))).kind is VerdictKind.UNEXPLAINED


def test_the_first_request_of_a_test_depends_on_nothing_before() -> None:
    steps = [asked(1.1, "GET", "/join/done", 403), failed("assert 403 == 200")]
    found = verdict(run(client_part(*steps), server_part(served(1.098, 12, "GET", "/join/done", 403))))
    assert found.kind is VerdictKind.CONSISTENT_FAILURE


def test_requests_of_unknown_processes_are_not_said_to_be_of_the_only_one_known() -> None:
    steps = [asked(1, "POST", "/items", 201), asked(1.1, "GET", "/items/8025b594", 404), failed()]
    entries = [served(0.998, 11, "POST", "/items", 201), served(1.098, 11, "GET", "/items/8025b594", 404)]
    case, court = heard(run(client_part(*steps), server_part(*entries)))
    assert list(one_process.detect(case, court))
    case, court = heard(run(client_part(*steps), server_part(*entries, served(3, None, "GET", "/health"))))
    assert not list(one_process.detect(case, court))


@pytest.mark.parametrize(
    ("message", "got", "want"),
    [
        ("AssertionError: 404 != 204", 404, 204),
        ("AssertionError: 404 != 404.5", None, None),
        ("httpx.HTTPStatusError: Client error '404 Not Found' for url 'http://x/items'", 404, None),
        ("aiohttp.client_exceptions.ClientResponseError: 409, message='Conflict', url='http://x'", 409, None),
        ("AssertionError: expected 200, got 502", 502, None),
        ("AssertionError: 404 items", None, None),
    ],
)
def test_a_status_is_read_from_what_other_libraries_say(message: str, got: int | None, want: int | None) -> None:
    failure = read_failure(TestCase(test=TEST, outcome=Outcome.FAILED, message=message))
    assert (failure.got, failure.want) == (got, want)
