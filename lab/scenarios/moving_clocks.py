"""Clocks that move: a runner's clock that drifts, and one that is set in the middle of a run.

Drift takes minutes to show, so these runs pass quickly through long pauses between tests.
"""

from __future__ import annotations

from dataclasses import replace

from lab import styles
from lab.scenario import Client, Scenario, Server, one_test_process
from lab.scenarios.clocks import FASTAPI, FLASK, items_control, items_split
from lab.scenarios.lost import WIPED
from lab.scenarios.memory import WITH_PID

UNHURRIED = (25.0, 50.0)  # milliseconds before each request, so that a jump falls among them


def _drifting(client: Client, ppm: float, speed: float, ahead_s: float = 0.0) -> Client:
    return replace(client, drift_ppm=ppm, speed=speed, ahead_s=ahead_s)


def _set(client: Client, after_s: float, by_s: float, ahead_s: float = 0.0) -> Client:
    return replace(client, clock_jumps=((after_s, by_s),), ahead_s=ahead_s, latency_ms=UNHURRIED)


SCENARIOS = (
    items_split(
        "drift-200",
        "The runner's clock gains 200 ppm over a quarter of an hour.",
        replace(FLASK, modes=("short-precise",)),
        _drifting(styles.log_file("shop"), 200.0, 600.0),
    ),
    items_control(
        "drift-200-slow",
        "The runner's clock loses 200 ppm and is 3.2 s ahead; FastAPI under uvicorn.",
        replace(FASTAPI, runner="uvicorn", modes=("short-iso-precise",)),
        _drifting(styles.precise("shop"), -200.0, 600.0, 3.2),
    ),
    items_split(
        "drift-200-zones",
        "The runner's clock gains 200 ppm and is 23 minutes behind; it writes India's time and tells no zone.",
        replace(FLASK, modes=("short-precise",), reader_timezone="America/New_York"),
        _drifting(styles.precise("shop", timezone="Asia/Kolkata"), 200.0, 900.0, -1378.7),
    ),
    items_split(
        "drift-50",
        "The runner's clock gains 50 ppm over an hour; the journal as JSON.",
        replace(FLASK, args=WITH_PID, modes=("json",), host="app-2"),
        _drifting(styles.log_file("shop"), 50.0, 2000.0, -0.3),
    ),
    items_control(
        "drift-50-minutes",
        "The runner's clock gains 50 ppm over five minutes, less than the logs can show.",
        replace(FLASK, runner="gunicorn-gthread", modes=("short-precise",)),
        _drifting(styles.precise("shop"), 50.0, 200.0, -37.1),
    ),
    items_control(
        "drift-200-one-second",
        "The runner's clock gains 200 ppm over two hours, one-second stamps on both sides.",
        FLASK,
        _drifting(styles.stamped("shop"), 200.0, 4000.0),
    ),
    items_split(
        "drift-200-hosts",
        "The runner's clock loses 200 ppm beside two hosts whose clocks are 5 s apart.",
        replace(FLASK, workers=1, more_hosts=("web2",), modes=("short-iso-precise",), clock_ahead=(("web2", 5.0),)),
        _drifting(styles.precise("shop"), -200.0, 600.0),
    ),
    items_split(
        "drift-log-file",
        "The runner's clock gains 120 ppm over half an hour; the app writes a plain log file with PIDs.",
        Server(app="items_app", env=(("LOG_STYLE", "pid"),), args=(), modes=()),
        _drifting(styles.log_file("shop"), 120.0, 1000.0),
    ),
    items_split(
        "jump-back-37",
        "The runner's clock is 37 s ahead until it is set right in the middle of the run.",
        replace(FLASK, modes=("short-precise",)),
        _set(styles.log_file("shop"), 0.5, -37.0, 37.0),
    ),
    items_control(
        "jump-forward",
        "The runner's clock is set 2.5 s forward in the middle of the run.",
        replace(FASTAPI, runner="gunicorn-uvicorn", modes=("short-precise",)),
        _set(styles.precise("shop"), 0.5, 2.5),
    ),
    items_split(
        "jump-hour-back",
        "The runner's local time goes back by an hour in the middle of the run, as at the end of summer.",
        replace(FLASK, modes=("short-precise",), workers=2),
        _set(styles.precise("shop", timezone="Europe/Berlin"), 0.5, -3600.0),
    ),
    items_control(
        "jump-one-second-stamps",
        "The runner's clock is set back by 37 s, one-second stamps on both sides.",
        FLASK,
        _set(styles.stamped("shop"), 0.5, -37.0),
    ),
    items_split(
        "jump-between-tests",
        "A long run whose runner's clock drifts by 80 ppm and is set right twice between tests.",
        replace(FASTAPI, runner="hypercorn", modes=("short-precise",)),
        replace(
            styles.precise("shop"),
            drift_ppm=80.0,
            speed=200.0,
            ahead_s=1.4,
            clock_jumps=((70.0, -1.4), (160.0, 2.0)),
        ),
    ),
    Scenario(
        slug="jump-xdist",
        about="xdist-wiping while the runner's clock is set 2.5 s forward.",
        server=replace(FLASK, modes=("short-precise",)),
        client=_set(styles.precise("parallel", "-n", "2"), 0.9, 2.5),
        truth=WIPED,
        remedy=one_test_process,
        remedy_helps=True,
        split_kind=26,
    ),
)
