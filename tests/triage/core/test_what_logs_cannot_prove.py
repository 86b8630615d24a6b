"""The page on what logs cannot prove says what the code does: `python -m` this module writes it anew."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from triage.core.audit import logs_whole, processes_told, requests_told, times_told
from triage.core.audit.catalogue import CATALOGUE, as_markdown

PAGE = Path(__file__).resolve().parents[3] / "docs" / "what-logs-cannot-prove.md"
KINDS = {known.kind for _, gaps in CATALOGUE for known in gaps}


def test_the_page_is_the_list_in_the_code() -> None:
    assert PAGE.read_text() == as_markdown()


def test_every_gap_that_the_auditors_name_is_on_the_list() -> None:
    source = "".join(inspect.getsource(module) for module in (logs_whole, processes_told, requests_told, times_told))
    named = set(re.findall(r'(?:kind=|_gap\(|_absent\(\s*seen,\s*)f?"([a-z_{}]+)"', source))
    named = {kind.replace("{where}", way) for kind in named for way in ("begins", "ends")}
    assert named == KINDS


if __name__ == "__main__":
    PAGE.write_text(as_markdown())
