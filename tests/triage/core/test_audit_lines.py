"""Each configuration line that the audit names makes Lineup tell what it could not: shown with what servers wrote."""

from __future__ import annotations

import io

import pytest

from ingest.formats.gather import Offered, gather
from ingest.formats.source import PartSource
from tests.triage.core.made import asked, client_part, failed, run
from tests.triage.core.recorded_lines import GUNICORN_OF_PYTEST, NGINX, PYTEST, RECORDED, Recorded
from triage.core.analyse import analyse
from triage.core.findings import Report
from triage.core.records import PartRecords, PidTrust, RunEvidence, Side

NOW = 1_795_438_900_000_000


def read(text: str, side: Side = Side.SERVER) -> PartRecords:
    source = PartSource("log.txt", io.BytesIO(text.encode()))
    (part,) = gather([Offered(source, side)], now_us=NOW).evidence.parts
    return part


def reported(server: str) -> Report:
    """The log of a server beside a test that asked three times; the times are of no matter here."""
    steps = [asked(None, "GET", "/items", size=3) for _ in range(3)]
    return analyse(run(client_part(*steps, failed("assert 4 == 3")), read(server)))


@pytest.mark.parametrize("recorded", [each for each in RECORDED.values() if each.before], ids=lambda each: each.run)
def test_without_the_line_the_gap_is_named_with_the_line(recorded: Recorded) -> None:
    gap = next(gap for gap in reported(recorded.before).gaps if gap.kind == recorded.kind)
    assert (gap.fix, gap.where) == (recorded.line.text, recorded.line.where)


@pytest.mark.parametrize("recorded", RECORDED.values(), ids=RECORDED.keys())
def test_with_the_line_every_request_tells_its_process(recorded: Recorded) -> None:
    entries = [entry for entry in read(recorded.after).entries if entry.request is not None and entry.request.path]
    assert len(entries) == 3
    assert all(entry.pid and entry.pid_trust is PidTrust.PROVEN for entry in entries)
    assert all(str(entry.pid) in entry.raw for entry in entries)
    assert not [gap.kind for gap in reported(recorded.after).gaps if gap.kind == recorded.kind]


@pytest.mark.parametrize("name", ["gunicorn with milliseconds", "gunicorn with uvicorn's worker", "uvicorn", "granian"])
def test_the_finer_lines_tell_milliseconds(name: str) -> None:
    entries = [entry for entry in read(RECORDED[name].after).entries if entry.request is not None]
    assert [entry.stamp.tick_us for entry in entries if entry.stamp] == [1000, 1000, 1000]


def test_nginx_names_the_server_behind_it_and_the_id_that_it_passes_on() -> None:
    keys = [dict(entry.keys) for entry in read(NGINX).entries]
    assert [each["upstream"] for each in keys] == ["127.0.0.1:7391", "127.0.0.1:7392"]
    assert all(len(each["request_id"]) == 32 for each in keys)


def test_the_fixture_gives_each_request_an_id_that_both_logs_hold() -> None:
    tests, server = read(PYTEST, Side.TESTS), read(GUNICORN_OF_PYTEST)
    report = analyse(RunEvidence(parts=(tests, server)))
    asked_for = [step for step in report.lineup.steps if step.request is not None]
    assert len(asked_for) == 3
    assert all(step.matches and step.matches[0].confidence > 0.95 for step in asked_for)
    assert not [gap for gap in report.gaps if gap.kind in ("no_request_id", "no_test_times", "coarse_test_stamps")]


def test_the_lines_for_pytest_give_each_step_a_whole_time() -> None:
    stamps = [step.stamp for step in read(PYTEST, Side.TESTS).steps]
    assert all(stamp is not None and stamp.dated and stamp.zoned and stamp.tick_us == 1000 for stamp in stamps)
