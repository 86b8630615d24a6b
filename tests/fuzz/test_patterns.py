"""No regular expression that reads what strangers wrote can backtrack beyond its bounds, as far as its tree tells.

tests/test_regular_expressions.py measures the same expressions; this looks at what no text of a test may reach.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fuzz.backtracking import faults

FOLDERS = ("ingest.formats", "triage.core", "dashboard.timeline")
# Flagged by their tree, and yet linear: each with the reason.
LINEAR: dict[str, str] = {}


def patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled one of a module, also inside its tuples and dicts, by where it stands."""
    found: dict[str, re.Pattern[str]] = {}
    for folder in FOLDERS:
        package = importlib.import_module(folder)
        names = [folder, *(module.name for module in pkgutil.walk_packages(package.__path__, f"{folder}."))]
        for name in names:
            for variable, value in vars(importlib.import_module(name)).items():
                for number, pattern in enumerate(_in(value)):
                    where = f"{name}.{variable}" + (f"[{number}]" if number else "")
                    if pattern not in found.values():
                        found[where] = pattern
    return found


def _in(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, dict) and depth < 4:
        yield from _in(list(value.values()), depth)
    elif isinstance(value, tuple | list | set | frozenset) and depth < 4:
        for item in value:
            yield from _in(item, depth + 1)


def test_no_expression_can_backtrack_beyond_its_bounds():
    found = {where: faults(pattern) for where, pattern in patterns().items()}
    assert len(found) > 100
    assert {where: said for where, said in found.items() if said and where not in LINEAR} == {}


def test_what_is_excused_is_still_there_and_still_needs_it():
    known = patterns()
    assert [where for where in LINEAR if where not in known or not faults(known[where])] == []


@pytest.mark.parametrize(
    "source",
    [
        r"(a+)+$",
        r"(?:\w+\s?)+:",
        r"(?:a|aa)+$",
        r".*,.*x",
        r"\s*\s*x",
        r"\d+\.?\d+x",
        r"[^:]{1,1000}\w{1,1000}=",
        r"(?:\S+ *)*$",
        r"(?:a+b?){1,30}x",
    ],
)
def test_one_that_backtracks_would_be_seen(source: str):
    assert faults(re.compile(source))


@pytest.mark.parametrize(
    "source",
    [
        r"[^,]*,[^,]*,x",
        r"(?:\d+,)*x",
        r"\[(\d+)\] +\[[A-Z]+\] (.*)",
        r"(?>\s*)\s*x",
        r"a{1,200}a{1,200}b",
        r'"[^"]*" \d{3}',
        r"(?:ab|cd)+$",
    ],
)
def test_one_that_does_not_is_left_alone(source: str):
    assert faults(re.compile(source)) == []
