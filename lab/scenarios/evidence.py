"""How much logs tell, and in which form: the same parcel service, split or with a regression, under many of them."""

from __future__ import annotations

from dataclasses import replace

from lab import styles
from lab.scenario import Client, Disturbance, Scenario, Server, Truth
from lab.scenarios.memory import ACCESS, CANNOT_TELL, MEMORY, split

PARCEL = "/parcels/[0-9a-f]+"
HAND_IN = ("POST", "/parcels")
SPLIT_PARCELS = split("in_memory", HAND_IN, ("GET", PARCEL))
SPLIT_TRUTHS = (
    ("test_parcels_of", split("in_memory", HAND_IN, ("GET", "/parcels"))),
    ("test_weight_is_kept", split("in_memory", HAND_IN, ("(PUT|GET)", PARCEL))),
    ("test_cancelled", split("in_memory", HAND_IN, ("DELETE", PARCEL))),
    ("test_tracking", split("in_memory", HAND_IN, ("GET", "/(track|parcels)/[0-9a-f]+"))),
    ("test_label", split("in_memory", HAND_IN, ("(POST|GET)", "/(parcels/[0-9a-f]+/label|labels/[0-9a-f]+)"))),
)
REGRESSION = Truth(kind="consistent_failure")
ALONE = Disturbance()
PARCELS = "tests/test_parcels.py"
PID_OF_ACCESS = '%(t)s [%(p)s] "%(m)s %(U)s" %(s)s'
MODE = ("short-precise",)


def with_lines(server: Server, lines: str) -> Server:
    """The same service, telling this much of itself."""
    return replace(server, env=(*server.env, ("LINES", lines)))


def with_client(client: Client, kind: str) -> Client:
    """The same suite on another HTTP client of its own."""
    return replace(client, env=(("HTTP_CLIENT", kind),))


def split_case(
    slug: str,
    about: str,
    server: Server,
    client: Client,
    *,
    told: bool = True,
    disturbance: Disturbance = ALONE,
) -> Scenario:
    """Parcels live in the memory of the worker that took them. `told` is false where no log tells a PID."""
    honest = () if told else CANNOT_TELL
    mechanism = "replica" if server.more_hosts else "in_memory"
    return Scenario(
        slug=slug,
        about=about,
        server=replace(server, env=(*server.env, *MEMORY)),
        client=client,
        truth=replace(SPLIT_PARCELS, mechanism=mechanism, honest=honest),
        other_truths=tuple((part, replace(truth, mechanism=mechanism, honest=honest)) for part, truth in SPLIT_TRUTHS),
        disturbance=disturbance,
        remedy_helps=True,
        split_kind=1,
    )


def control(
    slug: str,
    about: str,
    server: Server,
    client: Client,
    *,
    bug: str = "weight",
    disturbance: Disturbance = ALONE,
) -> Scenario:
    """The same with a store that all workers share, and a regression in all of them; `bug` "" is healthy."""
    return Scenario(
        slug=slug,
        about=about,
        server=replace(server, env=(*server.env, ("BUG", bug))),
        client=client,
        truth=REGRESSION,
        disturbance=disturbance,
        look_alike="regression" if bug else "",
    )


def _pair(
    slug: str, about: str, server: Server, client: Client, *, told: bool = True, bug: str = "weight"
) -> tuple[Scenario, Scenario]:
    ending = "regression" if bug else "healthy"
    return (
        split_case(f"evidence-{slug}", about, server, client, told=told),
        control(f"evidence-{slug}-{ending}", f"{about} Shared store, {ending}.", server, client, bug=bug),
    )


FLASK = Server(app="parcels_app", args=ACCESS, modes=MODE)
FASTAPI = Server(app="parcels_asgi", runner="uvicorn", modes=MODE)

