"""How verdicts, ties, confidences and clocks are counted against the truth."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lab.lineup_score import LineupTally, score_lineup
from lab.score import Tally, half, print_tally, score_report
from lab.tables import lost_to_background, print_lineup
from lab.true_clocks import ClockScore, score_clock
from triage.core.findings import (
    Clock,
    End,
    Jump,
    Level,
    LineRef,
    Lineup,
    Match,
    Mechanism,
    PlacedStep,
    Process,
    Report,
    Served,
    Verdict,
    VerdictKind,
)
from triage.core.records import Entry, Outcome, PartRecords, PidTrust, Request, RunEvidence, Side, Stamp, Step

TEST = "tests/test_items.py::test_read"
NOTHING = Lineup()


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


def _lineup(*matches: tuple[int, float]) -> Report:
    """One step on GET /items, with who may have served it: (PID, confidence), best first."""
    processes = tuple(Process(index=n, host="web1", unit="gunicorn", pid=pid) for n, (pid, _) in enumerate(matches))
    served = tuple(
        Served(index=n, process=n, entries=(LineRef(0, n + 1),), request=None, low_us=0, high_us=1)
        for n in range(len(matches))
    )
    step = PlacedStep(
        index=0,
        test=TEST,
        n=1,
        ref=LineRef(0, 1),
        text="GET /items 200",
        at_us=None,
        until_us=None,
        request=Request(method="GET", path="/items", status=200),
        matches=tuple(Match(served=n, confidence=confidence) for n, (_, confidence) in enumerate(matches)),
    )
    return Report(lineup=Lineup(steps=(step,), processes=processes, served=served))


def _scored(report: Report, *, pid: int | None, entries: tuple[Entry, ...]) -> LineupTally:
    """The same step against a truth in which `pid` served it, and a server's log of `entries`."""
    truth = _truth() | {
        "requests": [
            {
                "test": TEST,
                "method": "GET",
                "path": "/items",
                "status": 200,
                "pid": pid,
                "body": "",
                "sent": 1.0,
                "received": 1.1,
                "handled": [],
                "served": None if pid is None else 0,
            }
        ],
        "served": []
        if pid is None
        else [
            {
                "pid": pid,
                "host": "web1",
                "method": "GET",
                "path": "/items",
                "status": 200,
                "begin": 1.01,
                "end": 1.02,
                "port": "1",
                "ours": True,
            }
        ],
        "lines": [],
    }
    step = Step(line=1, raw="", text="GET /items 200", test=TEST, request=Request(method="GET", path="/items"))
    evidence = RunEvidence(
        parts=(
            PartRecords(name="pytest.txt", side=Side.TESTS, steps=(step,)),
            PartRecords(name="journal.txt", side=Side.SERVER, entries=entries),
        )
    )
    tally = LineupTally()
    score_lineup(evidence, truth, report, (tally,))
    return tally


def _entry(pid: int) -> Entry:
    request = Request(method="GET", path="/items", status=200, ended=True)
    return Entry(line=1, raw="", message="GET /items 200", pid=pid, pid_trust=PidTrust.PROVEN, request=request)


def test_a_determined_request_is_tied_by_the_right_process_at_half_confidence() -> None:
    assert _scored(_lineup((101, 0.5), (102, 0.4)), pid=101, entries=(_entry(101),)).tied.share == 1.0
    assert _scored(_lineup((101, 0.49)), pid=101, entries=(_entry(101),)).tied.share == 0.0
    assert _scored(_lineup((102, 0.99)), pid=101, entries=(_entry(101),)).tied.share == 0.0
    assert _scored(_lineup(), pid=101, entries=(_entry(101),)).tied.share == 0.0


def test_a_request_that_the_logs_do_not_determine_must_not_be_given_as_sure() -> None:
    assert _scored(_lineup((101, 0.95)), pid=101, entries=()).modest.share == 0.0
    assert _scored(_lineup((101, 0.85)), pid=101, entries=()).modest.share == 1.0
    assert _scored(_lineup(), pid=101, entries=()).modest.share == 1.0
    assert _scored(_lineup((101, 0.95)), pid=101, entries=()).bold == {"right": 1}


def test_a_sure_match_counts_as_right_or_wrong_whatever_the_logs_determine() -> None:
    assert _scored(_lineup((101, 0.95)), pid=101, entries=()).sure.share == 1.0
    assert _scored(_lineup((102, 0.95)), pid=101, entries=()).sure.share == 0.0
    assert _scored(_lineup((102, 0.95)), pid=None, entries=()).unserved.share == 0.0


def test_confidences_are_put_beside_what_was_right() -> None:
    tally = _scored(_lineup((102, 0.85)), pid=101, entries=())
    assert (tally.count[8], tally.right[8]) == (1, 0)
    assert tally.ece() == pytest.approx(0.85)


