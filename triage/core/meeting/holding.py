"""What of a meeting's decisions holds at its end: of several about the same, the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

ABOUT = {  # fields of an item, and what they are about
    "status": "status", "passes_wanted": "status", "observing_since": "status", "closed_at": "status",
    "owner": "owner", "owner_name": "owner", "due": "due", "ticket": "ticket", "blocker": "blocker",
}  # fmt: skip
ANSWERS = ("accepted", "overruled")


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, or what is left of it."""

    item: int
    what: str
    before: Mapping[str, Any] = {}
    after: Mapping[str, Any]
    text: str = ""


def holding(decided: Sequence[Held]) -> list[Held | None]:
    """For each of these decisions, which are in order, what of it holds; None where later ones replaced all of it.

    A note, or whatever changes no field, replaces nothing and stays.
    """
    later: set[tuple[int, str]] = set()
    found: list[Held | None] = []
    for one in reversed(decided):
        matters = {"verdict"} if one.what in ANSWERS else {ABOUT[name] for name in one.after if name in ABOUT}
        kept = {each for each in matters if (one.item, each) not in later}
        later |= {(one.item, each) for each in matters}
        found.append(one if kept == matters else _rest(one, kept) if kept else None)
    return found[::-1]


def in_effect(decided: Sequence[Held]) -> list[Held | None]:
    """The same at the end of it all: what went back to how it was before, without a word, is not worth a line."""
    first: dict[tuple[int, str], Any] = {}
    for one in decided:
        for name, value in one.before.items():
            first.setdefault((one.item, name), value)
    return [None if one is None or _came_to_nothing(one, first) else one for one in holding(decided)]


def _came_to_nothing(one: Held, first: Mapping[tuple[int, str], Any]) -> bool:
    names = [name for name in one.after if name in ABOUT]
    return bool(names) and not one.text and all(first.get((one.item, name), ...) == one.after[name] for name in names)


def _rest(one: Held, kept: set[str]) -> Held:
    after = {name: value for name, value in one.after.items() if ABOUT.get(name) in kept}
    what = "due" if one.what == "owner" and kept == {"due"} else one.what
    return msgspec.structs.replace(one, what=what, after=after)
