"""Lighthouse's opinion of overview, run and meeting, as a signed-in person gets them.

    .venv/bin/python -m bench.lighthouse http://127.0.0.1:8000 --project demo --password-file var/admin-password

The server must run already. Lighthouse comes by npm into a folder of its own, which --tool keeps between runs; the
browser is the machine's Chromium, with the session in its own cookies: what a page fetches later is signed in too.
Both forms are measured: a desktop, and a phone on a slow network. Exits with 1 where a score is below what is promised.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import sync_playwright

VERSION = "13"
PROMISED = 95
CATEGORIES = ("performance", "accessibility", "best-practices")
FORMS: dict[str, tuple[str, ...]] = {"desktop": ("--preset=desktop",), "phone": ()}
CHROME = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
)  # fmt: skip
START_S = 60.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Visitor:
    """A signed-in session at a running Lineup."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False  # the loopback address, whatever proxy the environment names
        self._post("/sign-in", "/sign-in", username=user, password=password)
        if "sessionid" not in self._session.cookies:
            sys.exit(f"{user} could not sign in at {url}.")

    @property
    def cookies(self) -> list[Any]:
        """For a browser."""
        return [{"name": c.name, "value": c.value or "", "url": self.url} for c in self._session.cookies]

    def pages(self, project: str) -> Iterator[tuple[str, str]]:
        """Overview, the newest run of split state or else of any failure, and a running meeting, begun for this."""
        overview = self._get(f"/p/{project}/")
        yield "overview", f"/p/{project}/"
        split = self._get(f"/p/{project}/?verdict=split_state")
        run = re.search(r'href="(/runs/[0-9a-f-]{36})', split) or re.search(r'href="(/runs/[0-9a-f-]{36})', overview)
        if run is None:
            sys.exit(f"The project {project} has no run to look at.")
        yield "run", run.group(1)
        yield "meeting", self._meeting(project)

    def _meeting(self, project: str) -> str:
        meetings = f"/p/{project}/meetings"
        return self._post(meetings, f"{meetings}/begin", name="Lighthouse")

    def _get(self, path: str) -> str:
        answer = self._session.get(self.url + path, timeout=30)
        answer.raise_for_status()
        return answer.text

    def _post(self, form: str, path: str, **fields: str) -> str:
        """Sends a form of a page; returns the path that it led to."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self._get(form))
        sent = {"csrfmiddlewaretoken": token.group(1) if token else "", **fields}
        answer = self._session.post(self.url + path, data=sent, headers={"Referer": self.url + form}, timeout=30)
        answer.raise_for_status()
        return answer.url.removeprefix(self.url)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("url")
    arguments.add_argument("--project", default="demo")
    arguments.add_argument("--user", default="admin")
    arguments.add_argument("--password-file", type=Path, required=True)
    arguments.add_argument("--tool", type=Path, help="a folder that keeps Lighthouse between runs")
    given = arguments.parse_args()
    visitor = Visitor(given.url, given.user, given.password_file.read_text(encoding="utf-8").strip())
    pages = list(visitor.pages(given.project))
    with tempfile.TemporaryDirectory(prefix="lineup-lighthouse-") as folder:
        tool = installed(given.tool or Path(folder))
        with browsing(Path(folder) / "profile", visitor.cookies) as port:
            met = [measured(tool, port, name, visitor.url + path, form) for name, path in pages for form in FORMS]
    sys.exit(0 if all(met) else 1)


def installed(folder: Path) -> Path:
    tool = folder / "node_modules" / ".bin" / "lighthouse"
    if not tool.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"lighthouse@{VERSION}"],
            check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1"},
        )  # fmt: skip
    return tool


@contextmanager
def browsing(profile: Path, cookies: list[Any]) -> Iterator[int]:
    """A browser that is signed in; the port at which it is told what to do."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit("needs chromium")
    browser = subprocess.Popen([program, *CHROME, f"--user-data-dir={profile}"], stderr=subprocess.DEVNULL)
    try:
        port = _port(profile / "DevToolsActivePort")
        with sync_playwright() as playwright:
            playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}").contexts[0].add_cookies(cookies)
        yield port
    finally:
        browser.terminate()
        browser.wait(timeout=START_S)


def _port(file: Path) -> int:
    """Where the browser says that it listens, once it does."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if file.exists() and (said := file.read_text(encoding="utf-8").split()):
            return int(said[0])
        time.sleep(0.1)
    sys.exit("The browser did not start.")


def measured(tool: Path, port: int, name: str, url: str, form: str) -> bool:
    """Prints the scores of one page and what was found wrong with it; whether all that is promised is met."""
    done = subprocess.run(
        [
            str(tool), url, "--output=json", "--quiet", f"--port={port}",
            f"--only-categories={','.join(CATEGORIES)}", "--disable-storage-reset", *FORMS[form],
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        print(f"  {name}, {form}: Lighthouse failed: {done.stderr.strip()[-600:]}")
        return False
    report = json.loads(done.stdout)
    if report["finalDisplayedUrl"].split("#")[0] != url:
        print(f"  {name}, {form}: led to {report['finalDisplayedUrl']}")
        return False
    scores = {key: round(100 * (report["categories"][key]["score"] or 0)) for key in CATEGORIES}
    print(f"  {name}, {form}: " + ", ".join(f"{key} {score}" for key, score in scores.items()), flush=True)
    for line in _found(report):
        print(f"      {line}")
    return min(scores.values()) >= PROMISED


def _found(report: dict[str, Any]) -> Iterator[str]:
    """The audits that cost points, with the element that each points at first."""
    for key in CATEGORIES:
        for one in report["categories"][key]["auditRefs"]:
            audit = report["audits"][one["id"]]
            if one["weight"] and audit["scoreDisplayMode"] == "error":
                yield f"{audit['title']}: {audit.get('errorMessage', 'could not be measured')}"
            elif one["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                items = audit.get("details", {}).get("items", [])
                where = (items[0].get("node") or {}).get("snippet", "") if items else ""
                yield f"{audit['title']} {audit.get('displayValue', '')} {where[:140]}".strip()


if __name__ == "__main__":
    main()
