"""Who decides: a person, a token, or Lineup itself."""

from __future__ import annotations

from typing import Any, Self

import msgspec

from triage.store.text import clean

NAME = 150  # characters


class Actor(msgspec.Struct, frozen=True):
    user: Any | None  # None: a token, or Lineup
    who: str  # the name that stays when the account goes

    @classmethod
    def of(cls, user: Any) -> Self:
        return cls(user, clean(user.get_username(), NAME))


LINEUP = Actor(None, "Lineup")
