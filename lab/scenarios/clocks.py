"""Clocks that are ahead or behind, and two hosts behind a proxy whose clocks need not agree."""

from __future__ import annotations

from dataclasses import replace

from lab import styles
from lab.scenario import Client, Scenario, Server, Truth, one_test_process
from lab.scenarios.lost import WIPED
from lab.scenarios.memory import ACCESS, ITEM, ITEM_TRUTH, ITEM_TRUTHS, MEMORY, split
from lab.scenarios.original import AHEAD, SPLIT_CARS

REPLICA = split("replica", ("POST", "/items"), ("GET", ITEM))
REPLICAS = tuple((part, replace(truth, mechanism="replica")) for part, truth in ITEM_TRUTHS)
CONSISTENT = Truth(kind="consistent_failure")
TWO_HOSTS = Server(app="items_app", args=ACCESS, workers=1, more_hosts=("web2",))


def items_split(slug: str, about: str, server: Server, client: Client, **more: object) -> Scenario:
    """The shop's items live in the memory of each process."""
    kept = replace(server, env=(*MEMORY, *server.env))
    truths = REPLICAS if server.more_hosts else ITEM_TRUTHS
    return Scenario(
        slug=slug,
        about=about,
        server=kept,
        client=client,
        truth=REPLICA if server.more_hosts else ITEM_TRUTH,
        other_truths=truths,
        remedy_helps=True,
        split_kind=1,
        **more,  # type: ignore[arg-type]
    )


def items_control(slug: str, about: str, server: Server, client: Client, **more: object) -> Scenario:
    """The shop's items are shared, and every process has the same bug: a new price loses its cents."""
    kept = replace(server, env=(("BUG", "round"), *server.env))
    return Scenario(
        slug=slug,
        about=about,
        server=kept,
        client=client,
        truth=CONSISTENT,
        look_alike="regression",
        **more,  # type: ignore[arg-type]
    )


FLASK = Server(app="items_app", args=ACCESS)
FASTAPI = Server(app="items_asgi", host="api-1")

