"""Logs as busy services write them, of any length, streamed: the same every time."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

HOST = "ip-172-31-10-107"
PIDS = (51463, 51464, 51465)
START = datetime(2024, 5, 23, 0, 0, tzinfo=UTC)
_PATHS = ("/cars", "/cars/add", "/users", "/cars/figo", "/register", "/health", "/metrics", "/static/site.css")
_BOOT = "5f2c0c6d6a1e4d0c9a3f6b1f5a7c9e01"

# A run of the original case's kind: what the tests say, and what the server's workers say of the same requests.
CLIENT = """\
{a} | INFO | Base_Logging | log_result | PASS: Successfully added new car with details {{'name': '{name}', \
'brand': 'ford', 'price_range': '5-8 lacs', 'car_type': 'hatchback'}}
{b} | INFO | Base_Logging | conditional_write |   - Successfully fetched cars
{c} | INFO | Base_Logging | log_result | FAIL: Total car count doesnt match expected count
{c} | WARNING | test_api_example |\x20
{c} | INFO | Base_Logging | test_api_example | Exception when trying to run \
test:/home/ci/qxf2-page-object-model/tests/test_api_example.py
"""


def client_log(at: datetime, name: str = "figo") -> str:
    """What the failing test of the original case printed, begun at `at` (naive wall clock in the log, as there)."""
    stamps = {
        key: f"{at + timedelta(seconds=late):%Y-%m-%d %H:%M:%S}" for key, late in zip("abc", (0, 1, 3), strict=True)
    }
    return CLIENT.format(name=name, **stamps)


def served(at: datetime, name: str = "figo") -> list[tuple[datetime, int, str]]:
    """What the server said of it: (time, PID, message) of the write and of the read by another worker."""
    car = f"{{'name': '{name}', 'brand': 'ford', 'price_range': '5-8 lacs', 'car_type': 'hatchback'}}"
    read = at + timedelta(seconds=1)
    return [
        (at, PIDS[0], f"[{at:%Y-%m-%d %H:%M:%S},721] INFO in cars_app: successfully added {car}"),
        (read, PIDS[2], f"[{read:%Y-%m-%d %H:%M:%S},021] INFO in cars_app: Processing /GET request against /cars"),
    ]


def events(count: int, start: datetime = START, per_second: float = 12.0, seed: int = 1) -> Iterator[tuple]:
    """Background of a service: (time, PID, message), `count` of them, in order."""
    chance = random.Random(seed)  # noqa: S311  the same log every time is the point
    at = start
    for number in range(count):
        at += timedelta(microseconds=chance.randrange(int(2_000_000 / per_second)))
        pid, path = chance.choice(PIDS), chance.choice(_PATHS)
        if number % 3:
            client = f"10.0.{chance.randrange(4)}.{chance.randrange(250)}"
            message = (
                f'{client} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" 200 {chance.randrange(90, 9000)} '
                f'"-" "python-requests/2.31.0"'
            )
        else:
            message = f"[{at:%Y-%m-%d %H:%M:%S},{number % 1000:03}] INFO in cars_app: job {number} of {path} took 3 ms"
        yield at, pid, message


def short(lines: Iterator[tuple]) -> Iterator[str]:
    """As `journalctl -o short` prints them."""
    for at, pid, message in lines:
        yield f"{at:%b %d %H:%M:%S} {HOST} gunicorn[{pid}]: {message}\n"


def as_json(lines: Iterator[tuple]) -> Iterator[str]:
    """As `journalctl -o json` prints them, with the fields that a unit's lines really carry."""
    for number, (at, pid, message) in enumerate(lines):
        us = int(at.timestamp() * 1_000_000)
        yield json.dumps(
            {
                "__CURSOR": f"s=0639d1b5;i={number:x};b={_BOOT};m={us - 1700:x};t={us:x};x=9fd0f2f1a5c7f8e2",
                "__REALTIME_TIMESTAMP": str(us), "__MONOTONIC_TIMESTAMP": str(number * 977),
                "__SEQNUM": str(number), "__SEQNUM_ID": "0639d1b51f7b4be2a8a9a8e4f6d1c3b7", "_BOOT_ID": _BOOT,
                "_MACHINE_ID": "ec2f6c1b0a3d4f7e8b9c0d1e2f3a4b5c", "_HOSTNAME": HOST, "PRIORITY": "6",
                "SYSLOG_FACILITY": "3", "SYSLOG_IDENTIFIER": "gunicorn", "_TRANSPORT": "stdout",
                "_STREAM_ID": "8f0e2d4c6b8a4f0e9d7c5b3a19283746", "_PID": str(pid), "_UID": "1000", "_GID": "1000",
                "_COMM": "gunicorn", "_EXE": "/usr/bin/python3.11", "_CAP_EFFECTIVE": "0",
                "_CMDLINE": "/srv/cars/venv/bin/python /srv/cars/venv/bin/gunicorn --workers 3 cars_app:app",
                "_SYSTEMD_CGROUP": "/system.slice/cars.service", "_SYSTEMD_UNIT": "cars.service",
                "_SYSTEMD_SLICE": "system.slice", "_SYSTEMD_INVOCATION_ID": "4e1c0f6d7a8b4c2d9e3f5a6b7c8d9e0f",
                "_SELINUX_CONTEXT": "unconfined\n", "MESSAGE": message,
            }
        ) + "\n"  # fmt: skip


def with_run(background: Iterator[tuple], at: datetime) -> Iterator[tuple]:
    """The background with the two lines of the original case in their place."""
    waiting = served(at)
    for event in background:
        while waiting and waiting[0][0] <= event[0]:
            yield waiting.pop(0)
        yield event
    yield from waiting
