"""Clocks that the lab sets wrong: what the recordings show really differs from true time by what was declared."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lab import styles
from lab.clocks import Clocks
from lab.needs import needs
from lab.registry import by_slug
from lab.run import LAB, run_scenario
from lab.scenario import Client, Scenario, Server

Record = dict[str, Any]
FINE = 0.002  # pytest's stamps have milliseconds, cut off
LAG = 0.25  # a journal stamps a line when it reads it, on a machine that does much else
ANSWERED = re.compile(r'(\S+ \S+) \d+ DEBUG urllib3\S* \S+ "(\S+) (\S+) HTTP/1.1" \d+')
CREATED = re.compile(r"\[([^\]]+)\] INFO in items_app: item (\w+) created")

faked = pytest.mark.skipif(find_spec("libfaketime") is None, reason="needs libfaketime")


def _recorded(scenario: Scenario, folder: Path) -> tuple[Path, Record]:
    needed = needs(scenario)
    if needed:
        pytest.skip(needed)
    return folder, run_scenario(scenario, 1, folder)


def _with_json(slug: str) -> Scenario:
    scenario = by_slug(slug)
    return replace(scenario, server=replace(scenario.server, modes=("json",)))


@pytest.fixture(scope="module")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Record]:
    """A runner 0.3 s behind, in a zone that is declared wrongly, and two hosts that are 5 s apart."""
    scenario = replace(
        _with_json("hosts-two-clocks"),
        client=replace(styles.log_file("shop", timezone="Asia/Kathmandu"), ahead_s=-0.3),
        declares=("client_timezone=Europe/Berlin",),
    )
    return _recorded(scenario, tmp_path_factory.mktemp("ahead"))


@pytest.fixture(scope="module")
def drifting(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Record]:
    return _recorded(_with_json("drift-200"), tmp_path_factory.mktemp("drifting"))


@pytest.fixture(scope="module")
def jumping(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Record]:
    return _recorded(_with_json("jump-back-37"), tmp_path_factory.mktemp("jumping"))


def _client_ahead(truth: Record, at: float, host_ahead: float = 0.0) -> float:
    """By how much the client's clock is ahead at a true instant, as the truth tells it of the first host."""
    clock = truth["clock"][0]
    offset = clock["offset_s"] + clock["skew_ppm"] * 1e-6 * (at - clock["at"])
    offset += sum(step["by_s"] for step in clock["steps"] if step["at"] <= at)
    return float(host_ahead - offset)


def _client_stamps(folder: Path, truth: Record) -> list[tuple[float, Record]]:
    """What the tester's log file says of each answer, in seconds since the epoch, with the request."""
    lines = [ANSWERED.match(line) for line in (folder / "tests/pytest.log").read_text().splitlines()]
    found = [(datetime.strptime(m[1], "%Y-%m-%d %H:%M:%S.%f%z").timestamp(), m[2], m[3]) for m in lines if m]
    assert [(method, path) for _, method, path in found] == [(r["method"], r["path"]) for r in truth["requests"]]
    return [(stamp, request) for (stamp, _, _), request in zip(found, truth["requests"], strict=True)]


def _server_stamps(path: Path, truth: Record) -> Iterator[tuple[float, float, Record]]:
    """Of every item that was created: the journal's stamp, the app's own, the request."""
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        match = CREATED.match(entry["MESSAGE"]) if isinstance(entry["MESSAGE"], str) else None
        if match:
            inner = datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S,%f").replace(tzinfo=UTC).timestamp()
            [request] = [r for r in truth["requests"] if r["method"] == "POST" and match[2] in r["body"]]
            yield int(entry["__REALTIME_TIMESTAMP"]) / 1e6, inner, request


def _held_to_the_truth(folder: Path, truth: Record) -> None:
    """Every stamp of the client lies between the true instants of its request, moved by the clock that is declared."""
    steps = [step["at"] for step in truth["clock"][0]["steps"]]
    for stamp, request in _client_stamps(folder, truth):
        sent, received = request["sent"], request["received"]
        if any(sent - FINE <= step <= received + FINE for step in steps):
            continue
        true = stamp - _client_ahead(truth, received)
        assert sent - FINE <= true <= received + FINE, request


def test_a_runner_s_clock_is_behind_by_what_was_declared(ahead: tuple[Path, Record]) -> None:
    folder, truth = ahead
    assert truth["clock"][0]["offset_s"] == 0.3
    _held_to_the_truth(folder, truth)


