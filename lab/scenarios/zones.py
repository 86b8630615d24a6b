"""Zones: sides that write different local times, tell their zone wrongly or not at all, or tell no date."""

from __future__ import annotations

from dataclasses import replace

from lab import styles
from lab.scenario import Server
from lab.scenarios.clocks import FASTAPI, FLASK, items_control, items_split

SCENARIOS = (
    items_split(
        "zones-a-day-apart",
        "The runner writes Kiritimati's time (+14 h) and the journal Pago Pago's (-11 h): 25 hours apart.",
        replace(FLASK, modes=("short-precise",), reader_timezone="Pacific/Pago_Pago"),
        styles.precise("shop", timezone="Pacific/Kiritimati"),
    ),
    items_control(
        "zones-a-day-apart-back",
        "The other way round with one-second stamps, and the runner is 2.6 s behind besides.",
        replace(FLASK, reader_timezone="Pacific/Kiritimati"),
        replace(styles.stamped("shop", timezone="Pacific/Pago_Pago"), ahead_s=-2.6),
    ),
    items_control(
        "zones-india-nepal",
        "The runner writes India's time (+5:30) and the journal Nepal's (+5:45).",
        replace(FASTAPI, runner="uvicorn", modes=("short-precise",), reader_timezone="Asia/Kathmandu"),
        styles.precise("shop", timezone="Asia/Kolkata"),
    ),
    items_split(
        "zones-nepal-clock-behind",
        "The runner writes Nepal's time and is 23 minutes behind, which looks like half a quarter of an hour.",
        replace(FLASK, modes=("short-precise",), workers=2),
        replace(styles.precise("shop", timezone="Asia/Kathmandu"), ahead_s=-1378.7),
    ),
    items_split(
        "zones-new-york-time-of-day",
        "Live logs with a time of day and no date, Berlin's; the journal was read in New York.",
        replace(FASTAPI, runner="uvicorn", modes=("short-precise",), reader_timezone="America/New_York"),
        styles.live("shop", timezone="Europe/Berlin"),
    ),
    items_control(
        "zones-time-of-day-clock",
        "Live logs with a time of day, while the runner is 37.2 s ahead; the journal in one-second stamps.",
        FLASK,
        replace(styles.live("shop"), ahead_s=37.2),
    ),
    items_split(
        "zones-declared",
        "Both sides' zones are declared, and rightly; the runner is 3.2 s ahead.",
        replace(FLASK, modes=("short-precise",), reader_timezone="America/New_York"),
        replace(styles.precise("shop", timezone="Asia/Kathmandu"), ahead_s=3.2),
        declares=("client_timezone", "server_timezone"),
    ),
    items_split(
        "zones-declared-wrong",
        "The runner's zone is declared as Berlin's; it writes India's time.",
        replace(FLASK, modes=("short-iso-precise",)),
        styles.precise("shop", timezone="Asia/Kolkata"),
        declares=("client_timezone=Europe/Berlin",),
    ),
    items_control(
        "zones-declared-wrong-server",
        "The server's zone is declared as UTC; the journal was read in New York.",
        replace(FLASK, runner="gunicorn-gthread", modes=("short-precise",), reader_timezone="America/New_York"),
        replace(styles.log_file("shop"), ahead_s=-0.7),
        declares=("server_timezone=UTC",),
    ),
    items_split(
        "zones-log-file",
        "A plain log file in Nepal's local time with PIDs in the app's lines; the runner writes UTC.",
        Server(
            app="items_app",
            env=(("LOG_STYLE", "pid"),),
            args=(),
            workers=2,
            modes=(),
            timezone="Asia/Kathmandu",
        ),
        replace(styles.precise("shop"), ahead_s=0.9),
    ),
    items_split(
        "zones-unstamped-tests",
        "The runner tells no time but each test's begin and end, the journal is in Kiritimati's time.",
        replace(FASTAPI, runner="granian", modes=("short-precise",), reader_timezone="Pacific/Kiritimati"),
        replace(styles.both("shop"), ahead_s=-3.2),
    ),
)
