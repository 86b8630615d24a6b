"""How requests come: kept connections, crowds of other clients, threads, redirects, retries, and many of them."""

from __future__ import annotations

from dataclasses import replace

from lab import styles
from lab.scenario import Client, Disturbance, Scenario, Server, Truth, one_test_process
from lab.scenarios.evidence import (
    FASTAPI,
    FLASK,
    HAND_IN,
    PARCELS,
    REGRESSION,
    control,
    split_case,
    with_client,
    with_lines,
)

# About five times as many requests as the tests send at the same time, on the endpoints that the tests use. The tests
# come from afar, so that one machine can serve that many.
CROWD = Disturbance(
    background=(
        HAND_IN,
        HAND_IN,
        ("GET", "/parcels"),
        ("GET", "/parcels?sender=bert"),
        ("GET", "/parcels/0000000000"),
        ("GET", "/parcels/3e5a90c14b"),
        ("GET", "/stations"),
        ("GET", "/stations/berlin"),
    ),
    background_gap_ms=(12.0, 34.0),
    background_clients=3,
)
AFAR_MS = (20.0, 60.0)
WARM_UP = (("WARM_UP", "1"),)
REDIRECTS, QUOTES, RUSH, SEASON = (f"tests/test_{name}.py" for name in ("redirects", "quotes", "rush", "season"))
GTHREAD = replace(FLASK, runner="gunicorn-gthread")


def _crowded(slug: str, about: str, server: Server, client: Client, *, bug: str | None = None) -> tuple[Scenario, ...]:
    """The same twice: among other clients, and without them."""
    client = replace(client, latency_ms=AFAR_MS)

    def case(name: str, what: str, disturbance: Disturbance) -> Scenario:
        if bug is None:
            return split_case(name, what, server, client, disturbance=disturbance)
        return control(name, what, server, client, bug=bug, disturbance=disturbance)

    quiet = replace(CROWD, background=())
    return (
        case(slug, f"{about} Other clients send five times as much on the same endpoints.", CROWD),
        case(f"{slug}-quiet", f"{about} Nobody else is there.", quiet),
    )


def one_thread(scenario: Scenario) -> Scenario:
    """What can be taken from a server that has one process anyway."""
    return replace(scenario, server=replace(scenario.server, args=(*scenario.server.args, "--threads=1")))


