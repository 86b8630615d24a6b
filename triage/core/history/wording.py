"""History in sentences: numbers of runs, chances, and tables read aloud to somebody who knows no statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from triage.core.history.records import ExperimentKind, Table

MADE_WITH = {
    ExperimentKind.ONE_PROCESS: "with one server process",
    ExperimentKind.STICKY: "with each client kept on one process",
    ExperimentKind.NO_RECYCLING: "with processes that were never replaced",
    ExperimentKind.ONE_HOST: "with one host",
    ExperimentKind.NO_XDIST: "with one test process",
    ExperimentKind.FIX: "with the fix",
}
_LEAST = 0.0001
_NO_CHANCE = 0.3  # a table that comes about more often than that is nothing to remark on
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMED = 3  # moments named in one sentence


def runs(number: int, more: str = "") -> str:
    """`1 run`, `12 runs`, `3 more runs`."""
    return f"{number:,}{' more' if more else ''} {'run' if number == 1 else 'runs'}"


def percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def chance(value: float) -> str:
    """`1 in 5,000`, `less than 1 in 10,000`: never rounded to nothing."""
    if value < _LEAST:
        return f"less than 1 in {1 / _LEAST:,.0f}"
    return f"1 in {two_digits(1 / value):,}"


def p_value(value: float) -> str:
    """`p = 0.0002`, `p < 0.0001`."""
    if value < _LEAST:
        return f"p < {_LEAST:.4f}"
    return f"p = {value:.4f}" if value < 0.01 else f"p = {value:.2f}"


def by_chance(value: float) -> str:
    """What a p-value means."""
    if value > _NO_CHANCE:
        return f"That is no more than chance gives ({p_value(value)})."
    if value < _LEAST:
        return f"Chance alone would do this in fewer than 1 of {1 / _LEAST:,.0f} such histories ({p_value(value)})."
    return f"Chance alone would do this in 1 of {two_digits(1 / value):,} such histories ({p_value(value)})."


def told(table: Table, apart: str, together: str, only_together: str = "") -> str:
    """`Over 41 runs it failed in 17 of 28 where …, and in 0 of 13 where …. Chance alone would do this in 1 of …`

    `only_together` is said where nothing was apart, so that `together` would refer to nothing.
    """
    unknown = table.unknown_failed + table.unknown_passed
    known = table.different + table.same
    if not known:
        whether = apart.removeprefix("where ")
        return f"Over {runs(unknown)} the logs never tell whether {whether}." if unknown else ""
    parts = []
    if table.different:
        parts.append(f"in {table.failed_different:,} of {table.different:,} {apart}")
    if table.same:
        said = together if parts else only_together or together
        parts.append(f"in {table.failed_same:,} of {table.same:,} {said}")
    sentences = [f"Over {runs(known)} it failed {', and '.join(parts)}."]
    if table.different and table.same:
        sentences.append(by_chance(table.p_value))
    if unknown:
        sentences.append(f"Of {runs(unknown, 'more')} the logs do not tell.")
    return " ".join(sentences)


def named(moments_us: Sequence[int]) -> str:
    """`the run of 20 Nov 2026, 12:00 UTC`, `the runs of …, of … and 4 more`: the newest ones by name."""
    counted = Counter(_moment(each) for each in sorted(moments_us, reverse=True))
    if not counted:
        return ""
    listed = [f"of {moment}" for moment in list(counted)[:_NAMED]]
    left = sum(list(counted.values())[_NAMED:])
    if left:
        listed.append(f"{left:,} more")
    several = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
    return f"the {'run' if counted.total() == 1 else 'runs'} {several}"


def _moment(at_us: int) -> str:
    try:
        at = _EPOCH + timedelta(microseconds=at_us)
    except OverflowError:
        return "an unknown time"
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def two_digits(number: float) -> int:
    """To the two digits that mean something."""
    whole = max(round(number), 1)
    return int(round(number, min(2 - len(str(whole)), 0)))
