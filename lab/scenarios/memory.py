"""State in the memory of one process: items, jobs, numbers, limits, databases."""

from __future__ import annotations

from dataclasses import replace

from lab import styles
from lab.scenario import Route, Scenario, Server, Truth

MEMORY = (("STORE", "memory"),)
ACCESS = ("--access-logfile", "-")
WITH_PID = ("--access-logfile", "-", "--access-logformat", 'pid=%(p)s %(h)s %(t)s "%(r)s" %(s)s %(b)s %(D)s')
ITEM = "/items/[0-9a-f]+"


def split(mechanism: str | None, write: Route | None = None, read: Route | None = None) -> Truth:
    return Truth(kind="split_state", side="server", mechanism=mechanism, write=write, read=read)


ITEM_TRUTH = split("in_memory", ("POST", "/items"), ("GET", ITEM))
ITEM_TRUTHS = (
    ("test_list_has", split("in_memory", ("POST", "/items"), ("GET", "/items"))),
    ("test_change_price", split("in_memory", ("POST", "/items"), ("(PUT|GET)", ITEM))),
    ("test_delete", split("in_memory", ("POST", "/items"), ("DELETE", ITEM))),
    ("test_report", split("in_memory", ("POST", "/items"), ("GET", "/report"))),
)
CANNOT_TELL = ("unexplained",)
JOB_TRUTH = split("job_registry", ("POST", "/exports"), ("GET", "/exports/[0-9a-f]+"))
LIMIT_TRUTHS = (
    ("test_fifth_code", split("rate_limit")),
    ("test_order_numbers", split("id_counter")),
    ("test_note", split("in_memory_database", ("POST", "/notes(/setup)?"), ("(POST|GET)", "/notes"))),
)

SCENARIOS = (
    Scenario(
        slug="memory-items",
        about="Items live in a dict of each gunicorn worker; app lines without a path, plus an access log.",
        server=Server(app="items_app", env=MEMORY, args=ACCESS, modes=("short-precise",)),
        client=styles.precise("shop"),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="memory-items-one-second",
        about="The same with one-second stamps on both sides and thin output.",
        server=Server(app="items_app", env=MEMORY, args=ACCESS, workers=2),
        client=styles.stamped("shop"),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="memory-items-json",
        about="The same, four workers, the journal as JSON, a report log on the client side.",
        server=Server(app="items_app", env=MEMORY, args=WITH_PID, workers=4, modes=("json",), host="app-2"),
        client=styles.report_log("shop"),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        declares=("workers",),
        split_kind=1,
    ),
    Scenario(
        slug="memory-items-access-only",
        about="The app itself logs nothing: only gunicorn's access lines in a journal read in another zone.",
        server=Server(
            app="items_app",
            env=(*MEMORY, ("LOG_STYLE", "none")),
            args=ACCESS,
            reader_timezone="America/New_York",
            modes=("short-precise",),
        ),
        client=styles.log_file("shop", timezone="Europe/Berlin"),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="memory-items-gthread-file",
        about="Threads in two workers, everything in a plain log file whose access lines carry a PID.",
        server=Server(
            app="items_app",
            runner="gunicorn-gthread",
            env=(*MEMORY, ("LOG_STYLE", "pid")),
            args=WITH_PID,
            workers=2,
            modes=(),
        ),
        client=styles.captured("shop"),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="memory-items-no-pid-file",
        about="A plain log file without any PID on served requests: the honest answer is that it cannot tell.",
        server=Server(app="items_app", env=(*MEMORY, ("LOG_STYLE", "plain")), args=ACCESS, modes=()),
        client=styles.captured("shop"),
        truth=replace(ITEM_TRUTH, honest=CANNOT_TELL),
        other_truths=tuple((part, replace(truth, honest=CANNOT_TELL)) for part, truth in ITEM_TRUTHS),
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="memory-items-uvicorn",
        about="FastAPI under uvicorn --workers: access lines with the client's port, PIDs from journald.",
        server=Server(app="items_asgi", runner="uvicorn", env=MEMORY, modes=("short-iso-precise",), host="api-1"),
        client=styles.both("shop"),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="memory-items-uvicorn-worker",
        about="FastAPI under gunicorn with the uvicorn worker; a JUnit file is all that CI keeps.",
        server=Server(
            app="items_asgi",
            runner="gunicorn-uvicorn",
            env=MEMORY,
            args=ACCESS,
            modes=("short-precise",),
            host="api-1",
        ),
        client=styles.junit("shop"),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="memory-items-hypercorn",
        about="FastAPI under hypercorn with two workers.",
        server=Server(app="items_asgi", runner="hypercorn", env=MEMORY, workers=2, modes=("short-iso",)),
        client=styles.precise("shop"),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="memory-items-uwsgi",
        about="Flask under uWSGI with three processes; the journal in export mode.",
        server=Server(app="items_app", runner="uwsgi", env=MEMORY, modes=("export",)),
        client=styles.both("shop"),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="memory-items-busy",
        about="As memory-items, while other clients use the same endpoints.",
        server=Server(app="items_app", env=MEMORY, args=ACCESS, modes=("short-precise",)),
        client=styles.precise("shop", "--deselect=tests/test_items.py::test_list_has_the_new_item"),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        disturbance=styles.busy(("GET", "/items"), ("GET", "/health"), ("GET", "/items/0badcafe")),
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="jobs-polled",
        about="Exports are registered in the memory of the worker that took them, and polled.",
        server=Server(app="jobs_app", env=MEMORY, args=ACCESS, modes=("short-iso-precise",)),
        client=styles.live("jobs"),
        truth=JOB_TRUTH,
        remedy_helps=True,
        split_kind=2,
    ),
    Scenario(
        slug="jobs-polled-quiet",
        about="The same with app lines only (no access log), INFO logs of failing tests, no stamps on the client.",
        server=Server(app="jobs_app", env=MEMORY, host="export-1"),
        client=styles.verbose("jobs"),
        truth=JOB_TRUTH,
        remedy_helps=True,
        split_kind=2,
    ),
    Scenario(
        slug="limits-in-memory",
        about="Rate limit, order numbers and a database that each worker keeps for itself.",
        server=Server(app="limits_app", env=MEMORY, args=ACCESS, modes=("short-precise",)),
        client=styles.stamped("limits"),
        truth=split("in_memory"),
        other_truths=LIMIT_TRUTHS,
        remedy_helps=True,
        split_kind=14,
    ),
    Scenario(
        slug="limits-in-memory-json",
        about="The same with the journal as JSON and a report log.",
        server=Server(app="limits_app", env=MEMORY, args=ACCESS, modes=("json",)),
        client=styles.report_log("limits"),
        truth=split("in_memory"),
        other_truths=LIMIT_TRUTHS,
        remedy_helps=True,
        split_kind=14,
    ),
)