SCENARIOS: tuple[Scenario, ...] = (
    *_pair(
        "access-line",
        "Only gunicorn's access lines; the app says nothing.",
        with_lines(FLASK, "none"),
        styles.informed("parcels", PARCELS),
    ),
    *_pair(
        "app-words",
        "Only the app's own words, without method, path or status.",
        replace(FLASK, args=()),
        styles.precise("parcels", PARCELS),
        bug="page",
    ),
    *_pair(
        "no-method",
        "The app names the path and the status, but not the method; no access log.",
        with_lines(replace(FLASK, args=(), workers=4), "path"),
        styles.log_file("parcels", PARCELS),
    ),
    *_pair(
        "no-pid-uvicorn",
        "uvicorn's default lines in a file: no PID and no time.",
        with_lines(replace(FASTAPI, modes=()), "none"),
        with_client(styles.both("parcels", PARCELS), "session"),
        told=False,
        bug="",
    ),
    *_pair(
        "boot-pids-only",
        "gunicorn's lines in a file: PIDs only where workers boot and end.",
        with_lines(replace(FLASK, modes=(), workers=2), "words"),
        styles.precise("parcels", PARCELS),
        told=False,
    ),
    *_pair(
        "ports",
        "The client's port on both sides, connections that are kept alive, PIDs from journald.",
        with_lines(FASTAPI, "none"),
        with_client(styles.informed("parcels", PARCELS), "ports"),
    ),
    *_pair(
        "ports-file",
        "The same in uvicorn's own file, with times but no PID.",
        with_lines(replace(FASTAPI, modes=(), args=("--log-config", "/srv/app/uvicorn_stamped.json")), "none"),
        with_client(styles.precise("parcels", PARCELS), "ports"),
        told=False,
        bug="page",
    ),
    *_pair(
        "uvicorn-pid-file",
        "uvicorn with a log config that names the process, in a file.",
        with_lines(replace(FASTAPI, modes=(), args=("--log-config", "/srv/app/uvicorn_pid.json")), "pid"),
        styles.live("parcels", PARCELS),
    ),
    *_pair(
        "request-id",
        "An X-Request-ID that both sides log.",
        with_lines(replace(FLASK, runner="gunicorn-gthread", modes=("json",)), "request_id"),
        with_client(styles.informed("parcels", PARCELS), "request-id"),
        bug="page",
    ),
    *_pair(
        "traceparent",
        "A traceparent that both sides log.",
        with_lines(replace(FASTAPI, runner="gunicorn-uvicorn", modes=("short-iso",)), "trace"),
        with_client(styles.log_file("parcels", PARCELS), "trace"),
    ),
    *_pair(
        "json-lines",
        "The app's lines are JSON with method, path, duration and PID, in a file.",
        with_lines(replace(FLASK, args=(), modes=()), "json"),
        styles.report_log("parcels", PARCELS),
        bug="",
    ),
    *_pair(
        "one-second",
        "One-second stamps on both sides, app lines without a path beside the access log.",
        replace(FLASK, modes=("short",)),
        styles.stamped("parcels", PARCELS),
    ),
    *_pair(
        "zones",
        "A server in Tokyo with stamps of its own in a file, a client in Chile; neither names its zone.",
        with_lines(replace(FLASK, runner="gunicorn-gevent", args=(), modes=(), timezone="Asia/Tokyo"), "pid"),
        styles.precise("parcels", PARCELS, timezone="America/Santiago"),
        bug="page",
    ),
    *_pair(
        "nginx-front",
        "Three hosts, each with an nginx in front whose access log is a file beside the app's journal.",
        Server(app="parcels_app", runner="gunicorn-nginx", workers=1, more_hosts=("web2", "web3"), modes=MODE),
        styles.precise("parcels", PARCELS),
    ),
    *_pair(
        "short-access",
        "An access line with PID, method, path and status in a file; no duration, no size, app silent.",
        with_lines(
            replace(FLASK, args=("--access-logfile", "-", "--access-logformat", PID_OF_ACCESS), modes=()), "none"
        ),
        styles.stamped("parcels", PARCELS),
    ),
    *_pair(
        "granian-asgi",
        "FastAPI under granian, the journal in export mode.",
        replace(FASTAPI, runner="granian", modes=("export",), workers=2),
        styles.captured("parcels", PARCELS),
        bug="",
    ),
    *_pair(
        "hypercorn-json",
        "FastAPI under hypercorn whose app lines are JSON, in the journal.",
        with_lines(replace(FASTAPI, runner="hypercorn", workers=2), "json"),
        styles.junit("parcels", PARCELS),
    ),
)
