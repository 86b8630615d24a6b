"""The exact way: a regular expression with named groups, as RE2 reads them, that fits a whole line."""

from __future__ import annotations

import re

from ingest.formats.line_format import engine
from ingest.formats.line_format.fields import BY_NAME, UNITS, Field, named
from ingest.formats.line_format.record import BadPattern, clipped
from ingest.formats.line_format.shape import Group, Piece
from ingest.formats.line_format.times import times
from triage.core.records import Side

GROUP = re.compile(r"\(\?P?<([^<>=!()]{1,60})>")
CLASS_NAME = re.compile(r"\[:\^?[a-z]{1,10}:\]")
REPEAT = re.compile(r"(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\})\??")
ESCAPE = re.compile(r"\\(?:[pP]\{\^?\w{1,40}\}|x\{[0-9A-Fa-f]{1,8}\}|x[0-9A-Fa-f]{2}|Q.{0,1000}?\\E|.)", re.DOTALL)


def groups(pattern: str, side: Side, time: str) -> tuple[Group, ...]:
    """The fields of the expression's named groups. Raises BadPattern."""
    names = GROUP.findall(_without_sets(pattern))
    compiled = engine.compiled(pattern)
    if not names:
        raise BadPattern("The expression names no group: write (?P<time>…), (?P<message>…) and so on.")
    made = []
    seen: set[str] = set()
    for name in names:
        field, unit = _field(name, side)
        if field.name in seen:
            raise BadPattern(f"Two groups are named {field.name}; only one of them can tell it.")
        seen.add(field.name)
        read = times(time, f"The time {clipped(time)}" if time else "The time").read if field.name == "time" else None
        made.append(Group(field.name, compiled.groupindex.get(name, 0), unit, read))
    return tuple(made)


def _field(name: str, side: Side) -> tuple[Field, str]:
    """duration_ms is {duration:ms}: a group's name has no room for a colon."""
    base, _, unit = name.rpartition("_")
    if base == "duration" and unit in UNITS and name not in BY_NAME:
        return named(base, side, f"(?P<{name}>…)"), unit
    return named(name, side, f"(?P<{clipped(name)}>…)"), ""


def pieces(pattern: str) -> tuple[Piece, ...]:
    """The expression in parts that can be tried one after the other; () where it cannot be taken apart."""
    body = pattern.removeprefix("^").removesuffix("$")
    made: list[Piece] = []
    at = 0
    while at < len(body):
        end = _atom(body, at)
        if end is None or body[at] == "|":
            return ()
        if found := REPEAT.match(body, end):
            end = found.end()
        made.append(Piece(body[at:end], body[at:end]))
        at = end
    return tuple(made)


def _atom(body: str, at: int) -> int | None:
    """Where the set, group, escape or character that begins at `at` ends; None where it does not."""
    if found := ESCAPE.match(body, at):
        return found.end()
    if body[at] == "[":
        return _set(body, at)
    if body[at] != "(":
        return at + 1
    depth = 0
    while at < len(body):
        if found := ESCAPE.match(body, at):
            at = found.end()
            continue
        if body[at] == "[":
            end = _set(body, at)
            if end is None:
                return None
            at = end
            continue
        depth += {"(": 1, ")": -1}.get(body[at], 0)
        at += 1
        if not depth:
            return at
    return None


def _set(body: str, at: int) -> int | None:
    at += 1
    at += body.startswith("^", at)
    at += body.startswith("]", at)
    while at < len(body):
        if body[at] == "]":
            return at + 1
        found = CLASS_NAME.match(body, at) or ESCAPE.match(body, at)
        at = found.end() if found else at + 1
    return None


def _without_sets(pattern: str) -> str:
    """The expression without its [sets] and escapes, in which what looks like a group is none."""
    kept = []
    at = 0
    while at < len(pattern):
        found = ESCAPE.match(pattern, at)
        end = found.end() if found else _set(pattern, at) if pattern[at] == "[" else None
        if end is None:
            kept.append(pattern[at])
            at += 1
        else:
            at = end
    return "".join(kept)
