"""Look-alikes: several workers, state that all of them share, and a failure that has another cause."""

from __future__ import annotations

from lab import styles
from lab.scenario import Client, Disturbance, Scenario, Server, Truth
from lab.scenarios.memory import ACCESS, WITH_PID

CONSISTENT = Truth(kind="consistent_failure")
LOOK_ALIKES = {"count": "regression", "round": "regression", "strict": "new validation", "500": "server error", "": ""}
BROKEN = Truth(kind="server_error")


def _shop(slug: str, about: str, bug: str, truth: Truth, client: Client, **server: object) -> Scenario:
    kept = Server(**{"app": "items_app", "args": ACCESS, "env": (("BUG", bug),), **server})  # type: ignore[arg-type]
    disturbance = styles.busy(("GET", "/items"), ("GET", "/health")) if slug.endswith("-busy") else Disturbance()
    return Scenario(
        slug=slug,
        about=about,
        server=kept,
        client=client,
        truth=truth,
        disturbance=disturbance,
        look_alike=LOOK_ALIKES[bug],
    )


SCENARIOS = (
    _shop(
        "shared-regression",
        "The list never has more than its first page, in every worker alike.",
        "count",
        CONSISTENT,
        styles.precise("shop"),
        modes=("short-precise",),
    ),
    _shop(
        "shared-regression-captured",
        "The same with unstamped client output and one-second journal stamps.",
        "count",
        CONSISTENT,
        styles.captured("shop"),
        workers=4,
    ),
    _shop(
        "shared-regression-busy",
        "The same, while other clients use the shop.",
        "count",
        CONSISTENT,
        styles.precise("shop"),
        modes=("short-precise",),
    ),
    _shop(
        "shared-rounding",
        "A changed price loses its cents, in every worker alike: written on one process, read on another.",
        "round",
        CONSISTENT,
        styles.both("shop"),
        modes=("json",),
    ),
    _shop(
        "shared-rounding-uvicorn",
        "The same on FastAPI under uvicorn.",
        "round",
        CONSISTENT,
        styles.log_file("shop"),
        app="items_asgi",
        runner="uvicorn",
        args=(),
        modes=("short-iso-precise",),
    ),
    _shop(
        "shared-validation",
        "A new rule refuses cheap items with 422.",
        "strict",
        CONSISTENT,
        styles.precise("shop"),
        modes=("short-iso-precise",),
    ),
    _shop(
        "shared-report-500",
        "The report divides by zero: 500 with a traceback.",
        "500",
        BROKEN,
        styles.precise("shop"),
        modes=("short-precise",),
    ),
    _shop(
        "shared-report-500-junit",
        "The same; CI keeps a JUnit file, the journal is JSON.",
        "500",
        BROKEN,
        styles.junit("shop"),
        modes=("json",),
        args=WITH_PID,
    ),
    _shop(
        "shared-500-asgi",
        "The same on FastAPI under gunicorn with the uvicorn worker.",
        "500",
        BROKEN,
        styles.report_log("shop"),
        app="items_asgi",
        runner="gunicorn-uvicorn",
        args=(),
        modes=("short-precise",),
    ),
    _shop(
        "shared-healthy",
        "Nothing is wrong: several workers, a shared store, every test passes.",
        "",
        CONSISTENT,
        styles.precise("shop"),
        modes=("short-precise",),
    ),
    Scenario(
        slug="shared-wrong-expectation",
        about="Nothing keeps notes about a setting apart: the test expects a value that nobody sets.",
        server=Server(app="items_app", args=ACCESS, modes=("short-precise",)),
        client=styles.precise("wrong"),
        truth=CONSISTENT,
        look_alike="wrong expectation",
    ),
    Scenario(
        slug="shared-replica-lag",
        about="A read replica lags by 0.7 s, whichever process answers.",
        server=Server(app="settings_app", env=(("CACHE", "lag"),), args=ACCESS, modes=("short-precise",)),
        client=styles.precise("settings"),
        truth=CONSISTENT,
        look_alike="replica lag",
    ),
    Scenario(
        slug="shared-replica-lag-poor",
        about="The same with thin client output.",
        server=Server(app="settings_app", env=(("CACHE", "lag"),), args=ACCESS),
        client=styles.verbose("settings"),
        truth=CONSISTENT,
        look_alike="replica lag",
    ),
    Scenario(
        slug="broken-tests",
        about="A fixture misses its file, and the tests themselves raise TypeError and AttributeError.",
        server=Server(app="items_app", args=ACCESS, modes=("short-precise",)),
        client=styles.precise("broken"),
        truth=Truth(kind="test_error"),
        look_alike="broken test",
    ),
    Scenario(
        slug="broken-tests-plain",
        about="The same with pytest's default output.",
        server=Server(app="items_app", args=ACCESS),
        client=styles.plain("broken"),
        truth=Truth(kind="test_error"),
        look_alike="broken test",
    ),
    Scenario(
        slug="broken-tests-reportlog",
        about="The same with a report log.",
        server=Server(app="items_app", args=ACCESS, modes=("json",)),
        client=styles.report_log("broken"),
        truth=Truth(kind="test_error"),
        look_alike="broken test",
    ),
)
