"""What people are told: written with what it tells of, sent later, once."""

from __future__ import annotations

from typing import Any


def tell(
    project_id: int, event: str, key: str, data: dict[str, Any], *, kind: str = "", level: str = "", branch: str = ""
) -> None:
    """Notes something for every rule of the project that asks for it. Call it in the transaction that makes it true.

    `key` names what it is about, such as `item:12`: no rule is given the same key twice.
    """


def tell_person(project_id: int, user_id: int, event: str, key: str, data: dict[str, Any]) -> None:
    """The same to one person, by mail: a mention, an item that became theirs."""
