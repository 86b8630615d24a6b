"""A pytest plugin for runs in which seconds stand for minutes: every test but the first is a long time in preparing.

All clocks of the run skip ahead together, and pytest's own stop watch with them.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import _pytest.timing
import lab_clock
import pytest

ASK = Path(os.environ["LAB_LEAP"])
LAST_LINES_S = 0.08  # access lines follow the answer, and a paused worker takes its time
PATIENCE_S = 2.0

_pytest.timing.perf_counter = lab_clock.now  # type: ignore[assignment]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item is item.session.items[0]:
        return
    time.sleep(LAST_LINES_S)
    ASK.touch()
    until = time.monotonic() + PATIENCE_S
    while ASK.exists() and time.monotonic() < until:
        time.sleep(0.001)
