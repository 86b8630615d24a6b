"""Which pages are shown, and at which sizes."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import requests
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from lab.screenshots.faults import faults
from lab.screenshots.stage import PROJECT, Stage

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
WIDTHS = (390, 1280, 2560)
SCHEMES = ("light", "dark")
HEIGHT = 900
SHARP = 1.5  # pixels of the picture for one of the page
SETTLE_MS = 400  # until what a page fetches by itself is there


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    path: str
    documented: tuple[str, ...] = ()  # the colour schemes in which its picture is part of the documentation


def shown(stage: Stage) -> tuple[Shown, ...]:
    """Every page that people use, with data in it."""
    run, test = _split_run(stage)
    group = _asked(stage, "groups")["groups"][0]["id"]
    project = f"/p/{PROJECT}"
    return (
        Shown(documented=("light",), name="overview", path=f"{project}/"),
        Shown(documented=SCHEMES, name="run", path=f"/runs/{run}?test={test}"),
        Shown(documented=("light",), name="group", path=f"/groups/{group}"),
        Shown(name="groups", path=f"{project}/groups"),
        Shown(documented=("light",), name="search", path=f"{project}/search?q=cars"),
        Shown(name="sources", path=f"{project}/sources"),
        Shown(name="accuracy", path=f"{project}/accuracy"),
        Shown(name="members", path=f"{project}/settings/members"),
        Shown(name="notifications", path=f"{project}/settings/notifications"),
        Shown(name="tokens", path=f"{project}/settings/tokens"),
        Shown(name="meetings", path=f"{project}/meetings"),
        Shown(name="drop", path="/drop"),
        Shown(name="formats", path="/formats"),
        Shown(name="account", path="/account"),
    )


def take(stage: Stage, chromium: str, out: Path, *, everything: bool) -> dict[str, list[str]]:
    """Writes `out`/NAME-SCHEME-WIDTH.png; returns what looks broken, by picture.

    What the documentation shows is 1280 wide; `everything` is all pages, light and dark, on phones and wide screens.
    """
    out.mkdir(parents=True, exist_ok=True)
    broken: dict[str, list[str]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        pages = (*shown(stage), _meeting(browser, stage))
        for scheme, width in product(SCHEMES, WIDTHS if everything else (1280,)):
            with _signed_in(browser, stage, width, scheme) as context:
                for each in pages:
                    if not everything and scheme not in each.documented:
                        continue
                    name = f"{each.name}-{scheme}-{width}"
                    if found := _taken(context, stage, each, out / f"{name}.png"):
                        broken[name] = found
        browser.close()
    return broken


def _taken(context: BrowserContext, stage: Stage, each: Shown, file: Path) -> list[str]:
    page = context.new_page()
    answer = page.goto(stage.url + each.path)
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=file)
    found = faults(page)
    page.close()
    return found if answer is not None and answer.ok else [f"answered {answer and answer.status}", *found]


def _signed_in(browser: Browser, stage: Stage, width: int, scheme: Any) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT}, color_scheme=scheme, device_scale_factor=SHARP
    )
    page = context.new_page()
    page.goto(f"{stage.url}/sign-in")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(stage.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.close()
    return context


def _meeting(browser: Browser, stage: Stage) -> Shown:
    """Begins a meeting as a person would, and takes two decisions by key, so that its minutes say something."""
    with _signed_in(browser, stage, 1280, "light") as context:
        page = context.new_page()
        page.goto(f"{stage.url}/p/{PROJECT}/meetings")
        page.get_by_role("button", name="Meet now").first.click()
        page.wait_for_url("**/meetings/*")
        path = page.url.removeprefix(stage.url)
        for key in ("a", "j", "b"):
            page.keyboard.press(key)
            page.wait_for_timeout(SETTLE_MS)
    return Shown(documented=("light",), name="meeting", path=path)


def _split_run(stage: Stage) -> tuple[str, str]:
    """The newest run of the original case that failed because of split state, and the test that did."""
    for run in _asked(stage, "runs?verdict=split_state")["runs"]:
        for failure in _asked(stage, f"runs/{run['id']}")["failures"]:
            verdict = failure["verdict"]
            if verdict["kind"] == "split_state" and "/cars" in (verdict["read"] or {}).get("path", ""):
                return run["id"], failure["test"]
    raise LookupError("no run shows the original case")


def _asked(stage: Stage, what: str) -> Any:
    answer = requests.get(f"{stage.url}/api/v1/{what}", headers={"Authorization": f"Bearer {stage.token}"}, timeout=30)
    answer.raise_for_status()
    return answer.json()