SCENARIOS: tuple[Scenario, ...] = (
    *_crowded(
        "crowd-access",
        "Access lines and app words with microseconds.",
        FLASK,
        styles.precise("parcels", PARCELS),
    ),
    *_crowded(
        "crowd-one-second",
        "Access lines with one-second stamps on both sides, a regression.",
        with_lines(replace(FLASK, modes=("short",)), "none"),
        styles.stamped("parcels", PARCELS),
        bug="weight",
    ),
    *_crowded(
        "crowd-words",
        "App words only, no access log.",
        replace(FLASK, args=()),
        styles.log_file("parcels", PARCELS),
    ),
    *_crowded(
        "crowd-json",
        "JSON lines with PID in a file, a regression.",
        with_lines(replace(GTHREAD, args=(), modes=(), workers=4), "json"),
        styles.report_log("parcels", PARCELS),
        bug="page",
    ),
    *_crowded(
        "crowd-uvicorn",
        "uvicorn in the journal, kept connections, a client that logs no wire.",
        FASTAPI,
        with_client(styles.informed("parcels", PARCELS), "session"),
    ),
    *_crowded(
        "crowd-request-id",
        "A request id on both sides, a regression.",
        with_lines(replace(FLASK, modes=("json",)), "request_id"),
        with_client(styles.informed("parcels", PARCELS), "request-id"),
        bug="weight",
    ),
    *_crowded(
        "crowd-season",
        "A longer suite under gthread, JSON lines in the journal, client logs without stamps, a regression.",
        with_lines(replace(GTHREAD, args=(), modes=("short-iso-precise",)), "json"),
        styles.captured("parcels", SEASON, PARCELS, "-k", "not customer or 1"),
        bug="weight",
    ),
    split_case(
        "kept-alive",
        "Each of two clients of a test keeps its connection, so each keeps its worker.",
        GTHREAD,
        with_client(styles.precise("parcels", PARCELS), "session"),
    ),
    control(
        "kept-alive-regression",
        "The same with a shared store and a regression.",
        replace(GTHREAD, modes=("json",)),
        with_client(styles.both("parcels", PARCELS), "session"),
        bug="page",
    ),
    control(
        "kept-alive-healthy",
        "The same with nothing wrong, on gevent workers.",
        replace(FLASK, runner="gunicorn-gevent", modes=("short-iso-precise",)),
        with_client(styles.captured("parcels", PARCELS), "session"),
        bug="",
    ),
    split_case(
        "rush",
        "Threads of one test send at once.",
        GTHREAD,
        styles.precise("parcels", RUSH, PARCELS),
    ),
    control(
        "rush-healthy",
        "The same with a shared store: nothing is wrong.",
        FASTAPI,
        styles.log_file("parcels", RUSH, PARCELS),
        bug="",
    ),
    split_case(
        "redirects",
        "Answers lead on to another path, which another worker may serve.",
        FLASK,
        styles.precise("parcels", REDIRECTS, PARCELS),
    ),
    control(
        "redirects-healthy",
        "The same with a shared store: nothing is wrong.",
        FASTAPI,
        with_client(styles.both("parcels", REDIRECTS, PARCELS), "session"),
        bug="",
    ),
    split_case(
        "retries",
        "Each worker refuses its first quote with 503, and the client tries again, while parcels are split.",
        replace(FLASK, env=WARM_UP),
        with_client(styles.precise("parcels", QUOTES, PARCELS), "patient"),
    ),
    control(
        "retries-healthy",
        "The same with a shared store: another worker answers the second attempt, and every test passes.",
        replace(FLASK, env=WARM_UP, modes=("short",)),
        with_client(styles.captured("parcels", QUOTES, PARCELS), "patient"),
        bug="",
    ),
    split_case(
        "season",
        "A suite of some hundred and fifty requests.",
        replace(FLASK, workers=2),
        styles.precise("parcels", SEASON),
    ),
    control(
        "season-healthy",
        "The same with a shared store: nothing is wrong.",
        with_lines(replace(FASTAPI, modes=("short-iso",)), "words"),
        styles.captured("parcels", SEASON),
        bug="",
    ),
    split_case(
        "xdist-split",
        "Three test processes, and workers that keep parcels for themselves.",
        FLASK,
        styles.precise("parcels", PARCELS, REDIRECTS, "-n", "3"),
    ),
    control(
        "xdist-healthy",
        "The same with a shared store: nothing is wrong.",
        replace(GTHREAD, modes=("short-iso-precise",)),
        styles.both("parcels", PARCELS, REDIRECTS, "-n", "3"),
        bug="",
    ),
    Scenario(
        slug="xdist-wiping-asgi",
        about="Every test process empties the shop before each test, on FastAPI under uvicorn with JSON journal.",
        server=Server(app="items_asgi", runner="uvicorn", modes=("json",)),
        client=styles.report_log("parallel", "-n", "3"),
        truth=Truth(kind="split_state", side="test", mechanism="xdist"),
        remedy=one_test_process,
        remedy_helps=True,
        split_kind=26,
    ),
    Scenario(
        slug="waitress-regression",
        about="waitress: one process with threads, app words only, and a changed weight that loses its decimals.",
        server=Server(
            app="parcels_app", runner="waitress", workers=1, env=(("BUG", "weight"),), modes=("short-precise",)
        ),
        client=styles.precise("parcels", PARCELS),
        truth=REGRESSION,
        remedy=one_thread,
    ),
    Scenario(
        slug="waitress-healthy",
        about="waitress with a dict of its own: one process, so nothing is wrong.",
        server=Server(
            app="parcels_app",
            runner="waitress",
            workers=1,
            env=(("STORE", "memory"), ("LINES", "request_id")),
            modes=("short-iso-precise",),
        ),
        client=with_client(styles.informed("parcels", PARCELS, REDIRECTS), "request-id"),
        truth=REGRESSION,
        remedy=one_thread,
    ),
)
