"""A report is saved whole or not at all, and only for the upload it speaks of."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.triage.made import a_part, a_request, a_run
from triage.core.findings import (
    Clock,
    End,
    Evidence,
    Level,
    LineRef,
    Lineup,
    Match,
    PlacedStep,
    Process,
    Report,
    Served,
    TestCase,
    Verdict,
    VerdictKind,
)
from triage.core.records import Outcome
from triage.models import Match as MatchRow
from triage.models import Run, Step, Test
from triage.models import Served as ServedRow
from triage.models import Verdict as VerdictRow
from triage.store import reports

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    run = a_run()
    a_part(run, side="tests", name="test.log")
    a_part(run)
    return run


def a_report(**verdict) -> Report:
    both = (LineRef(1, 3), LineRef(1, 4))
    lineup = Lineup(
        tests=(
            TestCase(test="t.py::test_a", outcome=Outcome.FAILED, message="nul \0", steps=(0,)),
            TestCase(test="t.py::test_b", outcome=Outcome.XFAILED),
            TestCase(test="t.py::test_c", outcome=Outcome.PASSED),
        ),
        steps=(
            PlacedStep(
                index=0, test="t.py::test_a", n=1, ref=LineRef(0, 4), text="POST", at_us=1, until_us=2,
                request=a_request("POST"), matches=(Match(served=0, confidence=0.9, basis=("path",)),),
            ),
            PlacedStep(index=1, test="", n=1, ref=LineRef(0, 9), text="apart", at_us=None, until_us=None),
        ),
        processes=(Process(index=0, host="web1", unit="gunicorn", pid=7, first_us=1, last_us=2, requests=1),),
        served=(Served(index=0, process=0, entries=both, request=a_request(), low_us=1, high_us=2),),
        clocks=(Clock(host="web1", offset_us=1, low_us=0, high_us=2, basis="31 matched requests", matched=31),),
        remarks=("No request ids.",),
    )  # fmt: skip
    end = End(method="POST", path="/cars", host="web1", unit="gunicorn", pid=7, at_us=1, line=LineRef(1, 3))
    facts = {
        "test": "t.py::test_a", "outcome": Outcome.FAILED, "message": "", "kind": VerdictKind.SPLIT_STATE,
        "level": Level.LIKELY, "confidence": 0.9, "summary": "One wrote, another read.", "write": end,
        "evidence": (Evidence(kind="pid_switch", text="7 then 8 \0", weight=2.0, lines=(LineRef(1, 3),)),),
    }  # fmt: skip
    return Report(lineup=lineup, verdicts=(Verdict(**{**facts, **verdict}),))


def test_everything_a_report_says_is_kept(run):
    assert reports.save(run, a_report(), ("Lines were left out.",))
    run.refresh_from_db()
    assert (run.status, run.analysed_revision) == ("ready", 1)
    assert (run.tests_total, run.tests_passed, run.tests_failed, run.tests_error, run.tests_skipped) == (3, 1, 1, 0, 1)
    assert run.clocks[0]["basis"] == "31 matched requests"
    assert run.remarks == ["No request ids.", "Lines were left out."]
    verdict = VerdictRow.objects.get()
    assert (verdict.test.nodeid, verdict.kind, verdict.write["pid"]) == ("t.py::test_a", "split_state", 7)
    assert verdict.evidence[0]["text"] == "7 then 8 ␀"
    assert verdict.evidence[0]["lines"] == [{"part": 1, "line": 3}]
    match = MatchRow.objects.get()
    assert (match.step.text, match.served.process.pid, match.served.lines) == ("POST", 7, [[1, 3], [1, 4]])
    assert Step.objects.get(position=1).test is None
    assert Test.objects.get(position=0).message == "nul ␀"


def test_saving_twice_leaves_one_report(run):
    for summary in ("first", "second"):
        reports.save(run, a_report(summary=summary))
    assert [verdict.summary for verdict in VerdictRow.objects.all()] == ["second"]
    assert (Test.objects.count(), Step.objects.count(), ServedRow.objects.count(), MatchRow.objects.count()) == (
        3, 2, 1, 1,
    )  # fmt: skip


def test_a_report_on_an_upload_that_is_no_longer_the_newest_changes_nothing(run):
    Run.objects.filter(pk=run.pk).update(revision=2)
    assert reports.save(run, a_report()) is False
    assert not Test.objects.exists()
    assert Run.objects.get().status == "queued"


def test_a_report_that_cannot_be_saved_leaves_the_one_before_it(run):
    reports.save(run, a_report(summary="first"))
    with pytest.raises(KeyError):
        reports.save(run, a_report(test="no::such"))
    assert VerdictRow.objects.get().summary == "first"


def test_saving_costs_few_statements_however_long_the_report(run, django_assert_max_num_queries):
    report = a_report()
    steps = tuple(
        PlacedStep(index=n, test="", n=1, ref=LineRef(0, n + 1), text="x", at_us=n, until_us=n) for n in range(3_000)
    )
    long = Report(lineup=Lineup(tests=report.lineup.tests, steps=steps), verdicts=())
    with django_assert_max_num_queries(30, connection=connection):
        reports.save(run, long)
