"""The lineup of a run with thousands of requests, from the click to a picture that answers the pointer.

    .venv/bin/python -m bench.picture [--requests 5000] [--tests 1] [--rounds 7]

One test (or so many) sends all the requests, against a server with others at work beside it. Measured on the running
system: the server's time for the page, for the picture alone and for a window of it, with their bytes; and in a real
Chromium from navigation until the picture is there and its scripts have run, and from a turn of the wheel until the new
window is drawn. Medians of the rounds.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import requests
from playwright.sync_api import Page, sync_playwright

from bench.running import Running

BEGUN = datetime(2026, 11, 23, 3, 10, 11, tzinfo=UTC)
PIDS = (51463, 51464, 51465, 51466)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
LIMIT_MS = 1000  # what is promised of 5,000 requests
FRAGMENT = {"HX-Request": "true", "HX-Target": "lineup"}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--requests", type=int, default=5_000)
    arguments.add_argument("--tests", type=int, default=1)
    arguments.add_argument("--rounds", type=int, default=7)
    given = arguments.parse_args()
    with Running() as lineup:
        tests, server = logs(given.requests, given.tests)
        answer = lineup.upload("bench/picture", tests=("pytest.log", tests), server=("journal.txt", server))
        answer.raise_for_status()
        run = lineup.wait_done(answer.json()["id"], patience=240)
        print(f"{given.requests:,} requests in {given.tests:,} tests: {run['status']}, {run['tests']}")
        path = f"/runs/{answer.json()['id']}"
        session = signed_in(lineup)
        served(lineup, session, path, given.rounds)
        browsed(lineup, session, path, given.rounds)


def logs(count: int, tests: int) -> tuple[bytes, bytes]:
    """What pytest printed and what the server's journal holds; the last test's write and read met different workers."""
    chance = random.Random(5)  # noqa: S311  the same run every time is the point
    at, journal, blocks, names = BEGUN, [], [], []
    for number in range(tests):
        lines = []
        each = count // tests
        for n in range(each):
            at += timedelta(microseconds=chance.randrange(4_000, 20_000))
            last = number == tests - 1 and n >= each - 2
            verb, path = ("POST", "/cars/add") if n % 7 == 0 or (last and n == each - 2) else ("GET", "/cars")
            pid = PIDS[0] if last and n == each - 2 else PIDS[1] if last else chance.choice(PIDS)
            lines.append(_logged(at, verb, path, 90 + n % 400))
            journal.append(_access(at, pid, verb, path, 90 + n % 400))
            if chance.random() < 0.5:
                journal.append(_access(at, chance.choice(PIDS), "GET", "/health", 2))
        names.append(f"tests/test_load.py::test_load_{number}")
        blocks.append("\n".join(lines))
    failures = "".join(
        f"{f' test_load_{number} ':_^80}\nE       assert 4 == 5\n{' Captured log call ':-^80}\n{block}\n"
        for number, block in enumerate(blocks)
    )
    summary = "".join(f"FAILED {name} - assert 4 == 5\n" for name in names)
    listed = "".join(f"{name} FAILED\n" for name in names)
    text = (
        f"{' test session starts ':=^80}\ncollected {tests} items\n\n{listed}\n"
        f"{' FAILURES ':=^80}\n{failures}{' short test summary info ':=^80}\n{summary}"
        f"{f' {tests} failed in {(at - BEGUN).total_seconds():.2f}s ':=^80}\n"
    )
    return text.encode(), "".join(journal).encode()


def _logged(at: datetime, verb: str, path: str, size: int) -> str:
    return (
        f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03} DEBUG    urllib3.connectionpool:connectionpool.py:550 "
        f'http://127.0.0.1:5055 "{verb} {path} HTTP/1.1" 200 {size}'
    )


def _access(at: datetime, pid: int, verb: str, path: str, size: int) -> str:
    return (
        f"{at:%b %d %H:%M:%S}.{at.microsecond:06} web1 gunicorn[{pid}]: 127.0.0.1 - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "
        f'"{verb} {path} HTTP/1.1" 200 {size} "-" "python-requests/2.32.3"\n'
    )


def signed_in(lineup: Running) -> requests.Session:
    """As the administrator that `manage.py up` makes."""
    session = requests.Session()
    session.trust_env = False
    page = f"{lineup.url}/sign-in"
    session.get(page, timeout=10)
    word = (lineup.home / "admin-password").read_text().strip()
    form = {"username": "admin", "password": word, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    session.post(page, data=form, headers={"Referer": page}, timeout=10)
    return session


def served(lineup: Running, session: requests.Session, path: str, rounds: int) -> None:
    """The server's own time, as a client beside it sees it."""
    ends = [f"{BEGUN + timedelta(seconds=after):%Y-%m-%dT%H:%M:%SZ}" for after in (10, 20)]
    half = f"{path}?from={ends[0]}&to={ends[1]}"
    asked = (
        ("the run page", path, {}),
        ("the picture alone", path, FRAGMENT),
        ("a window of ten seconds", half, FRAGMENT),
        ("the whole run", f"{path}?span=run", FRAGMENT),
        ("as SVG", f"{path}/lineup.svg", {}),
        ("as PNG, twice the size", f"{path}/lineup.png?scale=2", {}),
    )
    print("  server: median of the rounds, slowest, bytes (as sent)")
    for name, address, headers in asked:
        took, size = [], 0
        for _ in range(rounds + 1):
            begun = time.perf_counter()
            answer = session.get(lineup.url + address, headers=headers, timeout=60)
            took.append(1000 * (time.perf_counter() - begun))
            answer.raise_for_status()
            size = len(answer.content)
        rest = took[1:]  # the first warms up
        print(f"    {name:28} {median(rest):7.0f} ms {max(rest):7.0f} ms {size:>10,}", flush=True)


def browsed(lineup: Running, session: requests.Session, path: str, rounds: int) -> None:
    """In Chromium, each time a new one without anything cached."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("  no chromium here: nothing measured in a browser")
        return
    ready, wheel, elements = [], [], 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for _ in range(rounds):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies([{"name": "sessionid", "value": session.cookies["sessionid"], "url": lineup.url}])
            page = context.new_page()
            page.goto(lineup.url + path)
            page.locator("svg.picture [tabindex='0']").wait_for(state="attached")
            ready.append(float(page.evaluate(INTERACTIVE)))
            elements = int(page.evaluate("document.querySelectorAll('svg.picture *').length"))
            wheel.append(_turned(page))
            context.close()
        browser.close()
    worst = max(ready)
    print(f"  browser: interactive after {median(ready):.0f} ms (slowest {worst:.0f}), promised {LIMIT_MS} ms; "
          f"a turn of the wheel drawn after {median(wheel):.0f} ms; {elements:,} elements in the picture")  # fmt: skip
    if median(ready) > LIMIT_MS:
        sys.exit("slower than promised")


INTERACTIVE = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"  # deferred scripts have run then


def _turned(page: Page) -> float:
    """Milliseconds from a turn of the wheel over the picture until the server's new window stands there."""
    page.evaluate(WATCH)
    box: Any = page.locator(".canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.locator("html[data-drawn]").wait_for(state="attached")
    page.keyboard.up("Control")
    return float(page.evaluate("window.drawnAt - window.turnedAt"))


WATCH = """() => {
  addEventListener("wheel", () => (window.turnedAt ||= performance.now()), { capture: true, passive: true });
  addEventListener("lineup:drawn", () => requestAnimationFrame(() => {
    window.drawnAt = performance.now();
    document.documentElement.dataset.drawn = "";
  }));
}"""


if __name__ == "__main__":
    main()
