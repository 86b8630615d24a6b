"""No page, at any width: scrolls sideways, has text on text or text cut off, or lines too long to read."""

from __future__ import annotations

import pytest

from lab.screenshots.faults import faults
from tests.browser.conftest import Opened

WIDTHS = [390, 1280, 2560]


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_looks_broken_on_any_page(width: int, opened: Opened, every_page: dict[str, str]):
    page = opened("/formats", width=width)
    base = page.url.removesuffix("/formats")
    broken = {}
    for name, path in every_page.items():
        page.goto(base + path)
        broken[name] = faults(page)
    assert {name: found for name, found in broken.items() if found} == {}
