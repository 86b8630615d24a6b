"""Takes the pictures of the documentation from a running Lineup, with whatever runs it holds.

    LINEUP_PASSWORD=… python docs/screenshots.py http://127.0.0.1:8000 NAME PROJECT [FOLDER]

Needs Chromium and the packages of requirements/dev.txt.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def signed_in(browser: Browser, site: str, name: str, *, scheme: str, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, device_scale_factor=2)
    page.goto(f"{site}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(os.environ["LINEUP_PASSWORD"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    return page


def take(site: str, name: str, project: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for scheme in ("light", "dark"):
            for width in (390, 1280, 2560):
                page = signed_in(browser, site, name, scheme=scheme, width=width)
                for what, path in (("overview", f"/p/{project}/"), ("upload", f"/p/{project}/upload")):
                    page.goto(site + path)
                    page.screenshot(path=folder / f"{what}-{scheme}-{width}.png", full_page=True)
                page.goto(f"{site}/p/{project}/")
                run = page.locator(".group").first
                if run.count():
                    run.click()
                    page.locator("h1").wait_for()
                    page.screenshot(path=folder / f"run-{scheme}-{width}.png", full_page=True)
                page.close()
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5) or "LINEUP_PASSWORD" not in os.environ or CHROMIUM is None:
        sys.exit(__doc__)
    take(sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3], Path(sys.argv[4] if len(sys.argv) == 5 else "docs/images"))
