"""The classic kinds once more on FastAPI: one portal, one defect at a time, on every server that speaks ASGI."""

from __future__ import annotations

from lab import styles
from lab.scenario import Client, Scenario, Server, Truth
from lab.scenarios.memory import ACCESS, split

LOGIN = ("POST", "/login")


def _portal(
    slug: str, about: str, kind: int, server: tuple[str, str, int], mode: str, client: Client, truth: Truth
) -> Scenario:
    defect, runner, workers = server
    args = ACCESS if runner.startswith("gunicorn") else ()
    env = (("DEFECT", defect),) if defect else ()
    env += () if mode else (("LOG_STYLE", "pid"),)  # a file has no PIDs but those that the lines tell
    return Scenario(
        slug=slug,
        about=about,
        server=Server(
            app="portal_asgi",
            runner=runner,
            workers=workers,
            env=env,
            args=args,
            modes=(mode,) if mode else (),
            host="portal-1",
        ),
        client=client,
        truth=truth,
        remedy_helps=bool(defect),
        split_kind=kind,
        look_alike="" if defect else "shared sessions",
    )


SCENARIOS = (
    _portal(
        "portal-session",
        "Sessions live in the process that took the sign-in: elsewhere the visitor is sent to sign in again.",
        3,
        ("sessions", "uvicorn", 3),
        "short-iso-precise",
        styles.precise("portal"),
        split("in_memory", LOGIN, ("GET", "/account")),
    ),
    _portal(
        "portal-form-key",
        "Every process signs its forms with a key of its own: 403 when the form's answer goes elsewhere.",
        5,
        ("form", "hypercorn", 3),
        "short-precise",
        styles.both("portal"),
        split("session_key", ("GET", "/contact"), ("POST", "/contact")),
    ),
    _portal(
        "portal-state",
        "The state of a connection with a bank is known to the process that began it.",
        6,
        ("states", "granian", 3),
        "short-iso-precise",
        styles.precise("portal"),
        split("in_memory", ("GET", "/connect/start"), ("GET", "/connect/return")),
    ),
    _portal(
        "portal-revoked",
        "Revoked tokens are a set in one process: the token still works elsewhere.",
        7,
        ("revoked", "gunicorn-uvicorn", 3),
        "json",
        styles.log_file("portal"),
        split("in_memory", ("DELETE", "/tokens/current"), ("GET", "/orders")),
    ),
    _portal(
        "portal-menu",
        "A class keeps the menu in an attribute, and only the process that adds a category forgets it.",
        13,
        ("menu", "uvicorn", 2),
        "short-precise",
        styles.live("portal"),
        split("local_cache", ("POST", "/categories"), ("GET", "/menu")),
    ),
    _portal(
        "portal-lockout",
        "Wrong passwords are counted by each process for itself, so the account is locked too late.",
        14,
        ("misses", "hypercorn", 4),
        "",
        styles.captured("portal"),
        split("rate_limit"),
    ),
    _portal(
        "portal-counter",
        "Every process counts sign-ups for itself: the counter goes up and down.",
        15,
        ("signups", "granian", 2),
        "short-precise",
        styles.precise("portal"),
        split("in_memory"),
    ),
    _portal(
        "portal-banner",
        "A setting is changed in the memory of the process that took the PUT.",
        18,
        ("config", "uvicorn", 4),
        "export",
        styles.report_log("portal"),
        split("feature_flag", ("PUT", "/admin/config/banner"), ("GET", "/banner")),
    ),
    _portal(
        "portal-healthy",
        "The same portal with everything shared: every test passes.",
        0,
        ("", "uvicorn", 3),
        "short-iso-precise",
        styles.precise("portal"),
        Truth(kind="consistent_failure"),
    ),
)
