"""The documents of the API as pure functions, and that rows and reports give the same ones."""

from __future__ import annotations

import pytest

from dashboard.api import rows
from tests.dashboard.reported import FAILED, a_ready_run, a_report
from triage.core import document
from triage.core.findings import Clock, Jump, Lineup, TestCase
from triage.core.records import Outcome
from triage.models import Part, Step, Test, Verdict

FAR = 10**18  # microseconds beyond the year 9999


def a_clock(offset: int, low: int, high: int, **facts: object) -> Clock:
    return Clock(host="web1", offset_us=offset, low_us=low, high_us=high, **facts)


def test_a_clock_speaks_in_seconds_and_its_uncertainty_reaches_both_bounds():
    found = document.clock_document(
        [a_clock(-1_378_700_000, -1_379_100_000, -1_378_600_000, basis="31 matched requests")]
    )
    assert (found["offset_s"], found["uncertainty_s"], found["basis"]) == (-1378.7, 0.4, "31 matched requests")


def test_without_a_clock_there_is_none():
    assert document.clock_document([]) is None


def test_the_busiest_host_speaks_for_the_run():
    clocks = [a_clock(1_000_000, 0, 2_000_000), Clock(host="web2", offset_us=5, low_us=0, high_us=9)]
    assert document.clock_document(clocks)["host"] == "web1"


@pytest.mark.parametrize(
    ("us", "written"),
    [
        (None, None),
        (0, "1970-01-01T00:00:00+00:00"),
        (1_716_466_267_500_000, "2024-05-23T12:11:07.500000+00:00"),
        (FAR, None),
        (-FAR, None),
    ],
)
def test_a_moment_is_rfc_3339_with_an_offset_or_null(us, written):
    assert document.moment(us) == written


def test_the_counts_always_add_up():
    counts = document.test_counts(Lineup(tests=tuple(TestCase(test=outcome, outcome=outcome) for outcome in Outcome)))
    assert counts == {"total": 7, "passed": 2, "failed": 2, "error": 1, "skipped": 2}
    assert counts["total"] == sum(counts.values()) - counts["total"]


def test_an_unknown_test_has_no_steps():
    assert document.shown_steps(Lineup(), "nothing") == ()


@pytest.mark.django_db
def test_rows_and_report_give_the_same_document():
    """What `explain --json` prints of some files is what the API answers once they are uploaded."""
    run, report = a_ready_run(), a_report()
    parts = list(Part.objects.of_run_in_order(run.pk))
    stored = rows.run_document(run, "http://x", parts, Verdict.objects.of_run_with_tests(run.pk), {})
    direct = document.run_document(
        id=str(run.pk), run_key="ci/1", url="http://x", status="ready", error=None, progress=None,
        parts=map(rows.shown_part, parts), clock=document.clock_document(report.lineup.clocks),
        tests=document.test_counts(report.lineup), failures=map(document.failure_document, report.verdicts),
    )  # fmt: skip
    assert [failure for failure in stored["failures"] if failure["group"]] == [], "what other runs say comes beside it"
    alone = [{name: failure[name] for name in direct["failures"][0]} for failure in stored["failures"]]
    assert {name: stored[name] for name in direct} | {"failures": alone} == direct
    steps = Step.objects.of_test_with_servers(Test.objects.named(run.pk, FAILED).pk)
    assert document.steps_document(FAILED, map(rows.shown_step, steps)) == document.steps_document(
        FAILED, document.shown_steps(report.lineup, FAILED)
    )


def test_a_clock_that_drifts_and_jumps_says_when():
    jump = Jump(at_us=1_716_466_267_500_000, by_us=-2_500_000, low_us=-2_600_000, high_us=-2_400_000)
    found = document.clock_document([a_clock(0, 0, 0, skew_ppm=50.0, at_us=0, jumps=(jump,))])
    assert (found["skew_ppm"], found["at"]) == (50.0, "1970-01-01T00:00:00+00:00")
    assert found["jumps"] == [{"at": "2024-05-23T12:11:07.500000+00:00", "by_s": -2.5}]
