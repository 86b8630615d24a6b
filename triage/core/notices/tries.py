"""When to try again, and when to leave it."""

from __future__ import annotations

TRIES = 12  # in all; with the pauses below, over about five hours
FIRST_S, LONGEST_S = 30.0, 3600.0
PATIENCE_S = 6 * 3600.0  # longer than this nobody makes us wait


def pause(attempt: int, asked_s: float | None, drawn: float) -> float:
    """Seconds until the next try after this many; `asked_s` is what the other side said, `drawn` lies in [0, 1).

    The draw spreads those who failed together, so that they do not come back together.
    """
    doubled: float = FIRST_S * 2.0 ** min(max(attempt - 1, 0), 20)
    own = min(doubled, LONGEST_S) * (0.8 + 0.4 * drawn)
    if asked_s is None:
        return own
    return max(min(max(asked_s, 1.0), PATIENCE_S), own if attempt > 3 else 0.0)