def test_two_hosts_keep_different_times(ahead: tuple[Path, Record]) -> None:
    folder, truth = ahead
    assert [round(clock["offset_s"], 6) for clock in truth["clock"]] == [0.3, 5.3]
    for host, by in (("web1", 0.0), ("web2", 5.0)):
        stamps = list(_server_stamps(folder / f"server/{host}.journal-json.json", truth))
        assert stamps, host
        for journal, inner, request in stamps:
            begin, end = request["handled"][0], request["handled"][-1]
            assert begin - FINE <= inner - by <= end + FINE
            assert begin - FINE <= journal - by <= end + LAG


def test_a_zone_can_be_declared_wrongly(ahead: tuple[Path, Record]) -> None:
    folder, truth = ahead
    assert truth["client_timezone"] == "Asia/Kathmandu"
    assert json.loads((folder / "meta.json").read_text())["client_timezone"] == "Europe/Berlin"


def test_a_drift_shows_in_the_stamps_over_many_minutes(drifting: tuple[Path, Record]) -> None:
    folder, truth = drifting
    _held_to_the_truth(folder, truth)
    stamps = _client_stamps(folder, truth)
    (first, began), (last, ended) = stamps[0], stamps[-1]
    minutes = (ended["received"] - began["received"]) / 60
    assert minutes > 5
    gained = (last - ended["received"]) - (first - began["received"])
    assert gained == pytest.approx(minutes * 60 * 200e-6, abs=0.03)


def test_the_server_s_clock_goes_through_the_same_minutes_without_a_drift(drifting: tuple[Path, Record]) -> None:
    folder, truth = drifting
    stamps = list(_server_stamps(folder / "server/journal-json.json", truth))
    assert len(stamps) > 3
    for journal, inner, request in stamps:
        begin, end = request["handled"][0], request["handled"][-1]
        assert begin - FINE <= inner <= end + FINE
        assert begin - FINE <= journal <= end + LAG


def test_pytest_s_own_stop_watch_agrees_with_the_stamps(drifting: tuple[Path, Record]) -> None:
    folder, truth = drifting
    match = re.search(r" in ([0-9.]+)s \(", (folder / "tests/pytest.txt").read_text())
    assert match
    requests = truth["requests"]
    assert float(match[1]) == pytest.approx(requests[-1]["received"] - requests[0]["sent"], abs=5)


def test_a_jump_in_mid_run_shows_once(jumping: tuple[Path, Record]) -> None:
    folder, truth = jumping
    [step] = truth["clock"][0]["steps"]
    assert step["by_s"] == 37.0
    _held_to_the_truth(folder, truth)
    stamps = [stamp for stamp, _ in _client_stamps(folder, truth)]
    [back] = [later - earlier for earlier, later in pairwise(stamps) if later < earlier]
    assert back == pytest.approx(-37.0, abs=1.0)


def test_what_ci_notes_is_read_from_the_runner_s_own_clock(jumping: tuple[Path, Record]) -> None:
    folder, truth = jumping
    meta = json.loads((folder / "meta.json").read_text())
    started, finished = (datetime.fromisoformat(meta[name]).timestamp() for name in ("started_at", "finished_at"))
    assert started > truth["requests"][0]["sent"] + 30
    assert finished < truth["requests"][-1]["received"] + 5


@faked
@pytest.mark.parametrize(
    "client",
    [Client(suite="shop", ahead_s=3600.5), Client(suite="shop", ahead_s=3600.5, clock_jumps=((9.0, 1.0),))],
    ids=["set once", "set by a file"],
)
def test_true_time_and_waiting_are_not_faked(client: Client, tmp_path: Path) -> None:
    clocks = Clocks(client, Server(app="items_app"), tmp_path)
    script = (
        "import time, lab_clock; began = time.monotonic(); time.sleep(0.1)\n"
        "print(time.time(), lab_clock.now(), time.monotonic() - began)"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(LAB / "apps"), **clocks.of_client()}
    before = time.time()
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, timeout=20, check=True)
    shown, true, waited = (float(word) for word in done.stdout.split())
    assert shown - true == pytest.approx(3600.5, abs=0.05)
    assert before < true < time.time()
    assert 0.1 <= waited < 5
    assert abs(clocks.client_now() - datetime.now(UTC) - timedelta(seconds=3600.5)) < timedelta(seconds=0.05)


def test_right_clocks_need_no_library(tmp_path: Path) -> None:
    clocks = Clocks(Client(suite="shop"), Server(app="items_app", more_hosts=("web2",)), tmp_path)
    assert set(clocks.of_client()) == set(clocks.of_app("web1", "/srv/data")) == {"LAB_TRUE_CLOCK"}
    assert clocks.of_host("web2", "/srv/data") == {}
    assert [(clock["host"], clock["offset_s"], clock["skew_ppm"], clock["steps"]) for clock in clocks.told()] == [
        ("web1", 0.0, 0.0, []),
        ("web2", 0.0, 0.0, []),
    ]
