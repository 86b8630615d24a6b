"""What a person would call broken about a page: it scrolls sideways, text is cut off, or text lies on text."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

_LOOK = (Path(__file__).parent / "faults.js").read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """Sentences, at most twenty; none for a page that is as it should be."""
    found: list[str] = page.evaluate(_LOOK)
    return found
