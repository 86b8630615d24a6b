"""A test run against a busy made-up service, as records: the same every time, streamed, and with the truth known.

Three hosts with four gunicorn workers each. Every request of the tests leaves a handler's line and an access line;
others send five times as many to the same endpoints; the rest of the log is other endpoints, health checks, talk of
other units, tracebacks and workers that are replaced. The tests' log names no zone, and every host's clock is off.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec

from triage.core.records import (
    SECOND,
    Entry,
    Life,
    LifeEvent,
    Outcome,
    PartRecords,
    PidTrust,
    Request,
    Side,
    Stamp,
    Step,
    TestResult,
)

START = 1_795_435_200 * SECOND
ZONE = 2 * 3600 * SECOND  # what the tests' clock on the wall is ahead of UTC
HOSTS = {"web1": 137_000, "web2": -2_400_000, "web3": 512_000}  # how far each clock is ahead
WORKERS = 4  # of each host
A_SECOND = 300  # entries of all hosts together
SAME = 5  # requests of others to the tests' endpoints, for each of the tests' own
STEPS = 4  # requests of one test
LIFE = 900 * SECOND  # how long a worker lives
LOST = 0.02  # of the tests: another worker does not know what was just made
_THINGS = ("items", "orders", "carts", "users", "notes")
_OTHERS = ("/search", "/api/prices", "/static/site.css", "/api/reports/daily", "/api/media/41/thumb", "/metrics")
_UNITS = ("systemd", "sshd", "CRON", "nginx", "kernel")


class Asked(msgspec.Struct, frozen=True):
    """One request on its way: who sent it, who serves it, and what it comes to."""

    at: int  # true time at which the handler begins
    took: int
    host: str
    slot: int
    method: str
    path: str
    status: int
    size: int
    said: str


class Busy:
    """One run: `tests`, the entries of each host's part, and who served each step's line."""

    def __init__(self, entries: int, requests: int) -> None:
        self._count = entries
        self.seconds = max(2, entries // A_SECOND)
        chance = random.Random(7)  # noqa: S311  the same run every time is the point
        self._starts = {
            (host, slot): chance.randrange(LIFE) for host in HOSTS for slot in range(WORKERS)
        }  # when in its life each slot's first worker is
        self.truth: dict[int, tuple[str, int]] = {}  # line of a step: host and PID
        self._own: dict[str, list[Asked]] = {host: [] for host in HOSTS}
        self.tests = self._tests(requests, chance)

    def pid(self, host: str, slot: int, at: int) -> int:
        """The worker that serves at a true time."""
        turn = (at - START + self._starts[host, slot]) // LIFE
        return 1_000 * (1 + list(HOSTS).index(host)) + 10 * turn + slot

    def _tests(self, requests: int, chance: random.Random) -> PartRecords:
        steps: list[Step] = []
        results: list[TestResult] = []
        pace = (self.seconds - 1) * SECOND // max(requests, 1)
        at = START + SECOND // 2
        for number in range(requests // STEPS):
            thing = _THINGS[number % len(_THINGS)]
            name = f"tests/test_{thing}.py::test_{thing}_{number}"
            one = f"/api/{thing}/{chance.getrandbits(48):012x}"
            lost = chance.random() < LOST
            sent = (
                ("POST", f"/api/{thing}", 201, 90),
                ("GET", one, 404 if lost else 200, 14 if lost else 87),
                ("GET", f"/api/{thing}", 200, 400 + number % 50),
                ("DELETE", one, 404 if lost else 204, 14 if lost else 0),
            )
            for method, path, status, size in sent:
                at += chance.randrange(pace // 2, pace * 3 // 2)
                asked = Asked(
                    at + chance.randrange(800, 4_000), chance.randrange(2_000, 18_000), chance.choice(list(HOSTS)),
                    chance.randrange(WORKERS), method, path, status, size, f"{method.lower()} of {one[5:]}",
                )  # fmt: skip
                self._own[asked.host].append(asked)
                steps.append(_step(len(steps) + 1, asked, name, chance.randrange(300, 2_500)))
                self.truth[len(steps)] = asked.host, self.pid(asked.host, asked.slot, asked.at)
            outcome = Outcome.FAILED if lost else Outcome.PASSED
            message = f"assert 404 == 200, GET {one}" if lost else ""
            results.append(TestResult(test=name, outcome=outcome, message=message, phase="call"))
        return PartRecords(name="pytest.log", side=Side.TESTS, steps=tuple(steps), results=tuple(results))

    def entries(self, host: str) -> Iterator[Entry]:
        """A host's part in file order."""
        chance = random.Random(host)  # noqa: S311
        own = iter(self._own[host])
        following = next(own, None)
        share = self._count / len(HOSTS) / self.seconds  # entries of this host a second
        asked = len(self._own[host]) / self.seconds  # the tests' own requests of a second
        line = owed = 0.0
        seen: dict[int, int] = {}
        for second in range(self.seconds):
            begun = START + second * SECOND
            found: list[tuple[int, int, str, Request | None, LifeEvent | None, str, str]] = []
            while following is not None and following.at < begun + SECOND:
                self._serve(found, following)
                following = next(own, None)
            owed += asked * SAME
            while owed >= 1:
                owed -= 1
                self._serve(found, _foreign(host, begun, chance))
            while len(found) < share:
                self._other(found, host, begun, chance)
            self._replace(found, host, begun, seen)
            for at, pid, message, request, life, unit, level in sorted(found, key=lambda each: each[:2]):
                line += 1
                yield _entry(int(line), at + HOSTS[host], host, pid, message, request, life, unit, level)

    def _serve(self, found: list, asked: Asked) -> None:
        pid = self.pid(asked.host, asked.slot, asked.at)
        thing = asked.path.split("/")[2]
        found.append((asked.at, pid, f"INFO in shop.{thing}: {asked.said}", None, None, "shop.service", "info"))
        found.append(_access(asked, pid))

    def _other(self, found: list, host: str, begun: int, chance: random.Random) -> None:
        at, dice, slot = begun + chance.randrange(SECOND), chance.random(), chance.randrange(WORKERS)
        pid = self.pid(host, slot, at)
        if dice < 0.2:
            found.append(_access(Asked(at, 500, host, slot, "GET", "/health", 200, 2, ""), pid))
        elif dice < 0.4:
            unit = chance.choice(_UNITS)
            message = f"session {chance.randrange(9_000)} of user deploy, slice {chance.randrange(40)} done"
            found.append((at, 600 + _UNITS.index(unit), message, None, None, unit, "info"))
        elif dice < 0.48:
            message = f"INFO in shop.jobs: warmed {chance.randrange(500)} prices in {chance.randrange(90)} ms"
            found.append((at, pid, message, None, None, "shop.service", "info"))
        elif dice < 0.4805:
            message = (
                "ERROR in app: Exception on /search [GET]\nTraceback (most recent call last):\n"
                f"  File \"shop.py\", line {chance.randrange(200)}, in find\nKeyError: 'page'"
            )
            found.append((at, pid, message, None, None, "shop.service", "error"))
            found.append(_access(Asked(at, 900, host, slot, "GET", "/search", 500, 60, ""), pid))
        else:
            path = chance.choice(_OTHERS)
            if path == "/search":
                path += f"?q={chance.getrandbits(24):06x}&page={chance.randrange(9)}"
            method = "POST" if chance.random() < 0.1 else "GET"
            took, size = chance.randrange(1_000, 9_000), chance.randrange(9_000)
            asked = Asked(at, took, host, slot, method, path, 200, size, "")
            if chance.random() < 0.4:
                message = f"INFO in shop.web: rendered {path} in {chance.randrange(900)} us"
                found.append((at, pid, message, None, None, "shop.service", "info"))
            found.append(_access(asked, pid))

    def _replace(self, found: list, host: str, begun: int, seen: dict[int, int]) -> None:
        master = 900 + list(HOSTS).index(host)
        for slot in range(WORKERS):
            pid = self.pid(host, slot, begun)
            if seen.setdefault(slot, pid) != pid:
                gone = LifeEvent(what=Life.EXIT, subject=seen[slot])
                found.append(
                    (begun, seen[slot], f"Worker exiting (pid: {seen[slot]})", None, gone, "shop.service", "info")
                )
                came = LifeEvent(what=Life.BOOT, subject=pid)
                found.append((begun + 1, pid, f"Booting worker with pid: {pid}", None, came, "shop.service", "info"))
                found.append((begun + 1, master, "Handling signal: chld", None, None, "shop.service", "info"))
                seen[slot] = pid


