"""Every regular expression that reads what strangers wrote takes linear time, whatever they wrote.

The texts are made from each expression itself: what it begins to match, then a unit repeated, then what cannot match.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]  # the only way to ask an expression what it matches
from typing import Any

import pytest

FOLDERS = ("ingest.formats", "ingest.redaction", "triage.core", "dashboard.timeline", "dashboard.pages")
ROOT = Path(__file__).parent.parent
LIKELY = "a1 \"[(/-:.=_%,A<{|'\\]\t"
UNITS = [*LIKELY, "é", "a ", "1.", "a=", "[a", "] [", '"a', "::", "a -", " |", "GET /", "1 ", "a,", "()"]
SCREENED, LONG = 2_048, 16_384  # characters; lines are cut at 64 KiB
SUSPECT_S = 0.002  # a linear search of the screened text takes a tenth of this
GROWTH = 3.2  # doubling the text doubles the time; four times as long would be a square


def _in(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict) and depth < 4:
        yield from _in(list(value.values()), depth)
    elif isinstance(value, tuple | list | set | frozenset) and depth < 4:
        for item in value:
            yield from _in(item, depth + 1)


def _found() -> dict[tuple[str, int], tuple[str, re.Pattern[str]]]:
    """Compiled ones of every module, and those written where they are used."""
    found: dict[tuple[str, int], tuple[str, re.Pattern[str]]] = {}
    for folder in FOLDERS:
        package = importlib.import_module(folder)
        names = [folder, *(module.name for module in pkgutil.walk_packages(package.__path__, f"{folder}."))]
        for name in names:
            for variable, value in vars(importlib.import_module(name)).items():
                for pattern in _in(value):
                    found.setdefault((pattern.pattern, pattern.flags), (f"{name}.{variable}", pattern))
        for path in ROOT.joinpath(*folder.split(".")).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if _is_inline(node):
                    pattern = re.compile(node.args[0].value)  # type: ignore[attr-defined]
                    found.setdefault((pattern.pattern, pattern.flags), (f"{path.name}:{node.lineno}", pattern))  # type: ignore[attr-defined]
    return found


def _is_inline(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return False
    called_on = node.func.value
    first = node.args[0]
    return (
        isinstance(called_on, ast.Name)
        and called_on.id == "re"
        and isinstance(first, ast.Constant)
        and isinstance(first.value, str)
    )


def _text(tree: Any, times: int) -> str:
    """Something that the parsed expression matches, each repeat taken so many times where it may be."""
    out = ""
    for operation, argument in tree:
        name = str(operation)
        if name == "LITERAL":
            out += chr(argument)
        elif name in ("ANY", "NOT_LITERAL"):
            out += "a"
        elif name == "IN":
            out += _member(argument)
        elif name.endswith("_REPEAT"):
            low, high, inner = argument
            most = times if high is _constants.MAXREPEAT else min(int(high), times)
            out += _text(inner, times) * max(low, most)
        elif name == "SUBPATTERN":
            out += _text(argument[3], times)
        elif name == "BRANCH":
            out += _text(argument[1][0], times)
    return out


def _member(items: Any) -> str:
    wanted = str(items[0][0]) != "NEGATE"
    return next((char for char in LIKELY if _holds(items, char) is wanted), "a")


def _holds(items: Any, char: str) -> bool:
    kinds = {"DIGIT": char.isdigit(), "SPACE": char.isspace(), "WORD": char.isalnum() or char == "_"}
    for operation, argument in items:
        name = str(operation)
        if name == "LITERAL" and argument == ord(char):
            return True
        if name == "RANGE" and argument[0] <= ord(char) <= argument[1]:
            return True
        if name == "CATEGORY":
            told = str(argument).removeprefix("CATEGORY_")
            if kinds.get(told) or (told.startswith("NOT_") and not kinds.get(told.removeprefix("NOT_"), True)):
                return True
    return False


def _beginnings(pattern: re.Pattern[str]) -> list[str]:
    tree = list(_parser.parse(pattern.pattern, pattern.flags))
    texts = [_text(tree[:length], times) for length in range(len(tree) + 1) for times in (1, 3)]
    return [text for text in dict.fromkeys(texts) if len(text) < 400][:10]


def _attacks(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """What stands before, and what is repeated."""
    beginnings = _beginnings(pattern)
    yield from ((before, unit) for before in beginnings for unit in UNITS)
    yield from (("", before) for before in beginnings if before)


def _only_matched(variable: str) -> bool:
    """Whether an expression is only ever tried at one place of a text, as far as its name tells."""
    called = set(re.findall(rf"\b{re.escape(variable)}\.(\w+)\(", _source()))
    return bool(called) and called <= {"match", "fullmatch"}


@cache
def _source() -> str:
    return "\n".join(p.read_text() for folder in FOLDERS for p in ROOT.joinpath(*folder.split(".")).rglob("*.py"))


def _seconds(pattern: re.Pattern[str], before: str, unit: str, length: int, everywhere: bool = True) -> float:
    text: Any = (before + unit * (length // len(unit)))[:length] + "\0"
    if isinstance(pattern.pattern, bytes):
        text = text.encode()
    began = time.process_time()
    pattern.match(text)
    for _ in pattern.finditer(text) if everywhere else ():
        pass
    return time.process_time() - began


def _best(pattern: re.Pattern[str], before: str, unit: str, length: int, everywhere: bool = True) -> float:
    """The best of three: a machine that is busy may double one of them."""
    return min(_seconds(pattern, before, unit, length, everywhere) for _ in range(3))


@pytest.fixture(scope="module")
def patterns() -> dict[tuple[str, int], tuple[str, re.Pattern[str]]]:
    return _found()


def test_the_expressions_are_found(patterns):
    assert len(patterns) > 100
    assert any(where.startswith("ingest.formats.messages") for where, _ in patterns.values())


def test_no_expression_takes_more_than_linear_time(patterns):
    bad = []
    for where, pattern in patterns.values():
        everywhere = not _only_matched(where.rpartition(".")[2])
        attacks = {attack: _seconds(pattern, *attack, SCREENED, everywhere) for attack in _attacks(pattern)}
        before, unit = max(attacks, key=attacks.__getitem__)
        if attacks[before, unit] < SUSPECT_S:
            continue
        half, whole = (_best(pattern, before, unit, length, everywhere) for length in (LONG // 2, LONG))
        if whole > GROWTH * half:
            bad.append(f"{where}: {before!r} then {unit!r}: {half:.3f} s, twice as long {whole:.3f} s")
    assert not bad, "\n".join(bad)


def test_this_test_would_see_one_that_backtracks():
    square = re.compile(r"\s+$")
    assert (" ", " ") in set(_attacks(square))
    assert _seconds(square, " ", " ", SCREENED) > SUSPECT_S
    assert _best(square, " ", " ", LONG) > GROWTH * _best(square, " ", " ", LONG // 2)
