"""Celery beat's clock. It keeps no file: every entry of the schedule may run twice, or late, without harm."""

from __future__ import annotations

from typing import Any

from celery.beat import Scheduler as CelerysScheduler

from config import alive


class Scheduler(CelerysScheduler):
    max_interval = 10  # seconds between two rounds at most, so that a hanging beat is seen

    def tick(self, *args: Any, **kwargs: Any) -> float:
        alive.touch()
        return float(super().tick(*args, **kwargs))
