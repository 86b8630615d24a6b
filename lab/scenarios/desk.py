"""More things that one process keeps for itself, each beside the same app without the defect; and a redeployment."""

from __future__ import annotations

from lab import styles
from lab.scenario import Client, Disturbance, Scenario, Server, Truth, never_replaced
from lab.scenarios.memory import ACCESS, ITEM, MEMORY, split

CONSISTENT = Truth(kind="consistent_failure")
KINDS = {"csrf": 5, "states": 6, "paid": 22, "hits": 15, "lru": 13, "feed": 8}
NOTICE = split("local_cache", ("PUT", "/notices/.*"), ("GET", "/notices/.*"))


# With threads, because a listener of the feed would keep a worker without them to itself.
def _desk(defect: str, about: str, truth: Truth, client: Client, mode: str) -> Scenario:
    return Scenario(
        slug=f"desk-{defect}",
        about=about,
        server=Server(app="desk_app", runner="gunicorn-gthread", env=(("DEFECT", defect),), args=ACCESS, modes=(mode,)),
        client=client,
        truth=truth,
        remedy_helps=True,
        split_kind=KINDS[defect],
    )


SCENARIOS = (
    _desk(
        "csrf",
        "Every worker draws a form token of its own: the form's GET and its POST meet different ones.",
        split("session_key", ("GET", "/tickets/new"), ("POST", "/tickets")),
        styles.precise("desk"),
        "short-precise",
    ),
    _desk(
        "states",
        "The state of a sign-in round trip is known to the worker that began it.",
        split("in_memory", ("GET", "/oauth/login"), ("GET", "/oauth/callback")),
        styles.both("desk"),
        "short-iso-precise",
    ),
    _desk(
        "paid",
        "Idempotency keys live in one process: a payment sent twice is charged twice.",
        split("in_memory"),
        styles.precise("desk"),
        "short-precise",
    ),
    _desk(
        "hits",
        "A counter per process: it goes up and down as different workers answer.",
        split("in_memory"),
        styles.log_file("desk"),
        "json",
    ),
    _desk(
        "lru",
        "functools.lru_cache without an end: other workers show the old team lead.",
        split("local_cache", ("PUT", "/teams/.*"), ("GET", "/teams/.*")),
        styles.precise("desk"),
        "short-precise",
    ),
    _desk(
        "feed",
        "Listeners are known to the worker that accepted them; a post on another worker reaches nobody.",
        split("broadcast", ("POST", "/posts"), ("GET", "/feed")),
        styles.precise("desk"),
        "short-precise",
    ),
    Scenario(
        slug="desk-healthy",
        about="The same desk with everything shared: every test passes on several workers.",
        server=Server(app="desk_app", runner="gunicorn-gthread", args=ACCESS, modes=("short-precise",)),
        client=styles.precise("desk"),
        truth=CONSISTENT,
    ),
    Scenario(
        slug="django-locmem",
        about="Django's local-memory cache under three gunicorn workers.",
        server=Server(app="board_django", env=MEMORY, args=ACCESS, modes=("short-precise",)),
        client=styles.precise("board"),
        truth=NOTICE,
        remedy_helps=True,
        split_kind=12,
    ),
    Scenario(
        slug="django-locmem-uwsgi",
        about="The same under uWSGI; a JUnit file is all that CI keeps.",
        server=Server(app="board_django", runner="uwsgi", env=MEMORY, modes=("short-precise",)),
        client=styles.junit("board"),
        truth=NOTICE,
        remedy_helps=True,
        split_kind=12,
    ),
    Scenario(
        slug="django-regression",
        about="A file cache that all workers share; the text comes back in another spelling.",
        server=Server(app="board_django", env=(("BUG", "title"),), args=ACCESS, modes=("short-precise",)),
        client=styles.precise("board"),
        truth=CONSISTENT,
        look_alike="regression",
    ),
    Scenario(
        slug="lost-redeployed",
        about="The service is reloaded between the write and the read.",
        server=Server(app="items_app", env=MEMORY, workers=1, args=ACCESS, modes=("short-precise",)),
        client=styles.precise("patient"),
        truth=Truth(
            kind="lost_state", side="server", mechanism="redeploy", write=("POST", "/items"), read=("GET", ITEM)
        ),
        disturbance=Disturbance(reload_after=("POST", "/items")),
        remedy=never_replaced,
        remedy_helps=True,
        split_kind=24,
    ),
    Scenario(
        slug="hosts-one-bad",
        about="Two hosts share their store; the report fails with 500 on one of them only.",
        server=Server(
            app="items_app",
            args=ACCESS,
            workers=1,
            more_hosts=("web2",),
            host_env=(("web1", "BUG", "500"),),
            modes=("short-iso-precise",),
        ),
        client=styles.precise("long"),
        truth=Truth(kind="server_error"),
        look_alike="bad replica",
    ),
)
