"""Lost state, servers that do not answer, and test processes that work against each other."""

from __future__ import annotations

from lab import styles
from lab.scenario import Disturbance, Scenario, Server, Truth, never_replaced, one_test_process
from lab.scenarios.memory import ACCESS, ITEM, MEMORY

RECYCLED = Truth(
    kind="lost_state", side="server", mechanism="worker_recycled", write=("POST", "/items"), read=("GET", ITEM)
)
KILLED = Truth(
    kind="lost_state", side="server", mechanism="worker_killed", write=("POST", "/items"), read=("GET", ITEM)
)
KILLED_JOB = Truth(
    kind="lost_state",
    side="server",
    mechanism="worker_killed",
    write=("POST", "/exports"),
    read=("GET", "/exports/[0-9a-f]+"),
)
SILENT = Truth(kind="server_unavailable")
WIPED = Truth(kind="split_state", side="test", mechanism="xdist")
KILL_ITEM = Disturbance(kill_writer=("POST", "/items"))

SCENARIOS = (
    Scenario(
        slug="lost-recycled",
        about="One worker, recycled after a few requests: what it held is gone.",
        server=Server(
            app="items_app", env=MEMORY, workers=1, args=(*ACCESS, "--max-requests=5"), modes=("short-precise",)
        ),
        client=styles.precise("patient"),
        truth=RECYCLED,
        remedy=never_replaced,
        remedy_helps=True,
        split_kind=24,
    ),
    Scenario(
        slug="lost-recycled-poor",
        about="The same with one-second stamps.",
        server=Server(app="items_app", env=MEMORY, workers=1, args=("--max-requests=5",)),
        client=styles.stamped("patient"),
        truth=RECYCLED,
        remedy=never_replaced,
        remedy_helps=True,
        split_kind=24,
    ),
    Scenario(
        slug="lost-killed",
        about="One worker, killed by SIGKILL between the write and the read, as the kernel does when memory runs out.",
        server=Server(app="items_app", env=MEMORY, workers=1, args=ACCESS, modes=("short-precise",)),
        client=styles.precise("patient"),
        truth=KILLED,
        disturbance=KILL_ITEM,
        remedy=never_replaced,
        remedy_helps=True,
        split_kind=24,
    ),
    Scenario(
        slug="lost-killed-json",
        about="The same with the journal as JSON and a report log.",
        server=Server(app="items_app", env=MEMORY, workers=1, args=ACCESS, modes=("json",)),
        client=styles.both("patient"),
        truth=KILLED,
        disturbance=KILL_ITEM,
        remedy=never_replaced,
        remedy_helps=True,
        split_kind=24,
    ),
    Scenario(
        slug="lost-killed-job",
        about="The only worker is killed while it runs a job that is polled.",
        server=Server(app="jobs_app", env=MEMORY, workers=1, args=ACCESS, modes=("short-iso-precise",)),
        client=styles.live("jobs"),
        truth=KILLED_JOB,
        disturbance=Disturbance(kill_writer=("POST", "/exports"), kill_delay_s=0.05),
        remedy=never_replaced,
        remedy_helps=True,
        split_kind=24,
    ),
    Scenario(
        slug="silent-down",
        about="The server is gone before the tests begin: connection refused.",
        server=Server(app="items_app", args=ACCESS),
        client=styles.precise("shop"),
        truth=SILENT,
        disturbance=Disturbance(pauses=False, stop_server=True),
        look_alike="server down",
    ),
    Scenario(
        slug="silent-down-reportlog",
        about="The same with a report log only.",
        server=Server(app="items_app", args=ACCESS, modes=("json",)),
        client=styles.report_log("shop"),
        truth=SILENT,
        disturbance=Disturbance(pauses=False, stop_server=True),
        look_alike="server down",
    ),
    Scenario(
        slug="silent-slow",
        about="The report takes 2.5 s, the client gives up after 1.5 s: the server logs 200 afterwards.",
        server=Server(app="items_app", env=(("BUG", "slow"),), args=ACCESS, modes=("short-precise",)),
        client=styles.precise("shop"),
        truth=SILENT,
        look_alike="timeout",
    ),
    Scenario(
        slug="silent-worker-timeout",
        about="gunicorn's master kills the worker that takes longer than a second.",
        server=Server(
            app="items_app", env=(("BUG", "slow"),), args=(*ACCESS, "--timeout", "1"), modes=("short-precise",)
        ),
        client=styles.precise("long"),
        truth=SILENT,
        look_alike="timeout",
    ),
    Scenario(
        slug="xdist-wiping",
        about="Every test process empties the shop before each test, while the others still use it.",
        server=Server(app="items_app", args=ACCESS, modes=("short-precise",)),
        client=styles.captured("parallel", "-n", "3"),
        truth=WIPED,
        remedy=one_test_process,
        remedy_helps=True,
        split_kind=26,
    ),
    Scenario(
        slug="xdist-wiping-reportlog",
        about="The same with a report log.",
        server=Server(app="items_app", args=ACCESS, modes=("short-iso-precise",)),
        client=styles.both("parallel", "-n", "3"),
        truth=WIPED,
        remedy=one_test_process,
        remedy_helps=True,
        split_kind=26,
    ),
)
