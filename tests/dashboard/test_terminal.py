"""The lineup drawn for a terminal."""

from __future__ import annotations

import msgspec

from dashboard.timeline.terminal import COLOUR, MAX_STEPS, cut, draw, visible
from triage.core.findings import (
    End,
    Evidence,
    Gap,
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
from triage.core.records import SECOND, Entry, Outcome, PartRecords, Request, RunEvidence, Side

NOON = 1_716_466_267 * SECOND
TEST = "tests/test_cars.py::test_add"


def step(index: int, text: str, served: int | None = None, mark: str = "") -> PlacedStep:
    return PlacedStep(
        index=index,
        test=TEST,
        n=index + 1,
        ref=LineRef(0, index + 1),
        text=text,
        at_us=NOON + index * SECOND,
        until_us=NOON + (index + 1) * SECOND,
        mark=mark,
        matches=() if served is None else (Match(served=served, confidence=0.97),),
    )


def a_report(steps: tuple[PlacedStep, ...]) -> Report:
    processes = tuple(Process(index=i, host="web1", unit="gunicorn", pid=51463 + i) for i in range(2))
    served = tuple(
        Served(
            index=i,
            process=i,
            entries=(LineRef(1, i + 1),),
            request=Request(method=method, path="/cars", status=200),
            low_us=NOON,
            high_us=NOON,
        )
        for i, method in enumerate(("POST", "GET"))
    )
    ends = [
        End(
            method=method,
            path="/cars",
            host="web1",
            unit="gunicorn",
            pid=51463 + i,
            at_us=NOON,
            step=i,
            served=i,
            process=i,
            line=LineRef(1, i + 1),
        )
        for i, method in enumerate(("POST", "GET"))
    ]
    verdict = Verdict(
        test=TEST,
        outcome=Outcome.FAILED,
        message="count is 4, expected 5",
        kind=VerdictKind.SPLIT_STATE,
        level=Level.SUSPECTED,
        confidence=0.8,
        summary="The car was added in gunicorn[51463] and looked up in gunicorn[51465].",
        write=ends[0],
        read=ends[1],
        evidence=(Evidence(kind="pid_switch", text="Two processes.", weight=1.2),),
    )
    lineup = Lineup(
        tests=(TestCase(test=TEST, outcome=Outcome.FAILED, steps=tuple(s.index for s in steps)),),
        steps=steps,
        processes=processes,
        served=served,
    )
    return Report(lineup=lineup, verdicts=(verdict,))


EVIDENCE = RunEvidence(
    parts=(
        PartRecords(name="test.log", side=Side.TESTS),
        PartRecords(
            name="journal",
            side=Side.SERVER,
            entries=(Entry(line=1, raw="added \x1b[2Jfigo"), Entry(line=2, raw="GET /cars")),
        ),
    )
)


def test_the_write_and_the_read_stand_in_the_columns_of_their_processes():
    steps = (step(0, "add car", 0), step(1, "fetch cars", 1), step(2, "count", mark="fail"))
    lines = list(draw(a_report(steps), EVIDENCE))
    head = next(line for line in lines if "gunicorn 51463" in line and "gunicorn 51464" in line)
    written = next(line for line in lines if "◆ POST 200 written" in line)
    read = next(line for line in lines if "◇ GET 200 read" in line)
    assert abs(written.index("◆") - head.index("gunicorn 51463")) <= 4
    assert abs(read.index("◇") - head.index("gunicorn 51464")) <= 4
    assert any("✕ count" in line for line in lines)


def test_log_text_cannot_move_the_cursor():
    text = "\n".join(draw(a_report((step(0, "add\x1b[31m car", 0),)), EVIDENCE))
    assert "\x1b" not in text
    assert "added ␛[2Jfigo" in text


def test_colours_are_only_our_own():
    text = "\n".join(draw(a_report((step(0, "add\x1b[31m car", 0),)), EVIDENCE, ink=COLOUR))
    assert "\x1b[31m" not in text
    assert COLOUR.split in text


def test_a_long_test_is_shortened_in_the_middle_and_says_so():
    lines = list(draw(a_report(tuple(step(i, f"step {i}") for i in range(MAX_STEPS + 40))), EVIDENCE))
    assert any("40 more steps" in line for line in lines)
    assert any("step 0" in line for line in lines)
    assert any(f"step {MAX_STEPS + 39}" in line for line in lines)


def test_a_run_in_which_nothing_failed_says_that():
    report = Report(lineup=Lineup(tests=(TestCase(test=TEST, outcome=Outcome.PASSED),)))
    assert "Nothing failed: there is nothing to explain." in list(draw(report, RunEvidence()))


def test_cutting_keeps_the_width_and_marks_the_cut():
    assert cut("abcdef", 4) == "abc…"
    assert visible("a\u202eb\x00") == "a�b␀"


def test_many_failures_of_one_cause_are_told_once_what_to_change() -> None:
    report = a_report(())
    twice = msgspec.structs.replace(report, verdicts=report.verdicts * 2)
    text = "\n".join(draw(twice, EVIDENCE))
    assert text.count("Does the app draw its secret key at import?") == 1


def test_a_gap_is_drawn_with_its_line_whole_and_an_example_cut() -> None:
    fix = "--access-logformat 'pid=%(p)s " + "x" * 200 + "'"
    gap = Gap(kind="no_pid", text="No PID.", fix=fix, where="gunicorn's command line", lines=(LineRef(1, 1),), hurts=2)
    evidence = RunEvidence(
        parts=(
            PartRecords(name="tests", side=Side.TESTS),
            PartRecords(name="log", side=Side.SERVER, entries=(Entry(line=1, raw="a\x1b[2Jb" + "y" * 500),)),
        )
    )
    lines = list(draw(msgspec.structs.replace(a_report(()), verdicts=(), gaps=(gap,)), evidence, width=80))
    assert "  No PID. 2 failing tests could be surer." in lines
    assert any(line.endswith(fix) for line in lines)
    example = next(line for line in lines if "such as" in line)
    assert len(example) <= 80
    assert "\x1b" not in example