SCENARIOS = (
    Scenario(
        slug="clock-ahead",
        about="memory-items while the runner's clock is 37.2 s ahead of the server's.",
        server=Server(app="items_app", env=MEMORY, args=ACCESS, modes=("short-precise",)),
        client=replace(styles.precise("shop"), ahead_s=37.2),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="clock-behind-zones",
        about="The runner is in India and 23 minutes behind; the journal was read in New York.",
        server=Server(
            app="items_app", env=MEMORY, args=ACCESS, modes=("short-precise",), reader_timezone="America/New_York"
        ),
        client=replace(styles.precise("shop", timezone="Asia/Kolkata"), ahead_s=-1378.7),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="clock-behind-one-second",
        about="The runner is 23 minutes behind, one-second stamps on both sides.",
        server=Server(app="items_app", env=MEMORY, args=ACCESS),
        client=replace(styles.stamped("shop"), ahead_s=-1378.7),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="clock-behind-control",
        about="A regression in a shared store while the runner is 3.4 s behind.",
        server=Server(app="items_app", env=(("BUG", "round"),), args=ACCESS, modes=("short-iso-precise",)),
        client=replace(styles.log_file("shop"), ahead_s=-3.4),
        truth=CONSISTENT,
        look_alike="regression",
    ),
    Scenario(
        slug="original-clock",
        about="The original case as it was: no zone, one-second stamps, the runner's clock 4 s behind.",
        server=Server(app="cars_app", host="ip-172-31-10-107", env=AHEAD, hosted=True),
        client=Client(suite="cars", uploads=("log/*.log",), terminal=False, ahead_s=-4.0),
        truth=SPLIT_CARS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="hosts-two",
        about="Two hosts with one worker each behind nginx, items in memory.",
        server=Server(
            app="items_app", env=MEMORY, args=ACCESS, workers=1, more_hosts=("web2",), modes=("short-iso-precise",)
        ),
        client=styles.precise("shop"),
        truth=REPLICA,
        other_truths=REPLICAS,
        remedy_helps=True,
        split_kind=1,
    ),
    Scenario(
        slug="hosts-two-control",
        about="Two hosts that share their store, and a regression in both.",
        server=Server(
            app="items_app",
            env=(("BUG", "round"),),
            args=ACCESS,
            workers=2,
            more_hosts=("web2",),
            modes=("short-precise",),
        ),
        client=styles.precise("shop"),
        truth=CONSISTENT,
        look_alike="regression",
    ),
    items_split(
        "clock-third-of-a-second",
        "The runner is 0.3 s ahead: an answer seems to come before its request.",
        replace(FLASK, runner="gunicorn-gthread", modes=("short-precise",)),
        replace(styles.precise("shop"), ahead_s=0.3),
    ),
    items_control(
        "clock-third-behind",
        "The runner is 0.3 s behind, FastAPI under uvicorn, a log file with microseconds.",
        replace(FASTAPI, runner="uvicorn", modes=("short-iso-precise",)),
        replace(styles.log_file("shop"), ahead_s=-0.3),
    ),
    items_split(
        "clock-three-seconds",
        "The runner is 3.2 s ahead; a report log beside the terminal's text; hypercorn.",
        replace(FASTAPI, runner="hypercorn", modes=("short-precise",)),
        replace(styles.both("shop"), ahead_s=3.2),
    ),
    items_control(
        "clock-three-one-second",
        "The runner is 3.4 s behind, one-second stamps on both sides.",
        replace(FLASK, modes=("short-iso",)),
        replace(styles.stamped("shop"), ahead_s=-3.4),
    ),
    items_control(
        "clock-37-behind-granian",
        "The runner is 36.9 s behind; granian, whose own stamp is the request's start and the journal's its end.",
        replace(FASTAPI, runner="granian", modes=("short-precise",)),
        replace(styles.precise("shop"), ahead_s=-36.9),
    ),
    items_split(
        "clock-23-minutes-tests-only",
        "The runner is 23 minutes ahead and tells only when each test began and ended.",
        replace(FLASK, modes=("json",)),
        replace(styles.report_log("shop"), ahead_s=1378.7),
    ),
    items_split(
        "clock-hour-ahead",
        "The runner is an hour and a bit ahead, which looks like a zone and is none.",
        replace(FLASK, runner="uwsgi", args=(), modes=("short-precise",)),
        replace(styles.log_file("shop"), ahead_s=3600.4),
    ),
    items_control(
        "clock-hour-behind",
        "The runner is an hour behind, but for a second; stamps without a zone.",
        replace(FLASK, modes=("short-precise",)),
        replace(styles.precise("shop"), ahead_s=-3599.0),
    ),
    Scenario(
        slug="clock-xdist",
        about="xdist-wiping while the runner is 23 minutes behind.",
        server=Server(app="items_app", args=ACCESS, modes=("short-precise",)),
        client=replace(styles.precise("parallel", "-n", "3"), ahead_s=-1378.7),
        truth=WIPED,
        remedy=one_test_process,
        remedy_helps=True,
        split_kind=26,
    ),
    items_split(
        "hosts-two-clocks",
        "Two hosts behind nginx, the second one's clock 5 s ahead.",
        replace(TWO_HOSTS, modes=("short-iso-precise",), clock_ahead=(("web2", 5.0),)),
        styles.precise("shop"),
    ),
    items_split(
        "hosts-two-clocks-one-second",
        "The same with one-second stamps, and the runner is 37 s ahead.",
        replace(TWO_HOSTS, modes=("short",), clock_ahead=(("web2", 5.0),)),
        replace(styles.stamped("shop"), ahead_s=37.0),
    ),
    items_control(
        "hosts-two-clocks-control",
        "Two hosts that share their store, the first one 2.2 s ahead and the second 3.1 s behind.",
        replace(TWO_HOSTS, workers=2, modes=("short-precise",), clock_ahead=(("web1", 2.2), ("web2", -3.1))),
        styles.precise("shop"),
    ),
)
