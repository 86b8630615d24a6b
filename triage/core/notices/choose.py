"""Which rule asks for what: verdicts, how sure they are, and branches by name."""

from __future__ import annotations

from collections.abc import Iterable

from triage.core.findings import Level

_SURENESS = {level.value: place for place, level in enumerate(Level)}


def asks_for(kinds: Iterable[str], level: str, failure_kind: str, failure_level: str) -> bool:
    """Whether a rule with these verdict kinds (none: all) and this least level wants to hear of a failure.

    What has no verdict yet passes only where a rule asks for nothing in particular.
    """
    wanted = tuple(kinds)
    if wanted and failure_kind not in wanted:
        return False
    return not level or _SURENESS.get(failure_level, -1) >= _SURENESS.get(level, 0)


def on_branch(patterns: str, branch: str) -> bool:
    """Whether a branch fits one of several names with *, separated by commas; every branch fits where there are none.

    `refs/heads/main` is the branch `main`.
    """
    names = [name for name in (part.strip() for part in patterns.split(",")) if name]
    short = branch.removeprefix("refs/heads/")
    return not names or any(fits(name.removeprefix("refs/heads/"), short) for name in names)


def fits(pattern: str, name: str) -> bool:
    """Whether a name is the pattern's, in which * stands for any characters. Linear: it never goes back."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == name
    *middle, last = rest
    if not name.startswith(first) or len(name) < len(first) + len(last) or not name.endswith(last):
        return False
    at, end = len(first), len(name) - len(last)
    for piece in middle:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