def _step(line: int, asked: Asked, test: str, late: int) -> Step:
    text = f'http://shop.test:80 "{asked.method} {asked.path} HTTP/1.1" {asked.status} {asked.size}'
    at = (asked.at + asked.took + late + ZONE) // 1_000 * 1_000
    return Step(
        line=line,
        raw=f"DEBUG urllib3.connectionpool {text}",
        text=text,
        stamp=Stamp(at, False, 1_000),
        test=test,
        phase="call",
        level="debug",
        logger="urllib3.connectionpool",
        request=Request(
            method=asked.method,
            path=asked.path,
            status=asked.status,
            size=asked.size,
            target="shop.test:80",
            ended=True,
        ),
    )


def _foreign(host: str, begun: int, chance: random.Random) -> Asked:
    """What others ask of the same endpoints."""
    thing, kind = chance.choice(_THINGS), chance.randrange(3)
    one = f"/api/{thing}/{chance.getrandbits(48):012x}"
    method, path, status, size = (
        ("POST", f"/api/{thing}", 201, 90), ("GET", f"/api/{thing}", 200, 400 + chance.randrange(50)),
        ("GET", one, 200, 87),
    )[kind]  # fmt: skip
    return Asked(
        begun + chance.randrange(SECOND), chance.randrange(2_000, 18_000), host, chance.randrange(WORKERS), method,
        path, status, size, f"{method.lower()} of {one[5:]}",
    )  # fmt: skip


def _access(asked: Asked, pid: int) -> tuple[int, int, str, Request, None, str, str]:
    path, _, query = asked.path.partition("?")
    message = f'10.0.4.17 - - "{asked.method} {asked.path} HTTP/1.1" {asked.status} {asked.size} "-" "python-requests"'
    request = Request(
        method=asked.method,
        path=path,
        query=query,
        status=asked.status,
        size=asked.size,
        client="10.0.4.17",
        ended=True,
    )
    return asked.at + asked.took, pid, message, request, None, "shop.service", "info"


def _entry(
    line: int, at: int, host: str, pid: int, message: str, request: Request | None, life: LifeEvent | None, unit: str,
    level: str,
) -> Entry:  # fmt: skip
    return Entry(
        line=line,
        raw=f"2026-11-23T12:00:00.{at % SECOND:06}+00:00 {host} {unit}[{pid}]: {message}",
        stamp=Stamp(at),
        host=host,
        unit=unit,
        boot="5f2c0c6d6a1e4d0c9a3f6b1f5a7c9e01",
        pid=pid,
        pid_trust=PidTrust.PROVEN,
        level=level,
        message=message,
        request=request,
        life=life,
    )
