"""A file that a worker or beat touches while it goes round, for the health check of its container (LINEUP_ALIVE)."""

from __future__ import annotations

import time
from pathlib import Path

from config import environment

LASTS = 30.0  # seconds


def touch() -> None:
    if name := environment.text("LINEUP_ALIVE"):
        Path(name).touch()


def age() -> float:
    """Seconds since the last touch; endless where there was none."""
    name = environment.text("LINEUP_ALIVE")
    try:
        return time.time() - Path(name).stat().st_mtime if name else float("inf")
    except OSError:
        return float("inf")
