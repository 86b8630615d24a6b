"""Says of a regular expression, from its tree alone, whether it can backtrack further than its bounds allow.

Two shapes are looked for: a repeat whose turns can be divided in several ways, (a+b?)+, which takes exponential time,
and two long repeats that can divide one text between them, .*,.*x, which takes the square.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]  # the only way to ask an expression what it matches
from typing import Any, NamedTuple

LONG = 256  # a repeat up to this bound multiplies the time by no more than it
TURNS = 8  # so few turns of a repeat cannot be divided in too many ways
ALPHABET = [chr(code) for code in range(256)] + ["\u0416", "\u4e2d", "\ufffd"]  # what is above stands for all above
EVERYTHING = frozenset(ALPHABET)
CLASSES = {
    "CATEGORY_DIGIT": re.compile(r"\d"),
    "CATEGORY_NOT_DIGIT": re.compile(r"\D"),
    "CATEGORY_SPACE": re.compile(r"\s"),
    "CATEGORY_NOT_SPACE": re.compile(r"\S"),
    "CATEGORY_WORD": re.compile(r"\w"),
    "CATEGORY_NOT_WORD": re.compile(r"\W"),
}
Characters = frozenset[str]


class Item(NamedTuple):
    """One element of a sequence, as far as it matters here."""

    characters: Characters  # that it can consume
    nullable: bool
    long: bool  # a repeat of variable length, longer than LONG
    held: bool  # atomic or possessive: what it took it never gives back


def faults(pattern: re.Pattern[str]) -> list[str]:
    """What is wrong with it, in words; empty for most."""
    tree = _parser.parse(pattern.pattern, pattern.flags)
    return list(dict.fromkeys((*_nested(list(tree), last=True), *_adjacent(list(tree), last=True))))


def _nested(tree: list[Any], last: bool) -> Iterator[str]:
    """Repeats of repeats with something behind them that may not fit."""
    for number, each in enumerate(tree):
        name, argument = str(each[0]), each[1]
        inner_last = last and number + 1 == len(tree)
        if name in ("MAX_REPEAT", "MIN_REPEAT") and argument[1] > TURNS and not inner_last:
            shared = _ends(argument[2]) & _starts(argument[2])
            if shared:
                yield f"a repeat within a repeat can be divided in many ways at {_shown(shared)}"
        for inner in _inside(each):
            yield from _nested(list(inner), inner_last and not name.endswith("REPEAT"))


def _shown(characters: Characters) -> str:
    return repr("".join(sorted(characters, key=lambda each: (not each.isprintable(), each)))[:20])


def _ends(tree: Any) -> Characters:
    """What a long or optional repeat at the end of the sequence may go on with."""
    found: Characters = frozenset()
    for each in reversed(list(tree)):
        name, argument = str(each[0]), each[1]
        if name in ("MAX_REPEAT", "MIN_REPEAT") and argument[0] != argument[1]:
            found |= _consumed(argument[2])
        if name == "SUBPATTERN":
            found |= _ends(argument[3])
        if name == "BRANCH":
            # (a|ab) is parsed as a(|b): what may be left out may be the beginning of the next turn
            optional = any(_nullable(branch) for branch in argument[1])
            found |= frozenset().union(*((_consumed if optional else _ends)(branch) for branch in argument[1]))
        if not _item(each).nullable:
            break
    return found


def _starts(tree: Any) -> Characters:
    found: Characters = frozenset()
    for each in tree:
        name, argument = str(each[0]), each[1]
        if name == "SUBPATTERN":
            found |= _starts(argument[3])
        elif name == "BRANCH":
            found |= frozenset().union(*(_starts(branch) for branch in argument[1]))
        elif name.endswith("REPEAT"):
            found |= _starts(argument[2])
        else:
            found |= _item(each).characters
        if not _item(each).nullable:
            break
    return found


def _adjacent(tree: list[Any], last: bool) -> Iterator[str]:
    """Long repeats that can divide a text between them, with something behind them that may not fit."""
    items = [_item(each) for each in tree]
    for at, first in enumerate(items):
        if not first.long or first.held:
            continue
        for further in range(at + 1, len(items)):
            second = items[further]
            shared = first.characters & _starts([tree[further]])
            behind = further + 1 < len(items) or not last
            if second.long and shared and behind:
                yield f"two long repeats can divide {_shown(shared)} between them"
                break
            if not second.nullable and not shared:
                break
    for number, each in enumerate(tree):
        inner_last = last and number + 1 == len(tree)
        for inner in _inside(each):
            yield from _adjacent(list(inner), inner_last)


def _inside(each: Any) -> list[Any]:
    name, argument = str(each[0]), each[1]
    if name.endswith("REPEAT"):
        return [argument[2]]
    if name == "SUBPATTERN":
        return [argument[3]]
    if name == "ATOMIC_GROUP":
        return [argument]
    if name in ("ASSERT", "ASSERT_NOT"):
        return [argument[1]]
    if name == "BRANCH":
        return list(argument[1])
    return []


def _item(each: Any) -> Item:
    name, argument = str(each[0]), each[1]
    if name in ("AT", "ASSERT", "ASSERT_NOT"):
        return Item(frozenset(), True, False, False)
    if name.endswith("REPEAT"):
        low, high, inner = argument
        long = (high is _constants.MAXREPEAT or high - low > LONG) or (
            high > 1 and any(_item(one).long for one in inner)
        )
        return Item(_consumed(inner), low == 0 or _nullable(inner), long, name == "POSSESSIVE_REPEAT")
    inner_trees = _inside(each)
    if inner_trees:
        return Item(
            frozenset().union(*(_consumed(tree) for tree in inner_trees)),
            any(_nullable(tree) for tree in inner_trees),
            any(_item(one).long for tree in inner_trees for one in tree) and len(list(inner_trees[0])) == 1,
            name == "ATOMIC_GROUP",
        )
    return Item(_characters(name, argument), name == "GROUPREF", False, False)


def _nullable(tree: Any) -> bool:
    return all(_item(each).nullable for each in tree)


def _consumed(tree: Any) -> Characters:
    return frozenset().union(*(_item(each).characters for each in tree))


def _characters(name: str, argument: Any) -> Characters:
    if name == "LITERAL":
        return _above(frozenset([chr(argument)]))
    if name == "NOT_LITERAL":
        return EVERYTHING - {chr(argument)}
    if name == "IN":
        return _class(argument)
    return EVERYTHING  # any character, a reference back


def _class(members: Any) -> Characters:
    found: Characters = frozenset()
    negated = False
    for operation, argument in members:
        name = str(operation)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            found |= {chr(argument)}
        elif name == "RANGE":
            found |= {each for each in ALPHABET if argument[0] <= ord(each) <= argument[1]}
        elif name == "CATEGORY":
            found |= {each for each in ALPHABET if CLASSES[str(argument)].match(each)}
    return EVERYTHING - found if negated else _above(found)


def _above(found: Characters) -> Characters:
    """Characters outside the alphabet are taken as one of those that stand for them."""
    return frozenset(each if each in EVERYTHING else "\u4e2d" for each in found)