def _clock(offset_s: float, low_s: float, high_s: float, **more: Any) -> Clock:
    low, offset, high = (round(seconds * 1e6) for seconds in (low_s, offset_s, high_s))
    return Clock(host="web1", offset_us=offset, low_us=low, high_us=high, decided=True, **more)


def _clock_truth(**more: Any) -> dict[str, Any]:
    asked = [{"sent": 1_795_406_400.0 + second} for second in (0, 10, 20)]
    clock = {"host": "web1", "offset_s": 3.0, "at": 1_795_406_400.0, "skew_ppm": 0.0, "steps": [], **more}
    return _truth() | {"requests": asked, "clock": [clock]}


def _score_of(clock: Clock, truth: dict[str, Any]) -> ClockScore:
    return score_clock(RunEvidence(), truth, NOTHING, clock, truth["clock"][0])


def test_a_clock_is_right_where_the_true_offset_lies_in_its_bounds_at_every_request() -> None:
    assert _score_of(_clock(3.01, 2.9, 3.1), _clock_truth()).inside
    assert not _score_of(_clock(3.2, 3.1, 3.3), _clock_truth()).inside
    assert not _score_of(_clock(3.0, 2.9, 3.1), _clock_truth(skew_ppm=10_000.0)).inside


def test_stamps_count_as_coarse_by_the_lines_that_were_matched() -> None:
    """The lines of the server's beginning have finer stamps than those on its requests."""
    fine, coarse = Stamp(1_795_406_400_000_000), Stamp(1_795_406_400_000_000, tick_us=1_000_000)
    said = "GET /items 200"
    tests = PartRecords(name="pytest.txt", side=Side.TESTS, steps=(Step(line=1, raw=said, text=said, stamp=fine),))
    boot = Entry(line=7, raw="", message="Booting worker", stamp=fine, host="web1", pid=101)
    report = _lineup((101, 0.95))
    served = msgspec.structs.replace(report.lineup.served[0], entries=(LineRef(1, 1),))
    lineup = msgspec.structs.replace(report.lineup, served=(served,))
    clock, truth = _clock(3.0, 2.0, 4.0), _clock_truth()
    scored = []
    for stamp in (coarse, fine):
        line = Entry(line=1, raw="", message=said, stamp=stamp, host="web1", pid=101)
        server = PartRecords(name="journal.txt", side=Side.SERVER, entries=(boot, line))
        evidence = RunEvidence(parts=(tests, server))
        scored.append(score_clock(evidence, truth, lineup, clock, truth["clock"][0]).coarse)
    assert scored == [True, False]


def test_a_clock_may_hold_the_zones_of_logs_that_tell_none() -> None:
    truth = _clock_truth() | {"client_timezone": "Asia/Kolkata"}
    assert _score_of(_clock(3.0 - 19_800, 2.9 - 19_800, 3.1 - 19_800), truth).inside


def test_a_jump_is_found_where_one_of_its_size_is_stated() -> None:
    at = 1_795_406_415.0
    truth = _clock_truth(steps=[{"at": at, "by_s": -2.0}])
    jump = Jump(at_us=round((at - 3) * 1e6), by_us=-2_000_000, low_us=-2_010_000, high_us=-1_990_000)
    score = _score_of(_clock(3.0, 2.9, 3.1, jumps=(jump,)), truth)
    assert (score.jumps, score.false_jumps, score.inside) == ((True,), 0, True)
    assert _score_of(_clock(3.0, 2.9, 3.1), truth).jumps == (False,)
    assert _score_of(_clock(3.0, 2.9, 3.1, jumps=(jump,)), _clock_truth()).false_jumps == 1


def test_figures_that_miss_their_target_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    tally = _scored(_lineup((102, 0.99)), pid=101, entries=(_entry(101),))
    print_lineup({"tune": tally}, {"tune": {"s": tally}})
    printed = capsys.readouterr().out
    assert "0/1 = 0.00 % MISSED" in printed
    assert "99.5 %" in printed


def test_what_background_traffic_costs_is_measured_on_pairs() -> None:
    busy = _scored(_lineup((102, 0.99)), pid=101, entries=(_entry(101),))
    quiet = _scored(_lineup((101, 0.99)), pid=101, entries=(_entry(101),))
    assert lost_to_background({"shop": busy, "shop-quiet": quiet, "alone": busy}) == (100.0, 1)
    assert lost_to_background({"alone": busy}) is None


def test_a_scenario_stays_in_its_half() -> None:
    assert (half("original"), half("memory-items")) == (half("original"), half("memory-items"))
    assert {half(f"scenario-{n}") for n in range(20)} == {"tune", "held out"}
