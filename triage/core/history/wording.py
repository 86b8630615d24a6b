"""History in sentences: numbers of runs, chances, and tables read aloud."""

from __future__ import annotations

from triage.core.history.records import Table

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_LEAST = 0.0001


def runs(number: int) -> str:
    return f"{spelled(number)} run" if number == 1 else f"{spelled(number)} runs"


def spelled(number: int) -> str:
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def chance(value: float) -> str:
    """`0.0002`, `less than 0.0001`: never rounded to nothing."""
    if value < _LEAST:
        return f"less than {_LEAST:.4f}"
    return f"{value:.4f}" if value < 0.01 else f"{value:.2f}"


def p_value(value: float) -> str:
    return f"p < {_LEAST:.4f}" if value < _LEAST else f"p = {chance(value)}"


def told(table: Table, apart: str, together: str, failures: str = "failed") -> str:
    """`Over 41 runs: failed in 17 of 28 where …, in 0 of 13 where … (p = 0.0002).`"""
    unknown = table.unknown_failed + table.unknown_passed
    rest = f"; of {spelled(unknown)} more the logs do not tell" if unknown else ""
    parts = []
    if table.different:
        parts.append(f"in {table.failed_different} of {table.different} {apart}")
    if table.same:
        parts.append(f"in {table.failed_same} of {table.same} {together}")
    known = table.different + table.same
    if not parts:
        return f"Over {runs(unknown)} the logs never tell whether {apart.removeprefix('where ')}." if unknown else ""
    sure = f" ({p_value(table.p_value)})" if table.different and table.same else ""
    return f"Over {known:,} {'run' if known == 1 else 'runs'}: {failures} {', '.join(parts)}{sure}{rest}."
