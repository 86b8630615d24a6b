"""How a verdict is counted against the truth."""

from __future__ import annotations

from typing import Any

import pytest

from lab.score import Tally, half, print_tally, score_report
from triage.core.findings import End, Level, Lineup, Mechanism, Report, Verdict, VerdictKind
from triage.core.records import Outcome, Side

TEST = "tests/test_items.py::test_read"


def _end(pid: int) -> End:
    return End(method="GET", path="/items", host="web1", unit="gunicorn", pid=pid, at_us=0)


def _report(kind: VerdictKind, *, test: str = TEST, write: int = 101, read: int = 102) -> Report:
    verdict = Verdict(
        test=test,
        outcome=Outcome.FAILED,
        message="",
        kind=kind,
        level=Level.LIKELY,
        confidence=0.9,
        summary="…",
        side=Side.SERVER,
        mechanism=Mechanism.IN_MEMORY,
        write=_end(write),
        read=_end(read),
    )
    return Report(lineup=Lineup(), verdicts=(verdict,))


def _truth(kind: str = "split_state") -> dict[str, Any]:
    failure = {"test": TEST, "kind": kind, "side": "server", "mechanism": "in_memory"}
    pair = {"write_pids": [101], "read_pids": [102, 103]} if kind == "split_state" else {}
    zones = {"clock_offset_s": 0.0, "client_timezone": "UTC", "server_timezone": "UTC"}
    return {"scenario": "s", "run": 1, "failures": [{**failure, **pair}], "requests": [], **zones}


def _tally(truth: dict[str, Any], report: Report) -> Tally:
    tally = Tally()
    score_report(truth, report, tally)
    return tally


def test_a_right_verdict_with_the_right_pair_is_counted_as_such() -> None:
    tally = _tally(_truth(), _report(VerdictKind.SPLIT_STATE, read=103))
    assert tally.verdicts["split_state", "split_state"] == 1
    assert tally.pairs == {"right": 1}
    assert tally.mechanisms == {"right": 1}
    assert not tally.wrong


def test_a_right_verdict_with_another_pair_is_counted_as_wrong_pair() -> None:
    tally = _tally(_truth(), _report(VerdictKind.SPLIT_STATE, write=102, read=101))
    assert tally.pairs == {"wrong": 1}
    assert "said 102→101" in tally.wrong[0]


def test_a_wrong_accusation_is_named() -> None:
    tally = _tally(_truth("consistent_failure"), _report(VerdictKind.SPLIT_STATE))
    assert tally.verdicts["consistent_failure", "split_state"] == 1
    assert "is consistent_failure, said split_state" in tally.wrong[0]


def test_a_verdict_on_a_test_that_passed_counts_against_the_precision(capsys: pytest.CaptureFixture[str]) -> None:
    tally = _tally(_truth(), _report(VerdictKind.SPLIT_STATE, test="tests/test_items.py::test_other"))
    assert tally.verdicts["(passed)", "split_state"] == 1
    assert tally.verdicts["split_state", ""] == 1
    tally.runs = 1
    print_tally("tune", tally)
    assert "precision 0/1 = 0.0 %, recall 0/1 = 0.0 %" in capsys.readouterr().out


def test_a_scenario_stays_in_its_half() -> None:
    assert (half("original"), half("memory-items")) == (half("original"), half("memory-items"))
    assert {half(f"scenario-{n}") for n in range(20)} == {"tune", "held out"}
