"""What a fork copies or leaves behind, and what every worker does for itself."""

from __future__ import annotations

from dataclasses import replace

from lab import styles
from lab.scenario import Scenario, Server, Truth
from lab.scenarios.memory import ACCESS, WITH_PID, split

CONSISTENT = Truth(kind="consistent_failure")
PRELOADED = (*ACCESS, "--preload")
SENT_TWICE = split(None)
FROZEN = split("local_cache", ("PUT", "/flags/.*"), ("GET", "/flags/.*"))
FROZEN_TRUTHS = (
    ("test_search", split("feature_flag", ("PUT", "/flags/.*"), ("GET", "/search"))),
    # No worker ever learns of it: by its answers alone this one is like a regression.
    ("test_imported", Truth(kind="split_state", side="server", mechanism=None, honest=("consistent_failure",))),
)
# A 500 with its traceback says what broke; that two processes shared the connection takes a second look.
GARBLED = Truth(kind="split_state", side="server", mechanism=None, honest=("server_error",))
SAME_CODE = Truth(kind="split_state", side="server", mechanism="id_counter", honest=("server_error",))
SAME_TOKEN = (("test_every_guest", split("id_counter")),)


def without_preload(scenario: Scenario) -> Scenario:
    """Every worker imports the app for itself."""
    kept = tuple(arg for arg in scenario.server.args if arg != "--preload")
    return replace(scenario, server=replace(scenario.server, args=kept))


SCENARIOS = (
    Scenario(
        slug="reminders-every-worker",
        about="Every gunicorn worker starts a scheduler of its own: each reminder is sent once by every worker.",
        server=Server(app="reminders_app", args=ACCESS, modes=("short-precise",)),
        client=styles.precise("reminders"),
        truth=SENT_TWICE,
        remedy_helps=True,
        split_kind=16,
    ),
    Scenario(
        slug="reminders-per-worker",
        about="The same under two granian workers, with the journal as JSON.",
        server=Server(app="reminders_app", runner="granian", modes=("json",), workers=2),
        client=styles.captured("reminders"),
        truth=SENT_TWICE,
        remedy_helps=True,
        split_kind=16,
    ),
    Scenario(
        slug="reminders-healthy",
        about="The same where only the first worker to get a lock starts the scheduler.",
        server=Server(app="reminders_app", args=ACCESS, env=(("SCHEDULER", "one"),), modes=("short-precise",)),
        client=styles.precise("reminders"),
        truth=CONSISTENT,
        look_alike="background job",
    ),
    Scenario(
        slug="refresh-preload",
        about="The thread that refreshes the flags stays in gunicorn's master: workers know only their own changes.",
        server=Server(app="flags_django", args=PRELOADED, modes=("short-precise",)),
        client=styles.precise("refreshed"),
        truth=FROZEN,
        other_truths=FROZEN_TRUTHS,
        remedy=without_preload,
        remedy_helps=True,
        split_kind=19,
    ),
    Scenario(
        slug="refresh-preload-file",
        about="The same with threads in two workers and a plain log file whose lines carry a PID.",
        server=Server(
            app="flags_django",
            runner="gunicorn-gthread",
            env=(("LOG_STYLE", "pid"),),
            args=(*WITH_PID, "--preload"),
            workers=2,
            modes=(),
        ),
        client=styles.captured("refreshed"),
        truth=FROZEN,
        other_truths=FROZEN_TRUTHS,
        remedy=without_preload,
        remedy_helps=True,
        split_kind=19,
    ),
    Scenario(
        slug="refresh-healthy",
        about="The same without preload: every worker has its thread, and learns of every change.",
        server=Server(app="flags_django", args=ACCESS, modes=("short-precise",)),
        client=styles.precise("refreshed"),
        truth=CONSISTENT,
        look_alike="short cache",
    ),
    Scenario(
        slug="ledger-inherited",
        about="A TLS connection made before the fork is used by all workers: bad record mac, closed, 500 at random.",
        server=Server(app="ledger_app", args=PRELOADED, modes=("short-precise",)),
        client=styles.precise("ledger"),
        truth=GARBLED,
        remedy_helps=True,
        split_kind=20,
    ),
    Scenario(
        slug="ledger-inherited-threads",
        about="The same with threads in four workers; a report log on the client side.",
        server=Server(
            app="ledger_app", runner="gunicorn-gthread", args=PRELOADED, modes=("short-iso-precise",), workers=4
        ),
        client=styles.both("ledger"),
        truth=GARBLED,
        remedy=without_preload,
        remedy_helps=True,
        split_kind=20,
    ),
    Scenario(
        slug="ledger-healthy",
        about="The same with a connection of each worker's own.",
        server=Server(app="ledger_app", args=ACCESS, modes=("short-precise",)),
        client=styles.precise("ledger"),
        truth=CONSISTENT,
        look_alike="shared back end",
    ),
    Scenario(
        slug="vouchers-preload",
        about="A random generator made before the fork gives the same codes in every gunicorn worker.",
        server=Server(app="vouchers_app", args=PRELOADED, modes=("short-precise",)),
        client=styles.precise("vouchers"),
        truth=SAME_CODE,
        other_truths=SAME_TOKEN,
        remedy_helps=True,
        split_kind=21,
    ),
    Scenario(
        slug="vouchers-uwsgi",
        about="The same under uWSGI, which forks after it has loaded the app.",
        server=Server(app="vouchers_app", runner="uwsgi", modes=("short-iso-precise",)),
        client=styles.both("vouchers"),
        truth=SAME_CODE,
        other_truths=SAME_TOKEN,
        remedy_helps=True,
        split_kind=21,
    ),
    Scenario(
        slug="vouchers-healthy",
        about="The same under uWSGI with an app loaded by each process: every code is new.",
        server=Server(app="vouchers_app", runner="uwsgi", args=("--lazy-apps",), modes=("short-iso-precise",)),
        client=styles.precise("vouchers"),
        truth=CONSISTENT,
        look_alike="random codes",
    ),
    Scenario(
        slug="seats-own-lock",
        about="A lock that only one process holds: two guests in two processes buy the same seat.",
        server=Server(
            app="seats_app",
            runner="gunicorn-gthread",
            env=(("LOCK", "thread"),),
            args=ACCESS,
            modes=("short-precise",),
        ),
        client=styles.precise("seats"),
        truth=split("in_memory"),
        remedy_helps=True,
        split_kind=22,
    ),
    Scenario(
        slug="seats-healthy",
        about="The same with a lock that all processes see.",
        server=Server(app="seats_app", runner="gunicorn-gthread", args=ACCESS, modes=("short-precise",)),
        client=styles.precise("seats"),
        truth=CONSISTENT,
        look_alike="concurrent writes",
    ),
)
