"""Which member somebody may have meant by a name that is nobody's."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

ALIKE = 0.66  # of 1: bert and brt are 0.86, anna and hanna 0.89, anna and lena 0.5
LONGEST = 60  # characters that are compared


def nearest(name: str, members: Iterable[tuple[str, str]]) -> str:
    """The user name of the member with the likest name, "" where none is like it. `members`: user and full names."""
    known: dict[str, str] = {}
    for user_name, full_name in members:
        for each in (user_name, full_name, *full_name.split()):
            known.setdefault(each.lower()[:LONGEST], user_name)
    close = get_close_matches(" ".join(name.lower().split())[:LONGEST], [each for each in known if each], 1, ALIKE)
    return known[close[0]] if close else ""
