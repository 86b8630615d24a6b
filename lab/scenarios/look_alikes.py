"""What is mistaken for split state: several workers, a store that all of them share, and another cause."""

from __future__ import annotations

from dataclasses import replace

from lab import styles
from lab.scenario import Client, Scenario, Server, Truth
from lab.scenarios.memory import ACCESS, CANNOT_TELL, WITH_PID

SAME_EVERYWHERE = Truth(kind="consistent_failure")
GUNICORN = Server(app="", args=ACCESS, modes=("short-precise",))
GTHREAD = replace(GUNICORN, runner="gunicorn-gthread")


def _case(
    look_alike: str, about: str, server: Server, client: Client, *, slug: str = "", truth: Truth = SAME_EVERYWHERE
) -> Scenario:
    return Scenario(
        slug="like-" + (slug or look_alike.replace(" ", "-")),
        about=about,
        server=replace(server, app=f"{client.suite}_app"),
        client=client,
        truth=truth,
        look_alike=look_alike,
    )


def _file(name: str) -> str:
    return f"tests/test_{name}.py"


SCENARIOS: tuple[Scenario, ...] = (
    _case(
        "eventual consistency",
        "The search index follows the articles by 0.8 s, whichever process answers.",
        GUNICORN,
        styles.precise("news", _file("search")),
    ),
    _case(
        "eventual consistency",
        "The same under uWSGI, with one-second stamps.",
        replace(GUNICORN, runner="uwsgi", args=(), modes=("short",)),
        styles.stamped("news", _file("search")),
        slug="eventual-consistency-poor",
    ),
    _case(
        "cache lifetime",
        "A cache that all workers share shows a price for two seconds, as it was meant to.",
        GUNICORN,
        styles.precise("news", _file("prices")),
    ),
    _case(
        "cache lifetime",
        "The same under granian, with pytest's live log.",
        replace(GUNICORN, runner="granian", args=(), modes=("short-iso-precise",)),
        styles.live("news", _file("prices")),
        slug="cache-lifetime-granian",
    ),
    _case(
        "client cache",
        "The test's own client keeps an answer for as long as the server allowed it, and never asks again.",
        GUNICORN,
        styles.precise("news", _file("banner")),
    ),
    _case(
        "hidden retry",
        "A payment is booked and answered with 503; the client sends it again by itself, so it is booked twice.",
        GUNICORN,
        styles.precise("news", _file("payments")),
        truth=replace(SAME_EVERYWHERE, honest=("server_error",)),
    ),
    _case(
        "hidden retry",
        "The same with the tests' own lines only, which do not tell of the first attempt.",
        replace(GTHREAD, args=WITH_PID, modes=("json",)),
        styles.informed("news", _file("payments")),
        slug="hidden-retry-informed",
        truth=replace(SAME_EVERYWHERE, honest=("server_error",)),
    ),
    _case(
        "race with itself",
        "The test asks for the result of a background job before the job is done.",
        GUNICORN,
        styles.precise("news", _file("exports")),
    ),
    _case(
        "race with itself",
        "The same on threads, app lines only.",
        replace(GTHREAD, args=()),
        styles.verbose("news", _file("exports")),
        slug="race-with-itself-poor",
    ),
    _case(
        "moderation",
        "A reader's comment waits for its approval, in every worker alike.",
        replace(GUNICORN, modes=("short-iso",)),
        styles.log_file("news", _file("comments")),
    ),
    _case(
        "timeout",
        "Publishing takes a second, the client gives up after 0.6 s: the server logs 201 afterwards.",
        GTHREAD,
        styles.precise("news", _file("long_titles")),
        slug="timeout-write",
        truth=Truth(kind="server_unavailable"),
    ),
    _case(
        "unique key",
        "The shared database refuses an address that is taken already: 409.",
        GUNICORN,
        styles.precise("club", _file("members")),
    ),
    _case(
        "unique key",
        "The same, four gevent workers, a JUnit file.",
        replace(GUNICORN, runner="gunicorn-gevent", workers=4),
        styles.junit("club", _file("members")),
        slug="unique-key-junit",
    ),
    _case(
        "pagination",
        "The list shows five members, oldest first: a new one is on the second page.",
        GUNICORN,
        styles.precise("club", _file("pages")),
    ),
    _case(
        "pagination",
        "The same with the journal as JSON and a report log.",
        replace(GUNICORN, args=WITH_PID, modes=("json",)),
        styles.report_log("club", _file("pages")),
        slug="pagination-json",
    ),
    _case(
        "test order",
        "One test sees what another one left behind, and one counts on what a test that is gone used to leave.",
        GUNICORN,
        styles.precise("club", _file("courts")),
    ),
    _case(
        "test order",
        "The same with unstamped client logs and one-second stamps in the journal.",
        replace(GUNICORN, modes=("short",)),
        styles.captured("club", _file("courts")),
        slug="test-order-captured",
    ),
    _case(
        "worker zone",
        "The servers stand in another zone than the test believes, all of them.",
        replace(GUNICORN, timezone="America/New_York", modes=("short-iso-precise",)),
        styles.precise("club", _file("hours")),
    ),
    _case(
        "worker zone",
        "Two hosts share their store; one of them was set up in another zone than the other.",
        replace(GUNICORN, workers=1, more_hosts=("web2",), host_env=(("web1", "TZ", "Asia/Tokyo"),)),
        styles.precise("club", _file("hours")),
        slug="worker-zone-one-host",
        truth=replace(SAME_EVERYWHERE, honest=CANNOT_TELL),
    ),
    _case(
        "expired token",
        "A token really ends after 0.4 s, and every worker knows it.",
        GUNICORN,
        styles.precise("club", _file("tokens")),
    ),
    _case(
        "expired token",
        "The same on uWSGI with the tests' own lines only.",
        replace(GUNICORN, runner="uwsgi", args=(), modes=("export",)),
        styles.informed("club", _file("tokens")),
        slug="expired-token-uwsgi",
    ),
    _case(
        "mass failure",
        "The database is gone: nearly every test fails, on every process.",
        replace(GUNICORN, env=(("DATABASE", "gone"),)),
        styles.precise("club"),
        truth=Truth(kind="server_error"),
    ),
    _case(
        "mass failure",
        "The same with pytest's default output.",
        replace(GTHREAD, env=(("DATABASE", "gone"),), modes=("short",)),
        styles.plain("club"),
        slug="mass-failure-plain",
        truth=Truth(kind="server_error"),
    ),
)
