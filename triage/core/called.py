"""What verdicts and the states of failures are called: in the terminal, on pages, in minutes."""

from __future__ import annotations

KINDS = {
    "split_state": "Split state",
    "lost_state": "Lost state",
    "server_error": "Server error",
    "server_unavailable": "Server unavailable",
    "consistent_failure": "Consistent failure",
    "test_error": "Test error",
    "unexplained": "Unexplained",
}
STATUSES = {
    "new": "new",
    "investigating": "investigating",
    "fix_claimed": "fix claimed",
    "observing": "observing",
    "resolved": "resolved",
}
