"""Clocks and zones that disagree, and two hosts behind a proxy."""

from __future__ import annotations

from dataclasses import replace

from lab import styles
from lab.scenario import Client, Scenario, Server, Truth
from lab.scenarios.memory import ACCESS, ITEM, ITEM_TRUTH, ITEM_TRUTHS, MEMORY, split
from lab.scenarios.original import AHEAD, SPLIT_CARS

REPLICA = split("replica", ("POST", "/items"), ("GET", ITEM))
REPLICAS = tuple((part, replace(truth, mechanism="replica")) for part, truth in ITEM_TRUTHS)
CONSISTENT = Truth(kind="consistent_failure")

SCENARIOS = (
    Scenario(
        slug="clock-ahead",
        about="memory-items while the runner's clock is 37.2 s ahead of the server's.",
        server=Server(app="items_app", env=MEMORY, args=ACCESS, modes=("short-precise",)),
        client=replace(styles.precise("shop"), ahead_s=37.2),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
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
    ),
    Scenario(
        slug="clock-behind-one-second",
        about="The runner is 23 minutes behind, one-second stamps on both sides.",
        server=Server(app="items_app", env=MEMORY, args=ACCESS),
        client=replace(styles.stamped("shop"), ahead_s=-1378.7),
        truth=ITEM_TRUTH,
        other_truths=ITEM_TRUTHS,
        remedy_helps=True,
    ),
    Scenario(
        slug="clock-behind-control",
        about="A regression in a shared store while the runner is 3.4 s behind.",
        server=Server(app="items_app", env=(("BUG", "round"),), args=ACCESS, modes=("short-iso-precise",)),
        client=replace(styles.log_file("shop"), ahead_s=-3.4),
        truth=CONSISTENT,
    ),
    Scenario(
        slug="original-clock",
        about="The original case as it was: no zone, one-second stamps, the runner's clock 4 s behind.",
        server=Server(app="cars_app", host="ip-172-31-10-107", env=AHEAD, hosted=True),
        client=Client(suite="cars", uploads=("log/*.log",), terminal=False, ahead_s=-4.0),
        truth=SPLIT_CARS,
        remedy_helps=True,
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
    ),
)
