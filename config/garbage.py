"""How often a process that lines up runs looks for garbage. Benchmarks do as workers do."""

from __future__ import annotations

import gc


def collect_less_often() -> None:
    """Lining up makes millions of records that live to its end and hold no cycles: looking at them costs a seventh."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
