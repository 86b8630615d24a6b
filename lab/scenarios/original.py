"""The case that started it: a cars API on three gunicorn workers, each with its own list."""

from __future__ import annotations

from lab.scenario import Client, Scenario, Server, Truth

SPLIT_CARS = Truth(
    kind="split_state",
    side="server",
    mechanism="in_memory",
    write=("POST", "/cars/add"),
    read=("GET", "/cars"),
)
AHEAD = (("LOG_AHEAD_S", "1379"),)  # the app's own stamps contradict the journal's, as in the original

ORIGINAL = Scenario(
    slug="original",
    about="The list of cars lives in the memory of each of three gunicorn workers.",
    server=Server(app="cars_app", host="ip-172-31-10-107", env=AHEAD, hosted=True),
    client=Client(suite="cars", uploads=("log/*.log",)),
    truth=SPLIT_CARS,
    remedy_helps=True,
    split_kind=1,
)

SCENARIOS = (
    ORIGINAL,
    Scenario(
        slug="original-log-only",
        about="The original case with nothing but the tester's own log, written in another zone.",
        server=Server(app="cars_app", host="ip-172-31-10-107", env=AHEAD, hosted=True),
        client=Client(suite="cars", uploads=("log/*.log",), terminal=False, timezone="Asia/Kolkata"),
        truth=SPLIT_CARS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="original-precise",
        about="The original case with an access log and precise journal stamps.",
        server=Server(
            app="cars_app",
            host="ip-172-31-10-107",
            hosted=True,
            modes=("short-iso-precise",),
            args=("--access-logfile", "-"),
        ),
        client=Client(suite="cars", uploads=("log/*.log",)),
        truth=SPLIT_CARS,
        remedy_helps=True,
        split_kind=1,
    ),
)
