"""Sessions, keys and tokens that only one worker knows; caches and flags that only one worker drops."""

from __future__ import annotations

from lab import styles
from lab.scenario import Client, Scenario, Server, Truth
from lab.scenarios.memory import ACCESS, split

LOGIN = ("POST", "/login")
KEY_TRUTH = split("session_key", LOGIN, ("GET", "/me"))
KEY_TRUTHS = (("test_dashboard", split("session_key", LOGIN, ("GET", "/dashboard"))),)
TOKEN_TRUTH = split("in_memory", LOGIN, ("GET", "/profile"))
TOKEN_TRUTHS = (("test_logout", split("in_memory", LOGIN, ("GET", "/profile"))),)
REVOKED_TRUTH = split("in_memory", ("POST", "/logout"), ("GET", "/profile"))
CACHE_TRUTH = split("local_cache", ("PUT", "/settings/.*"), ("GET", "/settings/.*"))
FLAG_TRUTH = split("feature_flag", ("PUT", "/flags/.*"), ("GET", "/checkout"))

KINDS = {"key": 4, "dict": 3, "blacklist": 7}


def _auth(slug: str, about: str, defect: str, truth: Truth, client: Client, **server: object) -> Scenario:
    kept = Server(app="login_app", env=(("SESSIONS", defect),), **server)  # type: ignore[arg-type]
    others = KEY_TRUTHS if defect == "key" else TOKEN_TRUTHS if defect == "dict" else ()
    return Scenario(
        slug=slug,
        about=about,
        server=kept,
        client=client,
        truth=truth,
        other_truths=others,
        remedy_helps=True,
        split_kind=KINDS[defect],
    )


SCENARIOS = (
    _auth(
        "session-key",
        "Every worker draws a secret key of its own, so a session of one is void in the next.",
        "key",
        KEY_TRUTH,
        styles.precise("auth"),
        args=ACCESS,
        modes=("short-precise",),
    ),
    _auth(
        "session-key-poor",
        "The same with app lines only, one-second stamps, and a client in another zone.",
        "key",
        KEY_TRUTH,
        styles.stamped("auth", timezone="Asia/Kolkata"),
        workers=2,
    ),
    _auth(
        "session-dict",
        "Tokens live in a dict of the worker that took the login.",
        "dict",
        TOKEN_TRUTH,
        styles.captured("auth"),
        args=ACCESS,
        modes=("short-full",),
    ),
    _auth(
        "session-dict-json",
        "The same, journal as JSON, pytest's log file on the client side.",
        "dict",
        TOKEN_TRUTH,
        styles.log_file("auth"),
        args=ACCESS,
        modes=("json",),
        workers=4,
    ),
    _auth(
        "session-revoked",
        "The list of revoked tokens lives in one worker: a token still works after logout, both answers are 200.",
        "blacklist",
        REVOKED_TRUTH,
        styles.both("auth"),
        args=ACCESS,
        modes=("short-iso-precise",),
    ),
    Scenario(
        slug="cache-local",
        about="Each worker keeps a copy of the settings and drops only its own when one changes.",
        server=Server(app="settings_app", env=(("CACHE", "local"),), args=ACCESS, modes=("short-precise",)),
        client=styles.precise("settings"),
        truth=CACHE_TRUTH,
        remedy_helps=True,
        split_kind=12,
    ),
    Scenario(
        slug="cache-local-granian",
        about="The same under granian, whose access lines have no PID.",
        server=Server(app="settings_app", runner="granian", env=(("CACHE", "local"),), modes=("short-iso-precise",)),
        client=styles.live("settings"),
        truth=CACHE_TRUTH,
        remedy_helps=True,
        split_kind=12,
    ),
    Scenario(
        slug="feature-flag",
        about="A feature flag is switched in the memory of the worker that took the PUT.",
        server=Server(app="settings_app", env=(("CACHE", "flags"),), args=ACCESS),
        client=styles.both("settings"),
        truth=FLAG_TRUTH,
        remedy_helps=True,
        split_kind=18,
    ),
)
